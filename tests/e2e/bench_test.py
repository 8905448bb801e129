"""The benchmarks of a network, briefly: every figure and record that docs/performance/README.md names is there."""

import json
import pathlib
import tempfile
import unittest

from harness import run


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.record = pathlib.Path(folder.name) / "record.jsonl"

    def network(self, *options):
        """The printed medians, and the lines of the record."""
        printed = run("peerpay-bench", "network", "--json", "--warm-up", 1, "--seconds", 1, "--accounts", 1000,
                      "--clients", 2, "--record", self.record, *options).json()
        return printed, [json.loads(line) for line in self.record.read_text().splitlines()]

    def test_runs_are_recorded_one_by_one_and_their_medians_printed(self):
        printed, recorded = self.network("--validators", 4, "--runs", 2)
        self.assertEqual([record["run"] for record in recorded], [1, 2])
        for record in recorded:
            self.assertEqual(record["validators"], 4)
            self.assertGreater(record["transactions"], 0)
            self.assertGreater(record["machine"]["cores"], 0)
            self.assertIn("network --json", record["command"])
            # All that the processes took is told by their threads.
            threads = sum(record["thread_us_per_transaction"].values())
            self.assertAlmostEqual(threads / record["validator_cpu_us_per_transaction"], 1, delta=0.15)
        self.assertEqual(printed["transactions_per_second"],
                         min(record["transactions_per_second"] for record in recorded))

    def test_payrolls_at_a_rate(self):
        printed, _ = self.network("--validators", 1, "--legs", 4, "--payload", 1024, "--hot", 50, "--history", "off",
                                  "--rate", 50)
        self.assertEqual(printed["history"], "off")
        self.assertEqual(printed["rate_per_second"], 50)
        self.assertGreater(printed["transactions"], 0)
        self.assertAlmostEqual(printed["payments_per_second"], 4 * printed["transactions_per_second"], delta=0.1)
        self.assertGreaterEqual(printed["max_ms"], printed["p50_ms"])
        self.assertEqual((printed["refused"], printed["expired"], printed["unsettled"]), (0, 0, 0))

    def test_a_validator_that_was_away_catches_up(self):
        printed = run("peerpay-bench", "catch-up", "--json", "--accounts", 1000, "--payments", 500).json()
        self.assertEqual(printed["transactions"], 500)
        self.assertGreaterEqual(printed["blocks"], printed["blocks_missing_then"])
        self.assertGreaterEqual(printed["caught_up_after_seconds"], printed["answers_after_seconds"])
        self.assertAlmostEqual(printed["catch_up_transactions_per_second"] * printed["caught_up_after_seconds"], 500,
                               delta=0.1)
        self.assertGreater(printed["blocks"], 0)
        self.assertGreater(printed["home_bytes"], 0)

    def test_what_lies_in_the_store_grows(self):
        sizes = ["start", "64 MiB"]
        printed = run("peerpay-bench", "growth", "--json", "--accounts", 1000, "--mib", 64, "--seconds", 1).json()
        for figure in ("transactions_per_second", "validator_cpu_us_per_transaction", "rss_bytes", "restart_seconds",
                       "rss_after_restart_bytes"):
            self.assertEqual(list(printed[figure]), sizes)
            self.assertGreater(min(printed[figure].values()), 0)
        self.assertLess(printed["home_bytes"]["start"], 2**26)
        self.assertGreaterEqual(printed["home_bytes"]["64 MiB"], 2**26)

    def test_sizes_that_shrink_are_refused(self):
        finished = run("peerpay-bench", "growth", "--mib", 2, "--mib", 1, expect=1)
        self.assertIn("--mib has to ascend.", finished.err)

    def test_says_what_the_ledger_does_not_know(self):
        finished = run("peerpay-bench", "network", "--payload", 1024, expect=1)
        self.assertIn("need at least 4 legs", finished.err)


if __name__ == "__main__":
    unittest.main()
