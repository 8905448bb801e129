#!/usr/bin/env python3
"""Tests of run.py: whatever a fuzz program does but end well is a failure, and said so."""

import concurrent.futures
import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import run

# What libFuzzer prints, as far as run.py reads it.
GOOD = """#!/bin/sh
cat >&2 <<'LOG'
#2 INITED cov: 10 ft: 11 corp: 1/1b
#9 NEW cov: 14 ft: 20 corp: 2/9b
stat::number_of_executed_units: 9000
stat::average_exec_per_sec: 900
LOG
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
