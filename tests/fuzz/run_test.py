#!/usr/bin/env python3
"""Tests of run.py: whatever a fuzz program does but end well is a failure, and said so."""

import concurrent.futures
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import run

sys.path.append(str(run.FOLDER.parent / "soak"))

# What libFuzzer prints, as far as run.py reads it.
GOOD = """#!/bin/sh
cat >&2 <<'LOG'
#2 INITED cov: 10 ft: 11 corp: 1/1b
#9 NEW cov: 14 ft: 20 corp: 2/9b
stat::number_of_executed_units: 9000
stat::average_exec_per_sec: 900
LOG
"""


# Fails on every input in which it finds the word, and says what it was told.
PICKY = GOOD.replace("cat >&2", """echo "$@" >> told
for argument; do
  case $argument in -*) continue ;; esac
  [ -f "$argument" ] && grep -q bad "$argument" && exit 77
done
cat >&2""")


# Merges by copying all that it is given, from the second folder on, into the first.
MERGE = """#!/bin/sh
shift 2
into=$1
shift
for folder; do cp "$folder"/* "$into" || exit 1; done
"""


def failing(kind: str, code: int) -> str:
    """Keeps an input where it was told to, and ends with `code`."""
    return f"""#!/bin/sh
for argument; do
  case $argument in -artifact_prefix=*) printf x > "${{argument#-artifact_prefix=}}{kind}-1" ;; esac
done
exit {code}
"""


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.build = pathlib.Path(self.folder.name)
        (self.build / "bin").mkdir()
        self.runner = run.Runner(self.build, self.build / "corpus")

    def tearDown(self) -> None:
        self.folder.cleanup()

    def install(self, target: str, script: str) -> None:
        path = self.build / "bin" / f"fuzz_{target}"
        path.write_text(script)
        path.chmod(0o755)

    def run_all(self, *targets: str) -> tuple[int, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = run.run_all(self.runner, list(targets), 1, True)
        return code, out.getvalue()

    def test_two_runs_of_a_target_come_one_after_the_other(self) -> None:
        self.install("json", GOOD.replace("cat >&2", "mkdir alone || exit 1\nsleep 0.2\nrmdir alone\ncat >&2"))
        with contextlib.chdir(self.build), concurrent.futures.ThreadPoolExecutor(3) as pool:
            runs = list(pool.map(lambda _: self.runner.run("json", 1), range(3)))
        self.assertEqual([done.line() for done in runs if done.failed], [])
        self.assertGreaterEqual(min(done.seconds for done in runs), 0.2)

    def test_figures_come_from_the_log(self) -> None:
        self.install("canary", failing("crash", 77))
        self.install("json", GOOD)
        code, out = self.run_all("json")
        self.assertEqual(code, 0, out)
        summary = json.loads(out.splitlines()[-1])
        self.assertTrue(summary["canary_found"])
        self.assertEqual(summary["executions"], 9000)
        self.assertEqual(summary["failed"], [])
        self.assertEqual(summary["runs"][0]["coverage"], 14)
        self.assertEqual(summary["runs"][0]["coverage_new"], 4)
        self.assertEqual(summary["runs"][0]["executions_per_second"], 900)

    def test_every_way_to_fail_is_a_failure(self) -> None:
        self.install("canary", failing("crash", 77))
        self.install("good", GOOD)
        for kind, exit_code in (("crash", 77), ("timeout", 70), ("oom", 71), ("leak", 77), ("x", 1)):
            self.install("json", failing(kind, exit_code))
            code, out = self.run_all("json", "good")
            self.assertEqual(code, 1, kind)
            self.assertIn(f"FAILED ({exit_code})", out)
            self.assertIn(f"./dev fuzz --reproduce json {self.build}", out)
            self.assertEqual(json.loads(out.splitlines()[-1])["failed"], ["json"])

    def keep(self, name: str, content: str) -> pathlib.Path:
        """As if a run had found it."""
        path = self.build / "fuzz" / "findings" / "json" / "some-run" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def test_what_a_run_found_outlives_the_next_ones(self) -> None:
        found = []
        for script in (failing("crash", 77), failing("crash", 77), failing("leak", 77)):
            self.install("json", script)
            with mock.patch.object(run.Runner, "_still_failing", return_value=None):
                found.append(pathlib.Path(self.runner.run("json", 1).finding))
        self.install("json", GOOD)
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertFalse(self.runner.run("json", 1).failed)
        kept = [path for path in self.runner.findings.rglob("*") if path.is_file() and path.name != "log"]
        self.assertEqual(len(set(found)), 3)
        self.assertEqual(len(kept), 3, "moved aside, as they pass, but there")

    def test_what_still_fails_fails_at_once_and_is_named(self) -> None:
        self.install("json", PICKY)
        path = self.keep("crash-1", "bad")
        with contextlib.chdir(self.build):
            for _ in range(2):
                done = self.runner.run("json", 1)
                self.assertTrue(done.failed)
                self.assertIn(f"./dev fuzz --reproduce json {path}", done.line())
        self.assertNotIn("-max_total_time", (self.build / "told").read_text())
        self.assertTrue(path.is_file())

    def test_what_passes_now_is_moved_aside_and_said(self) -> None:
        self.install("json", PICKY)
        path = self.keep("crash-1", "good")
        said = io.StringIO()
        with contextlib.chdir(self.build), contextlib.redirect_stderr(said):
            self.assertFalse(self.runner.run("json", 1).failed)
            self.assertFalse(self.runner.run("json", 1).failed)
        aside = self.build / "fuzz/findings/json/mended/some-run-crash-1"
        self.assertEqual(said.getvalue().splitlines(), [f"{'json':<20} passes now: {path}, moved to {aside}"])
        self.assertEqual(aside.read_text(), "good")

    def test_a_sound_run_leaves_nothing_and_a_failed_one_its_log(self) -> None:
        self.install("json", GOOD)
        self.runner.run("json", 1)
        self.assertEqual([path for path in self.runner.findings.rglob("*") if path.is_file()], [])
        self.install("json", "#!/bin/sh\necho trouble\nexit 3\n")
        done = self.runner.run("json", 1)
        self.assertIn(f"see {done.log}", done.line())
        self.assertEqual(pathlib.Path(done.log).read_text(), "trouble\n")

    def test_the_seed_is_handed_on_in_32_bits_and_said(self) -> None:
        self.install("json", PICKY)
        with contextlib.chdir(self.build):
            for seed, told in ((7, 7), (2**32 + 5, 5), (0, 1), (2**32, 1)):
                done = self.runner.run("json", 1, seed)
                self.assertEqual(done.seed, told)
                self.assertIn(f"-seed={told} ", (self.build / "told").read_text().splitlines()[-1])
                self.assertTrue(done.line().endswith(f"seed {told}"))
            self.assertNotEqual(self.runner.run("json", 1).seed, self.runner.run("json", 1).seed)

    def test_a_soak_hands_its_seed_on(self) -> None:
        import parts

        with mock.patch.object(run.Runner, "run", return_value=run.Run("json", 0, 9000)) as runs, \
                mock.patch.object(run.Runner, "canary_is_found", return_value=True):
            parts.fuzz(123, 0, "json")
        self.assertEqual(runs.call_args.args, ("json", parts.FUZZ_S, 123))

    def test_what_cannot_be_meant_is_refused_in_a_sentence(self) -> None:
        self.install("json", GOOD)
        for arguments, sentence in (
            (["--reproduce", "nosuch", __file__], "no such target: nosuch"),
            (["--reproduce", "json", "/nonexistent"], "no such file: /nonexistent"),
            (["nosuch"], "no such target: nosuch"),
            (["--seconds", "0"], "--seconds is 1 at least"),
            (["--seconds", "-1"], "--seconds is 1 at least"),
            (["--seed", "-1"], "--seed is 0 at least"),
        ):
            with self.subTest(arguments), contextlib.redirect_stderr(io.StringIO()) as said:
                with self.assertRaises(SystemExit) as ended:
                    run.parse([str(self.build), *arguments])
                self.assertEqual(ended.exception.code, 2)
                self.assertIn(sentence, said.getvalue())

    def test_targets_may_come_before_and_after_options(self) -> None:
        for arguments in (["--seconds", "7", "--json", "hex", "url"], ["hex", "--json", "--seconds", "7", "url"]):
            options = run.parse([str(self.build), *arguments])
            self.assertEqual((options.targets, options.seconds), (["hex", "url"], 7))

    def test_no_merge_drops_the_input_of_a_bug(self) -> None:
        self.install("json", MERGE)
        corpus = self.build / "corpus" / "json"
        work = self.build / "fuzz" / "work" / "json"
        for folder in (corpus, work):
            folder.mkdir(parents=True)
        for number in range(200):
            (work / f"{number}").write_text(f"input {number:03}")
        (corpus / "old.bin").write_text("old")
        names = [f"{run.REGRESSION}{number}.bin" for number in range(5)]
        for name in names:
            (corpus / name).write_text(name * 1000)
        self.runner.merge("json")
        left = sorted(path.name for path in corpus.iterdir())
        self.assertEqual([name for name in left if name.startswith(run.REGRESSION)], names)
        self.assertNotIn("old.bin", left)
        self.assertLessEqual(len(left), run.CORPUS_FILES_MAX + len(names))

    def test_a_merge_before_the_first_run_takes_the_corpus_alone(self) -> None:
        self.install("json", MERGE)
        corpus = self.build / "corpus" / "json"
        corpus.mkdir(parents=True)
        (corpus / "old.bin").write_text("old")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(run.merge_all(self.runner, ["json"]), 0)
        self.assertEqual(said.getvalue(), f"{'json':<20} 1 files\n")
        self.assertEqual([path.read_text() for path in corpus.iterdir()], ["old"])

    def test_a_merge_that_fails_says_why_in_a_sentence_and_changes_nothing(self) -> None:
        corpus = self.build / "corpus" / "json"
        corpus.mkdir(parents=True)
        (corpus / "old.bin").write_text("old")
        for script, why in (("echo begins; echo 'ERROR: no such folder' >&2; exit 1", "ERROR: no such folder"),
                            ("exit 3", "exit code 3")):
            self.install("json", f"#!/bin/sh\n{script}\n")
            with contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(run.merge_all(self.runner, ["json"]), 1)
            self.assertEqual(said.getvalue(), f"json cannot be merged, and its corpus stays as it was: {why}\n")
            self.assertEqual([path.name for path in corpus.iterdir()], ["old.bin"])

    def test_a_run_that_tried_next_to_nothing_is_a_failure(self) -> None:
        self.install("canary", failing("crash", 77))
        self.install("json", GOOD.replace("9000", "99"))
        code, out = self.run_all("json")
        self.assertEqual(code, 1)
        self.assertIn("STARVED", out)

    def test_a_program_that_does_not_stop_is_a_failure(self) -> None:
        self.install("json", "#!/bin/sh\nexec tail -f /dev/null\n")
        grace, run.GRACE_SECONDS = run.GRACE_SECONDS, 0
        try:
            self.assertTrue(self.runner.run("json", 1).failed)
        finally:
            run.GRACE_SECONDS = grace

    def test_without_the_canary_nothing_is_believed(self) -> None:
        self.install("canary", GOOD)
        self.install("json", GOOD)
        code, out = self.run_all("json")
        self.assertEqual(code, 1)
        self.assertIn("NOT FOUND", out)
        self.assertFalse(json.loads(out.splitlines()[-1])["canary_found"])

    def test_a_canary_that_ends_without_an_input_is_not_found(self) -> None:
        self.install("canary", "#!/bin/sh\nexit 77\n")
        self.assertFalse(self.runner.canary_is_found())

    def test_a_canary_that_was_found_before_is_not_found_by_that(self) -> None:
        self.install("canary", failing("crash", 77))
        self.assertTrue(self.runner.canary_is_found())
        self.install("canary", GOOD)
        self.assertFalse(self.runner.canary_is_found())

    def test_every_target_has_a_file_and_a_corpus(self) -> None:
        targets = run.all_targets()
        self.assertGreaterEqual(len(targets), 30)
        for target in targets:
            self.assertTrue((run.FOLDER / f"{target}_fuzz.cpp").is_file(), target)
            self.assertTrue(list((run.FOLDER / "corpus" / target).glob("*.bin")), target)

    def test_the_corpora_are_small(self) -> None:
        files = [path for path in (run.FOLDER / "corpus").rglob("*") if path.is_file()]
        self.assertLess(sum(path.stat().st_size for path in files), 2 * 1024 * 1024)
        self.assertLessEqual(max(path.stat().st_size for path in files), run.CORPUS_FILE_BYTES_MAX)


if __name__ == "__main__":
    unittest.main()
