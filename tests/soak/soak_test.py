"""Tests of the soak with stand-ins for its parts: whatever goes wrong is told, and nothing hides it."""

import contextlib
import io
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import parts
import soak

BRIEFLY = ("--minutes", "1e-9")  # each part once


def healthy(seed, until, focus):
    return {"rounds": 1, "slowest_max_ms": seed}


def broken(seed, until, focus):
    raise parts.Finding(f"a payment is missing: {parts.ROOT}/build/log")


def surprised(seed, until, focus):
    raise KeyError("nobody expected this")


def is_running(pid):
    status = pathlib.Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


class SoakTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.record = self.folder / "soak" / "record.jsonl"
        self.kept = self.folder / "kept.jsonl"
        self.replace(soak.Record, "is_later", staticmethod(lambda commit, than: commit > than))

    def replace(self, where, name, by):
        self.addCleanup(setattr, where, name, getattr(where, name))
        setattr(where, name, by)

    def program(self, name, script):
        """What parts run under this name."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.replace(parts, "BIN", self.folder)

    def run_soak(self, arguments, *named):
        """Exit code, summary and what else was said."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = soak.main([*arguments, "--record", str(self.record), "--kept", str(self.kept)],
                             [parts.Part(name, run, 1) for name, run in named])
        return code, json.loads(out.getvalue().splitlines()[-1]), err.getvalue() + out.getvalue()


class Runs(SoakTest):
    def test_counts_of_all_parts_are_summed(self):
        code, summary, _ = self.run_soak([*BRIEFLY], ("kills", healthy), ("flipper", healthy))
        self.assertEqual((code, summary["passed"], summary["rounds"]), (0, True, 2))

    def test_a_finding_names_its_seed_and_how_to_see_it_again(self):
        code, summary, said = self.run_soak([*BRIEFLY, "--seed", "5"], ("kills", broken), ("flipper", healthy))
        self.assertEqual((code, summary["passed"], summary["rounds"]), (1, False, 1))
        finding = summary["findings"][0]
        self.assertEqual(finding["what"], "Finding: a payment is missing: build/log")
        self.assertEqual(finding["again"], f"./dev soak --once --only kills --seed {finding['seed']}")
        self.assertIn(finding["again"], said)
        seeds = []
        self.run_soak(finding["again"].split()[2:], ("kills", lambda seed, until, focus: seeds.append(seed) or {}))
        self.assertEqual(seeds, [finding["seed"]])

    def test_an_error_nobody_thought_of_is_a_finding(self):
        code, summary, _ = self.run_soak([*BRIEFLY], ("simulator", surprised))
        self.assertEqual((code, len(summary["findings"])), (1, 1))

    def test_runs_at_the_same_time_look_at_different_things(self):
        together = threading.Barrier(3, timeout=10)
        looked_at = []

        def meet(seed, until, focus):
            together.wait()
            looked_at.append((seed, focus))
            return {"rounds": 1}

        part = parts.Part("fuzz", meet, 1, alone=False,
                          choose=lambda total, running: min({"a", "b", "c", "d"} - set(running)))
        runs = soak.Soak(soak.Record([]), self.record, 1, jobs=3)
        with contextlib.redirect_stderr(io.StringIO()):
            runs.run_for(part, 0, False)
        self.assertEqual(sorted(focus for _, focus in looked_at), ["a", "b", "c"])
        self.assertEqual(len({seed for seed, _ in looked_at}), 3)
        self.assertEqual(soak.Record([self.record]).total, {"rounds": 3})

    def test_what_was_counted_is_told_now_and_then(self):
        runs = soak.Soak(soak.Record([]), self.record, 1, jobs=1)
        part = parts.Part("kills", lambda seed, until, focus: {"kills": 1_000}, 1)
        with contextlib.redirect_stderr(io.StringIO()) as said:
            runs.run(part, 1, 0)
            runs.run(part, 2, 0)
            self.assertEqual(said.getvalue().count("kills: kills 1,000"), 1)
            runs.told_at -= soak.PROGRESS_S
            runs.run(part, 3, 0)
        self.assertEqual(said.getvalue().count("kills: kills 1,000"), 2)

    def test_ctrl_c_ends_all_runs_at_once(self):
        self.program("peerpay-sim", "echo $$ >> started\nexec sleep 60")
        command = [sys.executable, "-B", soak.__file__, "--only", "simulator", "--jobs", "2",
                   "--record", str(self.record), "--kept", str(self.kept)]
        with subprocess.Popen(command, cwd=self.folder, env={**os.environ, "PEERPAY_BIN": str(self.folder)},
                              stderr=subprocess.PIPE, text=True) as running:
            started = self.folder / "started"
            until = time.monotonic() + 20
            while time.monotonic() < until and not (started.exists() and len(started.read_text().split()) == 2):
                time.sleep(0.01)
            running.send_signal(signal.SIGINT)
            said = running.communicate(timeout=20)[1]
        self.assertEqual(running.returncode, 130)
        self.assertIn("stopped", said)
        self.assertFalse(self.record.exists())
        until = time.monotonic() + 20  # the kernel ends what was killed when it gets to it
        while time.monotonic() < until and any(map(is_running, started.read_text().split())):
            time.sleep(0.01)
        self.assertFalse(any(map(is_running, started.read_text().split())))

    def test_a_finding_is_seen_again_with_what_it_looked_at(self):
        part = parts.Part("behaviours", broken, 1, choose=lambda total, running: "B7_10")
        runs = soak.Soak(soak.Record([]), self.record, 1, jobs=1)
        with contextlib.redirect_stderr(io.StringIO()):
            runs.run(part, 5, 0)
        again = runs.findings[0]["finding"]["again"]
        self.assertEqual(again, "./dev soak --once --only behaviours --seed 5 --focus B7_10")
        focused = []
        self.run_soak(again.split()[2:], ("behaviours", lambda seed, until, focus: focused.append(focus) or {}))
        self.assertEqual(focused, ["B7_10"])

    def test_what_makes_no_sense_is_refused(self):
        for arguments in (["--jobs", "0"], ["--jobs", "-2"], ["--minutes", "0"], ["--minutes", "-5"],
                          ["--minutes", "nan"], ["--minutes", "inf"], ["--seed", "-1"],
                          ["--seed", str(parts.SEED_MAX + 1)], ["--focus", "B7_10"],
                          ["--once", "--only", "fuzz", "--focus", "B7_10"],
                          ["--once", "--only", "kills", "--focus", "hex"]):
            with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(io.StringIO()):
                soak.main(arguments)
            self.assertEqual(ended.exception.code, 2)

    def test_right_arguments_can_be_checked_without_a_run(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(soak.main(["--check-arguments", "--seed", str(parts.SEED_MAX), "--jobs", "1",
                                        "--record", str(self.record)], [parts.Part("kills", broken, 1)]), 0)
        self.assertEqual((said.getvalue(), self.record.exists()), ("", False))

    def test_what_a_program_refuses_is_no_finding_and_ends_the_soak(self):
        self.program("peerpay-sim", "echo run >> runs\necho '--seed: no number' >&2\nexit 64")
        simulator = parts.Part("simulator", parts.simulator, 1, alone=False)
        for arguments in (["--once"], ["--minutes", "1", "--jobs", "2"]):
            with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.chdir(self.folder), \
                    contextlib.redirect_stdout(io.StringIO()) as told:
                code = soak.main([*arguments, "--record", str(self.record), "--kept", str(self.kept)],
                                 [simulator, parts.Part("kills", broken, 1)])
            self.assertEqual((code, self.record.exists()), (2, False))
            self.assertEqual(json.loads(told.getvalue())["passed"], False)
            self.assertIn("this soak is wrong", said.getvalue())
            self.assertIn("--seed: no number", said.getvalue())
            self.assertNotIn("FINDING", said.getvalue())
        self.assertLessEqual(len((self.folder / "runs").read_text().split()), 3)

    def test_a_finding_is_told_also_when_a_program_refuses_what_comes_next(self):
        self.program("peerpay-sim", "exit 64")
        code, summary, _ = self.run_soak(["--once"], ("kills", broken), ("simulator", parts.simulator))
        self.assertEqual((code, summary["passed"], len(summary["findings"])), (1, False, 1))

    def test_each_program_has_its_own_exit_code_for_a_wrong_call(self):
        self.program("peerpay-bench", "exit 2")
        with self.assertRaises(parts.WrongArguments):
            parts.run_program("peerpay-bench")
        self.program("peerpay-sim", "exit 2")
        with self.assertRaises(parts.Finding):
            parts.run_program("peerpay-sim")

    def test_without_its_canary_fuzzing_is_a_finding(self):
        looks = []
        runner = type("Runner", (), {"canary_is_found": lambda _: looks.append(1)})
        self.replace(parts, "CANARY", parts.Canary())
        import run as fuzzing
        self.replace(fuzzing, "Runner", lambda _: runner())
        for _ in range(2):
            self.assertRaises(parts.Finding, parts.fuzz, 1, 0, "hex")
        self.assertEqual(len(looks), 2, "a look that found nothing is no answer")

    def test_more_jobs_than_there_is_to_look_at_are_no_error(self):
        looked_at = []
        for part in ("behaviours", "fuzz"):
            counts = parts.Part(part, lambda seed, until, focus: looked_at.append(focus) or {}, 1, alone=False,
                                choose={"behaviours": parts.next_cell, "fuzz": parts.next_target}[part])
            runs = soak.Soak(soak.Record([]), self.record, 1, jobs=1000)
            with contextlib.redirect_stderr(io.StringIO()) as said:
                runs.run_for(counts, 0, False)
            most = len(parts.foci(part))
            self.assertIn(f", {most} at a time", said.getvalue())
            self.assertEqual((len(looked_at), runs.running), (most, []))
            looked_at.clear()

    def test_the_simulators_totals_are_counted_and_are_no_run(self):
        program = self.folder / "peerpay-sim"
        totals = {"runs": 2, "simulated_ms": 7_200_000, "cpu_ms": 3_000}
        lines = [{"seed": 1, "simulated_ms": 1}, {"seed": 2, "simulated_ms": 1}, totals]
        program.write_text("#!/bin/sh\ncat <<END\n" + "\n".join(map(json.dumps, lines)) + "\nEND\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        own, parts.BIN = parts.BIN, self.folder
        self.addCleanup(setattr, parts, "BIN", own)
        self.assertEqual(parts.simulator(1, 0, None),
                         {"simulator_seeds": 2, "simulated_hours": 2, "simulator_cpu_s": 3})

    def test_programs_that_fail_are_findings(self):
        for name in ("power-cuts", "peerpay-sim", "peerpay-explore", "peerpay-bench"):
            self.program(name, "echo it broke >&2\nkill -ABRT $$")
        for part in (parts.power_cuts, parts.simulator, parts.behaviours, parts.twins, parts.explore, parts.restarts):
            with self.assertRaisesRegex(parts.Finding, "ended with -6: it broke"):
                part(1, 0, "B7_10")

    def test_seeds_in_which_a_behaviour_never_showed_are_a_finding(self):
        run = '{"behaviour_acts":%d,"behaviour_witnesses":%d}'
        for acts, witnesses in ((0, 0), (1, 0), (0, 1)):
            self.program("peerpay-sim", f"echo '{run % (acts, witnesses)}'")
            with self.assertRaisesRegex(parts.Finding, "of 1 seeds"):
                parts.behaviours(1, 0, "B7_10")
        self.program("peerpay-sim", f"echo '{run % (3, 2)}'; echo '{run % (0, 0)}'")
        self.assertEqual(parts.behaviours(1, 0, "B7_10"),
                         {"behaviour_seeds": 2, "cell_B7_10": 2, "acted_B7_10": 1, "seen_B7_10": 1})


class Commits(SoakTest):
    def test_only_what_is_later_and_whole_answers(self):
        is_later = soak.is_later  # not the stand-in
        self.replace(soak, "ROOT", self.folder)
        soak.git("init", "-q")
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        file = self.folder / "file"
        hashes = []
        for content in ("1", "2"):
            file.write_text(content)
            soak.git("add", "file")
            soak.git(*identity, "commit", "-qm", content)
            hashes.append(soak.commit())
        first, second = hashes
        self.assertTrue(is_later(second, first))
        for commit, than in ((first, second), (first, first), (second, "cafe"), (second + soak.DIRTY, first)):
            self.assertFalse(is_later(commit, than), (commit, than))
        self.assertTrue(is_later(second, first + soak.DIRTY))
        file.write_text("3")
        self.assertEqual(soak.commit(), second + soak.DIRTY)


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

    def entry(self, **members):
        return {"part": "kills", "seed": 1, "focus": None, "commit": "a", **soak.NOTHING, "finding": None, **members}

    def test_a_finding_is_answered_when_its_run_passes_on_a_later_commit(self):
        finding = {"what": "lost"}
        record = soak.Record([])
        for entry in (self.entry(finding=finding), self.entry(), self.entry(seed=2, commit="b"),
                      self.entry(focus="B7_10", commit="b")):
            record.take(entry)
        self.assertEqual((len(record.findings), record.answered), (1, []))
        record.take(self.entry(commit="b"))
        self.assertEqual((record.findings, len(record.answered)), ([], 1))

    def test_what_is_kept_says_the_same_in_fewer_lines(self):
        entries = [self.entry(seed=seed, commit=commit, runs=1, clock_s=7200, cpu_s=3600,
                              counts={"kills": 2, "a_max_ms": seed})
                   for seed, commit in ((1, "a"), (9, "a"), (5, "b"))]
        entries += [self.entry(seed=seed, runs=1, clock_s=2, finding={"what": "lost"}) for seed in (6, 7)]
        entries += [self.entry(seed=7, commit="b", runs=1, clock_s=2, counts={"kills": 1})]
        self.record.parent.mkdir()
        self.record.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        before = self.run_soak(["--report"])
        for _ in range(2):  # the second has nothing to move
            code, summary, said = self.run_soak(["--keep"])
            self.assertFalse(self.record.exists())
            self.assertEqual((code, said), (before[0], before[2]))
        self.assertEqual((summary["total"], summary["runs"]), ({"kills": 7, "a_max_ms": 9}, 6))
        self.assertEqual((len(summary["findings"]), len(summary["answered"])), (1, 1))
        self.assertEqual(len(self.kept.read_text().splitlines()), 2 + 2 + 1)

    def test_fuzzing_goes_for_the_goal_first_and_then_for_the_least(self):
        targets = [f"t{i:02}" for i in range(46)]
        self.stand_in("all_targets", lambda: targets)
        self.assertEqual(parts.next_target({"fuzz_min_t45": 3}, []), "t00")
        begun = {f"fuzz_min_t{i:02}": 2 for i in range(30)}
        self.assertEqual(parts.next_target({**begun, "fuzz_min_t07": 1}, []), "t07")
        self.assertEqual(parts.next_target({**begun, "fuzz_min_t07": 1}, ["t07"]), "t00")
        self.assertEqual(parts.next_target({name: 20 for name in begun}, []), "t30")
        self.assertEqual(parts.next_target({name: 20 for name in begun}, ["t30"]), "t31")

    def stand_in(self, name, function):
        import run as fuzzing

        self.replace(fuzzing, name, function)

    def test_a_goal_is_open_until_all_of_it_is_reached(self):
        for name, wanted in (("kills", 2000), ("power_cuts", 20000), ("explored_distinct_max", 10**7)):
            self.assertFalse(any(goal.met for goal in soak.goals({name: wanted - 1})))
            self.assertEqual(sum(goal.met for goal in soak.goals({name: wanted})), 1)
        cells = {f"cell_{cell}": 1000 for cell in parts.CELLS}
        self.assertEqual(len(cells), 26 * 4)
        self.assertEqual(sum(goal.met for goal in soak.goals(cells)), 1)
        self.assertFalse(any(goal.met for goal in soak.goals({**cells, "cell_B26_13": 999})))
        restarts = {"restarts": 99, "restarts_within_3_s": 99}
        self.assertEqual(sum(goal.met for goal in soak.goals(restarts)), 1)
        self.assertFalse(any(goal.met for goal in soak.goals({**restarts, "restarts_within_3_s": 98})))
        fuzzed = {f"fuzz_min_{i}": 20 for i in range(30)}
        self.assertEqual(sum(goal.met for goal in soak.goals(fuzzed)), 1)
        self.assertFalse(any(goal.met for goal in soak.goals({**fuzzed, "fuzz_min_0": 19.9})))

    def test_parts_that_reached_their_goal_are_left_out(self):
        done = lambda seed, until, focus: {"kills": 2000}
        self.run_soak(["--once"], ("kills", done))
        _, summary, said = self.run_soak(["--to-goal", *BRIEFLY], ("kills", broken), ("power-cuts", healthy))
        self.assertEqual((summary["passed"], summary["parts"], summary["rounds"]), (True, ["power-cuts"], 1))
        self.assertIn("kills: its goal is reached (./dev soak --report); nothing is run", said)

    def test_the_least_tried_goes_first(self):
        record = {f"cell_{cell}": 50 for cell in parts.CELLS if cell not in ("B7_10", "B9_4")}
        self.assertEqual(parts.next_cell({**record, "cell_B9_4": 49}, []), "B7_10")
        self.assertEqual(parts.next_cell({**record, "cell_B9_4": 49}, ["B7_10"]), "B9_4")


if __name__ == "__main__":
    unittest.main()
