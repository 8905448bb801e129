"""Tests of plot.py: which runs share a line, what a point is, and that a drawing shows on light and dark pages."""

import json
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench"))
import plot


def record(**changed):
    return {"validators": 4, "accounts": 10_000, "legs": 1, "payload_bytes": 0, "hot_percent": 0, "clients": 4,
            "in_flight_max": 2_000, "rate_per_second": 0, "history": "on", "profiled": "no",
            "transactions_per_second": 100.0, "bound_per_second": 200.0, "p50_ms": 1.5, "p90_ms": 2.0, "p99_ms": 3.0,
            "max_ms": 4.0, "payments_per_second": 100.0, "ratio": 0.5, "validator_cpu_us_per_transaction": 80.0,
            "seconds": 10, "cores": 2, "other_cpu_seconds": 1.0,
            "rss_bytes_by_process": {"validator-0": 2**20, "validator-1": 2**21},
            **changed}


def profiled(**changed):
    return record(profiled="yes", stage_us_per_transaction={stage: 2.5 for stage in plot.STAGES}, **changed)


ALL = [record(), record(accounts=1_000_000), record(validators=1), record(rate_per_second=10),
       record(rate_per_second=20), profiled(), profiled(validators=1), profiled(legs=100)]


class Plot(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_line_joins_runs_that_differ_in_the_axis_alone(self):
        series = plot.series_by("accounts", [record(), record(accounts=20), record(validators=1, accounts=30)])
        self.assertEqual([list(line.points) for line in series], [[20, 10_000]])

    def test_only_the_longest_lines_are_drawn(self):
        short = [record(legs=100), record(legs=100, accounts=20)]
        series = plot.series_by("accounts", [record(), record(accounts=20), record(accounts=30), *short])
        self.assertEqual([list(line.points) for line in series], [[20, 30, 10_000]])

    def test_a_point_is_the_median_of_its_runs(self):
        runs = [record(transactions_per_second=figure) for figure in (5, 900, 7)]
        script = plot.CHARTS[0]([*runs, record(accounts=20)]).script
        self.assertIn("\n10000 7\n", script)

    def test_profiled_and_paced_runs_say_nothing_about_throughput(self):
        self.assertIsNone(plot.CHARTS[0]([record(), profiled(accounts=20), record(accounts=30, rate_per_second=5)]))

    def test_a_legend_names_what_differs_and_the_title_what_does_not(self):
        runs = [record(accounts=accounts, legs=legs) for accounts in (10, 20) for legs in (1, 100)]
        script = plot.CHARTS[0](runs).script
        self.assertIn('title "measured, 1 leg"', script)
        self.assertIn('title "measured, 100 legs"', script)
        self.assertIn('set title "Throughput: 4 validators"', script)

    def test_every_stage_is_in_the_bar(self):
        payment, payroll = (make(ALL).script for make in plot.CHARTS[3:])
        for stage in plot.STAGES:
            self.assertIn(f'title "{stage}"', payment)
        for label in ("1 validator", "4 validators"):
            self.assertIn(f'"{label}" ' + " ".join(["2.5"] * 12), payment)
        self.assertIn('"4 validators, 10,000 accounts, 100 legs" 2.5', payroll)

    def test_the_table_has_a_line_for_each_configuration(self):
        lines = plot.table([*ALL, record(p50_ms=3.5, history="off")]).splitlines()
        self.assertEqual(len(lines), 2 + 6)
        self.assertIn("| 4 | 10,000 | 1 |  |  | 100 | 100 | 0.50 | 2 | 3 | 80 | 2 | 5 % |", lines)
        self.assertIn("| 4 | 10,000 | 1 | history off |  | 100 | 100 | 0.50 | 4 | 3 | 80 | 2 | 5 % |", lines)
        self.assertIn("| 4 | 10,000 | 1 |  | 20 | 100 | 100 | 0.50 | 2 | 3 | 80 | 2 | 5 % |", lines)

    def test_ink_is_that_of_the_page(self):
        svg = plot.themed("<?xml?><svg width='1'><g color=\"black\"/><path stroke='black'/></svg>")
        self.assertNotIn("black", svg)
        self.assertIn("prefers-color-scheme:dark", svg)

    def test_draws_every_chart(self):
        for make in plot.CHARTS:
            chart = make(ALL)
            with self.subTest(chart.name):
                root = xml.etree.ElementTree.parse(plot.draw(chart, self.folder)).getroot()
                self.assertTrue(root.tag.endswith("svg"))

    def test_reads_a_line_for_each_run(self):
        path = self.folder / "record.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in ALL))
        self.assertEqual(plot.read_records(path), ALL)


if __name__ == "__main__":
    unittest.main()
