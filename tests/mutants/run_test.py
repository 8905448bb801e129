#!/usr/bin/env python3
"""Every mutant still has its one place in the sources: they must not rot until somebody runs them. And nothing but
what a program says, or its having no end however long one waits, kills one."""

import contextlib
import io
import json
import pathlib
import subprocess
import tempfile
import time
import unittest
from unittest import mock

import run

MUTANTS_MIN = 30


class MutantsTest(unittest.TestCase):
    def test_every_mutant_changes_the_one_place_that_it_names(self) -> None:
        for mutant in run.load():
            with self.subTest(mutant.name):
                text = (run.ROOT / mutant.file).read_text()
                self.assertNotEqual(mutant.apply_to(text), text)

    def test_a_place_that_is_gone_is_told(self) -> None:
        gone = run.Mutant("gone", "", "ledger/apply.cpp", "no such line", "")
        with self.assertRaisesRegex(ValueError, "has 0 such places"):
            gone.apply_to("something else")

    def test_there_are_enough_and_names_are_unique(self) -> None:
        names = [mutant.name for mutant in run.load()]
        self.assertGreaterEqual(len(names), MUTANTS_MIN)
        self.assertEqual(len(names), len(set(names)))


class Arguments(unittest.TestCase):
    def test_what_cannot_be_meant_is_refused_in_a_sentence(self) -> None:
        for words, sentence in ((["--jobs", "0"], "--jobs is 1 at least"),
                                (["--jobs", "-1"], "--jobs is 1 at least"),
                                (["--seconds", "0"], "--seconds is more than 0, and finite"),
                                (["--seconds", "nan"], "--seconds is more than 0, and finite"),
                                (["--seconds", "inf"], "--seconds is more than 0, and finite")):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()) as said:
                with self.assertRaises(SystemExit) as ended:
                    run.options(words)
                self.assertEqual(ended.exception.code, 2)
                self.assertIn(sentence, said.getvalue())


class FakeCopy:
    """Its programs are scripts, which may look at the planted source: the file "source"."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.source = self.build = folder
        self.compiled: list[str] = []
        self.fails_to_compile = False
        (folder / "source").write_text("sound")
        for name in (run.SIMULATOR, *UNIT_TESTS):
            self.install(name, "true")

    def install(self, name: str, script: str) -> None:
        self.program(name).write_text(f"#!/bin/sh\n{script}\n")
        self.program(name).chmod(0o755)

    def program(self, name: str) -> pathlib.Path:
        return self.build / name

    def compile(self, target: str) -> subprocess.CompletedProcess[str]:
        self.compiled.append(target)
        planted = (self.source / "source").read_text() != "sound"
        return subprocess.CompletedProcess([], int(planted and self.fails_to_compile), "x.cpp: error: no", "")


def when_planted(script: str) -> str:
    return f"grep -q bug source || exit 0\n{script}"


HANG = "exec tail -f /dev/null"
UNIT_TESTS = ("unit_consensus", "unit_ledger", "unit_storage")
PATIENCE_S = 3  # a busy machine needs a while for next to nothing


class HuntTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.copy = FakeCopy(pathlib.Path(folder.name))
        self.mutant = run.Mutant("planted", "a rule", "source", "sound", "bug")
        for name, value in (("PATIENCE_SECONDS_MIN", PATIENCE_S), ("UNIT_TESTS", UNIT_TESTS)):
            patch = mock.patch.object(run, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def hunt(self, seconds_max: float = 20, mutant: run.Mutant | None = None) -> tuple[int, dict]:
        """The exit code and what became of the one mutant."""
        code, summary = self.run_all([mutant or self.mutant], seconds_max)
        return code, summary["results"][0]

    def run_all(self, mutants: list[run.Mutant], seconds_max: float = 20) -> tuple[int, dict]:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = run.run_all(self.copy, mutants, seconds_max, "c0ffee")
        self.assertEqual((self.copy.source / "source").read_text(), "sound")
        return code, json.loads(said.getvalue().splitlines()[-1])

    def test_what_a_program_says_is_a_finding(self) -> None:
        self.copy.install("unit_ledger", when_planted("echo '[  FAILED  ] Ledger.Adds'; exit 1"))
        code, result = self.hunt()
        self.assertEqual(code, 0)
        self.assertEqual((result["result"], result["checker"]), ("found", "unit_ledger"))
        self.assertIn("Ledger.Adds", result["what"])

    def test_what_nobody_finds_survives(self) -> None:
        code, result = self.hunt()
        self.assertEqual((code, result["result"], result["checker"]), (1, "survived", ""))

    def test_no_end_is_a_finding_after_many_times_what_the_sound_program_takes(self) -> None:
        self.copy.install("unit_ledger", when_planted(HANG))
        code, result = self.hunt()
        self.assertEqual((code, result["checker"], result["what"]), (0, "unit_ledger", "no end within 3 s"))
        self.copy.install("unit_ledger", f"sleep 0.7\n{when_planted(HANG)}")
        _, result = self.hunt()
        self.assertEqual(result["result"], "found")
        self.assertGreaterEqual(result["seconds"], 5 * 0.7)

    def test_too_little_time_finds_nothing(self) -> None:
        self.copy.install("unit_ledger", when_planted("sleep 1.5"))
        with mock.patch.object(run, "PATIENCE_SECONDS_MIN", 20):
            code, result = self.hunt(seconds_max=1)
        self.assertEqual((code, result["result"], result["checker"]), (1, "undecided", ""))
        self.assertIn("unit_ledger after", result["what"])

    def test_a_simulation_without_end_finds_nothing(self) -> None:
        self.copy.install(run.SIMULATOR, when_planted(HANG))
        code, result = self.hunt()
        self.assertEqual((code, result["result"]), (1, "undecided"))
        self.copy.install("unit_storage", when_planted("exit 1"))
        code, result = self.hunt()
        self.assertEqual((code, result["checker"], result["what"]), (0, "unit_storage", "exit code 1"))

    def test_what_is_found_too_late_is_not_found(self) -> None:
        for name in UNIT_TESTS[:-1]:
            self.copy.install(name, when_planted("sleep 0.6"))
        self.copy.install(UNIT_TESTS[-1], when_planted("exit 1"))
        self.assertEqual(self.hunt(seconds_max=1)[1]["result"], "undecided")
        self.assertEqual(self.hunt(seconds_max=60)[1]["result"], "found")

    def test_compiling_is_not_looking(self) -> None:
        ready = self.copy.compile
        self.copy.install(UNIT_TESTS[-1], when_planted("exit 1"))
        with mock.patch.object(self.copy, "compile", lambda name: (time.sleep(0.6), ready(name))[1]):
            _, result = self.hunt(seconds_max=2)
        self.assertEqual(result["result"], "found")
        self.assertLess(result["seconds"], 2)

    def test_the_checker_that_a_mutant_names_must_be_the_one(self) -> None:
        named = run.Mutant("named", "", "source", "sound", "bug", simulate="--seeds 3", checker="evidence")
        for what, counts in {"safety (evidence): n0": True, "liveness (evidence): x": True,
                             "safety (bounds): evidence": False, "crash: signal 6": False}.items():
            with self.subTest(what):
                self.copy.install(run.SIMULATOR, when_planted(f"echo 'FAILED: {what}'; exit 1"))
                code, result = self.hunt(mutant=named)
                self.assertEqual((code, result["result"]), (0, "found") if counts else (1, "broken"))
        self.assertEqual(set(self.copy.compiled), {run.SIMULATOR}, "nobody else looks for it")

    def test_what_does_not_compile_or_has_no_place_is_broken(self) -> None:
        self.copy.fails_to_compile = True
        code, result = self.hunt()
        self.assertEqual((code, result["result"], result["what"]), (1, "broken", "x.cpp: error: no"))
        gone = run.Mutant("gone", "", "source", "elsewhere", "bug")
        self.assertIn("has 0 such places", self.hunt(mutant=gone)[1]["what"])

    def test_a_program_that_fails_without_a_mutant_ends_everything(self) -> None:
        for script in ("exit 1", HANG):
            self.copy.install("unit_ledger", script)
            with self.assertRaisesRegex(SystemExit, "unit_ledger .*without a mutant"):
                self.run_all([self.mutant], seconds_max=0.5)

    def test_the_last_line_is_a_record(self) -> None:
        self.copy.install("unit_ledger", when_planted("sleep 0.1; exit 1"))
        other = run.Mutant("other", "another rule", "source", "sound", "harmless")
        code, summary = self.run_all([self.mutant, other])
        self.assertEqual(code, 1)
        self.assertEqual((summary["mutants"], summary["found"], summary["seconds_max"]), (2, 1, 20))
        self.assertEqual([(result["name"], result["result"], result["checker"], result["commit"])
                          for result in summary["results"]],
                         [("planted", "found", "unit_ledger", "c0ffee"), ("other", "survived", "", "c0ffee")])
        self.assertEqual(summary["seconds_slowest"], summary["results"][0]["seconds"])


if __name__ == "__main__":
    unittest.main()
