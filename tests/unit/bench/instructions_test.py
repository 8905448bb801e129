"""Tests of instructions.py: what counts as a regression, and when nothing can be told."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench"))
import instructions
from instructions import CannotTell, Counts

DUMP = """# callgrind format
desc: Timerange: Basic block 0 - 40539670
desc: Trigger: Client Request: {stage}

events: Ir
totals: {total}
"""


def counts(compiler="12.2.0", **changed):
    return Counts(compiler, {stage: changed.get(stage, 10_000) for stage in instructions.STAGES})


class Instructions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.baseline = pathlib.Path(folder.name) / "baseline.json"

    def check(self, now, update=False):
        """Exit code and what was printed."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            return instructions.check(now, self.baseline, update), out.getvalue()

    def test_adds_up_what_a_stage_did_in_several_parts(self):
        dumps = [DUMP.format(stage="commit", total=3), DUMP.format(stage="tree", total=5),
                 DUMP.format(stage="commit", total=4), "desc: Trigger: Program termination\ntotals: 9\n"]
        self.assertEqual(instructions.parse_dumps(dumps), {"commit": 7, "tree": 5})

    def test_names_the_stage_that_costs_more_in_one_sentence(self):
        self.check(counts(), update=True)
        code, out = self.check(counts(tree=10_201))
        self.assertEqual(code, 1)
        self.assertEqual(out.splitlines()[-1],
                         "Stage tree (updating the state tree) regressed: 10,201 instructions a transaction, "
                         "10,000 before (+2.0 %).")

    def test_lets_pass_what_is_within_the_tolerance_or_cheaper(self):
        self.check(counts(), update=True)
        code, out = self.check(counts(tree=10_200, verify=1))
        self.assertEqual((code, out.splitlines()[-1]), (0, "No stage costs 2 % more than before."))

    def test_update_replaces_the_baseline(self):
        self.check(counts(), update=True)
        self.assertEqual(self.check(counts(tree=20_000), update=True)[0], 0)
        self.assertEqual(self.check(counts(tree=20_000))[0], 0)

    def test_can_not_tell_without_a_baseline(self):
        with self.assertRaisesRegex(CannotTell, "--update"):
            self.check(counts())

    def test_can_not_tell_with_another_compiler(self):
        self.check(counts(), update=True)
        with self.assertRaisesRegex(CannotTell, "made by compiler 12.2.0, and this is 13.1.0"):
            self.check(counts(compiler="13.1.0"))

    def test_the_kept_baseline_has_every_stage(self):
        self.assertEqual(instructions.load(instructions.BASELINE).instructions.keys(), instructions.STAGES.keys())


if __name__ == "__main__":
    unittest.main()
