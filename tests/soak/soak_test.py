"""Tests of the soak with stand-ins for its parts: whatever goes wrong is told, and nothing hides it."""

import contextlib
import io
import json
import pathlib
import stat
import tempfile
import unittest

import parts
import soak


def healthy(seed, until, record):
    return {"rounds": 1, "slowest_max_ms": seed}


def broken(seed, until, record):
    raise parts.Finding("a payment is missing")


def surprised(seed, until, record):
    raise KeyError("nobody expected this")


class SoakTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.record = self.folder / "soak" / "record.jsonl"

    def run_soak(self, arguments, *named):
        """Exit code, summary and what else was said."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = soak.main([*arguments, "--record", str(self.record)], [(name, part, 1) for name, part in named])
        return code, json.loads(out.getvalue().splitlines()[-1]), err.getvalue() + out.getvalue()


class Runs(SoakTest):
    def test_counts_of_all_parts_are_summed(self):
        code, summary, _ = self.run_soak(["--minutes", "0"], ("kills", healthy), ("flipper", healthy))
        self.assertEqual((code, summary["passed"], summary["rounds"]), (0, True, 2))

    def test_a_finding_names_its_seed_and_how_to_see_it_again(self):
        code, summary, said = self.run_soak(["--minutes", "0", "--seed", "5"], ("kills", broken), ("flipper", healthy))
        self.assertEqual((code, summary["passed"], summary["rounds"]), (1, False, 1))
        finding = summary["findings"][0]
        self.assertIn("a payment is missing", finding["what"])
        self.assertEqual(finding["again"], f"./dev soak --only kills --seed {finding['seed']} --once")
        self.assertIn(finding["again"], said)
        seeds = []
        self.run_soak(finding["again"].split()[2:], ("kills", lambda seed, until, record: seeds.append(seed) or {}))
        self.assertEqual(seeds, [finding["seed"]])

    def test_an_error_nobody_thought_of_is_a_finding(self):
        code, summary, _ = self.run_soak(["--minutes", "0"], ("simulator", surprised))
        self.assertEqual((code, len(summary["findings"])), (1, 1))

    def test_programs_that_fail_are_findings(self):
        for name in ("power-cuts", "peerpay-sim", "peerpay-explore", "peerpay-bench"):
            program = self.folder / name
            program.write_text("#!/bin/sh\necho it broke >&2\nkill -ABRT $$\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        own, parts.BIN = parts.BIN, self.folder
        self.addCleanup(setattr, parts, "BIN", own)
        for part in (parts.power_cuts, parts.simulator, parts.behaviours, parts.twins, parts.explore, parts.restarts):
            with self.assertRaisesRegex(parts.Finding, "ended with -6: it broke"):
                part(1, 0, {})


class Reports(SoakTest):
    def test_what_was_counted_is_kept_and_the_worst_stays(self):
        for seed in (7, 3):
            self.run_soak(["--once", "--seed", str(seed)], ("kills", healthy))
        _, summary, _ = self.run_soak(["--report"])
        self.assertEqual(summary["total"], {"rounds": 2, "slowest_max_ms": 7})

    def test_a_finding_stays_in_the_report(self):
        self.run_soak(["--once", "--seed", "1"], ("kills", broken))
        code, summary, _ = self.run_soak(["--report"])
        self.assertEqual((code, len(summary["findings"])), (1, 1))

    def test_a_finding_is_answered_when_its_run_passes_on_a_later_commit(self):
        finding = {"part": "kills", "seed": 1, "what": "lost"}
        record = soak.Record(self.record)
        for entry in ({"seed": 1, "commit": "a", "finding": finding}, {"seed": 1, "commit": "a", "finding": None},
                      {"seed": 2, "commit": "b", "finding": None}):
            record.append({"part": "kills", "counts": {}, **entry})
        self.assertEqual((len(record.findings), record.answered), (1, []))
        record.append({"part": "kills", "seed": 1, "commit": "b", "counts": {}, "finding": None})
        self.assertEqual((record.findings, len(record.answered)), ([], 1))
        self.assertEqual(self.run_soak(["--report"])[1]["findings"], [])

    def test_fuzzing_goes_for_the_goal_first_and_then_for_the_least(self):
        targets = [f"t{i:02}" for i in range(46)]
        self.assertEqual(parts.next_target(targets, {"fuzz_min_t45": 3}), "t00")
        begun = {f"fuzz_min_t{i:02}": 2 for i in range(30)}
        self.assertEqual(parts.next_target(targets, {**begun, "fuzz_min_t07": 1}), "t07")
        self.assertEqual(parts.next_target(targets, {name: 20 for name in begun}), "t30")

    def test_a_goal_is_open_until_all_of_it_is_reached(self):
        for name, wanted in (("kills", 2000), ("power_cuts", 20000), ("explored_states", 10**7)):
            self.assertFalse(any(goal.met for goal in soak.goals({name: wanted - 1})))
            self.assertEqual(sum(goal.met for goal in soak.goals({name: wanted})), 1)
        cells = {parts.cell_name(cell): 1000 for cell in parts.CELLS}
        self.assertEqual(len(cells), 26 * 4)
        self.assertEqual(sum(goal.met for goal in soak.goals(cells)), 1)
        self.assertFalse(any(goal.met for goal in soak.goals({**cells, "cell_B26_13": 999})))
        fuzzed = {f"fuzz_min_{i}": 20 for i in range(30)}
        self.assertEqual(sum(goal.met for goal in soak.goals(fuzzed)), 1)
        self.assertFalse(any(goal.met for goal in soak.goals({**fuzzed, "fuzz_min_0": 19.9})))

    def test_parts_that_reached_their_goal_are_left_out(self):
        done = lambda seed, until, record: {"kills": 2000}
        self.run_soak(["--once"], ("kills", done))
        _, summary, _ = self.run_soak(["--to-goal", "--minutes", "0"], ("kills", broken), ("power-cuts", healthy))
        self.assertEqual((summary["passed"], summary["rounds"]), (True, 1))

    def test_the_least_tried_goes_first(self):
        chosen = []
        own, parts.run_program = parts.run_program, lambda name, *arguments: chosen.append(arguments[1:4:2])
        self.addCleanup(setattr, parts, "run_program", own)
        record = {parts.cell_name(cell): 50 for cell in parts.CELLS if cell != ("B7", 10)}
        parts.behaviours(1, 0, record)
        self.assertEqual(chosen, [("B7", 10)])


if __name__ == "__main__":
    unittest.main()
