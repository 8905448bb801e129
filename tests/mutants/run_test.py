#!/usr/bin/env python3
"""Every mutant still has its one place in the sources: they must not rot until somebody runs them."""

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

    def test_the_checker_that_a_mutant_names_must_be_the_one(self) -> None:
        named = run.Mutant("named", "", "", "", "", simulate="--seeds 3", checker="evidence")
        said = {"safety (evidence): n0": True, "liveness (evidence): x": True, "safety (bounds): evidence": False,
                "crash: signal 6": False}
        for what, counts in said.items():
            with self.subTest(what), mock.patch.object(run, "look", return_value=f"FAILED: {what}"):
                if counts:
                    self.assertEqual(run.hunt(None, named, 10).checker, run.SIMULATOR)
                else:
                    self.assertRaisesRegex(RuntimeError, "not found by evidence", run.hunt, None, named, 10)

    def test_nobody_else_looks_for_it(self) -> None:
        named = run.Mutant("named", "", "", "", "", checker="crash")
        with mock.patch.object(run, "look", return_value=None) as look:
            self.assertIsNone(run.hunt(None, named, 10))
        self.assertEqual([call.args[1] for call in look.call_args_list], [run.SIMULATOR])

    def test_there_are_enough_and_names_are_unique(self) -> None:
        names = [mutant.name for mutant in run.load()]
        self.assertGreaterEqual(len(names), MUTANTS_MIN)
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
