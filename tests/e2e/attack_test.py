"""Attacks on a validator, briefly: every honest payment becomes final, and memory stays in bounds.

`peerpay-bench attack` measures them in full, latency included (docs/TESTING.md, "Attacks").
"""

import json
import subprocess
import unittest

from harness import BIN

MIB = 1024 * 1024
GROWTH_MAX = 192 * MIB  # the goal is 64; this machine may be busy, and a debug build larger
ATTACKS = ["idle-connections", "reset-flood", "control-flood", "oversized-frames", "slow-client",
           "future-votes", "slow-peer"]


class Attack(unittest.TestCase):
    def test_honest_payments_become_final_and_memory_stays_in_bounds(self):
        command = [BIN / "peerpay-bench", "attack", "--warm-up", "0", "--calm", "1", "--seconds", "1", "--rate", "40"]
        for name in ATTACKS:
            command += ["--attack", name]
        # The exit code says whether the goals were met, latency among them: that is not asked here.
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertIn(run.returncode, (0, 1), run.stdout + run.stderr)
        figures = json.loads(run.stdout.splitlines()[-1])
        self.assertEqual(list(figures), ATTACKS)
        for name, figure in figures.items():
            with self.subTest(name):
                self.assertIn("final", figure, figure["missed"])
                evidence = next(iter(figure.values()))  # connections or messages of the attack
                self.assertGreater(evidence, 0)
                self.assertGreater(figure["final"], 0)
                self.assertEqual(figure["not_final"], 0)
                self.assertLess(figure["rss_growth_bytes"], GROWTH_MAX)


if __name__ == "__main__":
    unittest.main()
