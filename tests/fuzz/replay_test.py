#!/usr/bin/env python3
"""Tests of fuzz_replay, whose path is the argument: it says what fails, and that there is nothing to replay."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
CANARY = FOLDER / "canary.bin"
USAGE = 64
FAILED = 77
program = ""


class ReplayTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name) / "work"
        self.temporary = pathlib.Path(folder.name) / "temporary"
        for path in (self.work, self.temporary):
            path.mkdir()

    def replay(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=50,
                              cwd=self.work, env={"TMPDIR": str(self.temporary)})

    def test_a_failure_is_said_and_its_input_kept_among_temporary_files(self) -> None:
        done = self.replay("canary", CANARY)
        self.assertEqual(done.returncode, FAILED, done.stderr)
        said = re.search(r"canary fails on (\S+); kept in (\S+)", done.stderr)
        self.assertIsNotNone(said, done.stderr)
        self.assertEqual(said[1], str(CANARY))
        kept = pathlib.Path(said[2])
        self.assertEqual(kept.parent, self.temporary)
        self.assertEqual(kept.read_bytes(), CANARY.read_bytes())
        self.assertEqual(list(self.work.iterdir()), [], "nothing is written where it was called")

    def test_where_nothing_is_there_is_nothing_to_replay(self) -> None:
        empty = self.work / "empty"
        empty.mkdir()
        for places, sentence in (
            (["/nonexistent/file"], "/nonexistent/file: there is no such file or folder"),
            ([FOLDER / "corpus" / "hex", "/nonexistent"], "/nonexistent: there is no such file or folder"),
            ([empty], f"{empty}: no file is in this folder"),
        ):
            with self.subTest(places):
                done = self.replay("hex", *places)
                self.assertEqual(done.returncode, USAGE, done.stdout)
                self.assertEqual(done.stderr, f"fuzz_replay: {sentence}\n")

    def test_files_and_folders_are_replayed(self) -> None:
        corpus = FOLDER / "corpus" / "hex"
        files = sorted(corpus.iterdir())
        done = self.replay("hex", corpus, files[0])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"hex: {len(files) + 1} files, ", done.stdout)

    def test_usage_names_the_targets(self) -> None:
        done = self.replay("nosuch")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn(" hex", done.stderr)


if __name__ == "__main__":
    program = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
