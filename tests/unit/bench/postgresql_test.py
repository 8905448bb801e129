"""Tests of what postgresql.py makes of measurements; PostgreSQL itself is not needed for them."""

import argparse
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench"))
import postgresql

STAT = "{pid} (postgres: a) b) S {parent} 1 1 0 -1 4194560 9 9 0 0 10 5 300 20 20 0 1 0 77"


class Figures(unittest.TestCase):
    def test_are_those_of_every_call(self):
        log = [f"0 {number} {number * 1000} 0 1700000000 5" for number in range(100, 0, -1)]
        self.assertEqual(postgresql.figures(log, 10, 2, 50),
                         {"transfers_per_second": 500.0, "cpu_us_per_transfer": 400.0, "p50_ms": 50.0, "p90_ms": 90.0,
                          "p99_ms": 99.0})

    def test_of_nothing_are_a_failure(self):
        with self.assertRaises(postgresql.Failure):
            postgresql.figures([], 10, 2, 1)

    def test_percentiles_are_of_the_nearest_rank(self):
        self.assertEqual(postgresql.percentile([7], 50), 7)
        self.assertEqual(postgresql.percentile([1, 2, 3], 50), 2)
        self.assertEqual(postgresql.percentile([1, 2, 3], 99), 3)

    def test_cpu_is_that_of_the_server_and_its_children(self):
        self.assertEqual(postgresql.ticks_of(STAT.format(pid=7, parent=1), 7), 335)  # with those that have ended
        self.assertEqual(postgresql.ticks_of(STAT.format(pid=8, parent=7), 7), 15)
        self.assertEqual(postgresql.ticks_of(STAT.format(pid=9, parent=1), 7), 0)

    def test_a_ratio_above_one_means_that_peerpay_is_ahead(self):
        ours = {"transactions_per_second": 300.0, "validator_cpu_us_per_transaction": 50.0}
        theirs = {"transfers_per_second": 100.0, "cpu_us_per_transfer": 100.0}
        self.assertEqual(postgresql.compare(ours, {"single": theirs, "batch": theirs})["single"],
                         {"throughput": 3.0, "by_cpu": 2.0})

    def test_options_are_bounded(self):
        self.assertEqual(postgresql.at_least(2)("2"), 2)
        with self.assertRaises(argparse.ArgumentTypeError):
            postgresql.at_least(2)("1")


class Durability(unittest.TestCase):
    def test_nothing_is_told_final_before_it_is_synced(self):
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            self.assertEqual(postgresql.SETTINGS[name], "on")


if __name__ == "__main__":
    unittest.main()
