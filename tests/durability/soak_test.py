"""Tests of the soak with stand-ins for its parts: whatever goes wrong is told, and nothing hides it."""

import contextlib
import io
import json
import pathlib
import stat
import tempfile
import unittest

import soak


def healthy(seed, until):
    return {"rounds": 1}


def broken(seed, until):
    raise soak.Finding("a payment is missing")


def surprised(seed, until):
    raise KeyError("nobody expected this")


def run(arguments, *parts):
    """Exit code, summary and what else was said."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = soak.main(arguments, [(name, part, 1) for name, part in parts])
    return code, json.loads(out.getvalue().splitlines()[-1]), err.getvalue()


class Soak(unittest.TestCase):
    def test_counts_of_all_parts_are_summed(self):
        code, summary, _ = run(["--minutes", "0"], ("kills", healthy), ("flipper", healthy))
        self.assertEqual((code, summary["passed"], summary["rounds"]), (0, True, 2))

    def test_a_finding_names_its_seed_and_how_to_see_it_again(self):
        code, summary, said = run(["--minutes", "0", "--seed", "5"], ("kills", broken), ("flipper", healthy))
        self.assertEqual((code, summary["passed"], summary["rounds"]), (1, False, 1))
        finding = summary["findings"][0]
        self.assertIn("a payment is missing", finding["what"])
        self.assertEqual(finding["again"], f"./dev soak --only kills --seed {finding['seed']} --once")
        self.assertIn(finding["again"], said)
        seeds = []
        run(finding["again"].split()[2:], ("kills", lambda seed, until: seeds.append(seed) or {}))
        self.assertEqual(seeds, [finding["seed"]])

    def test_an_error_nobody_thought_of_is_a_finding(self):
        code, summary, _ = run(["--minutes", "0"], ("simulator", surprised))
        self.assertEqual((code, len(summary["findings"])), (1, 1))

    def test_programs_that_fail_are_findings(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("power-cuts", "peerpay-sim"):
                program = pathlib.Path(folder) / name
                program.write_text("#!/bin/sh\necho it broke >&2\nkill -ABRT $$\n")
                program.chmod(program.stat().st_mode | stat.S_IXUSR)
            own, soak.BIN = soak.BIN, pathlib.Path(folder)
            self.addCleanup(setattr, soak, "BIN", own)
            for part in (soak.power_cuts, soak.simulator):
                with self.assertRaisesRegex(soak.Finding, "ended with -6: it broke"):
                    part(1, 0)


if __name__ == "__main__":
    unittest.main()
