#!/usr/bin/env python3
"""Every mutant still has its one place in the sources: they must not rot until somebody runs them."""

import unittest

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


if __name__ == "__main__":
    unittest.main()
