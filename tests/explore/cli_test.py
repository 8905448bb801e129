"""peerpay-explore as a program: what it refuses. The first argument is the program."""

import subprocess
import sys
import unittest

PROGRAM = ""
USAGE = 64
PATH = ["--path", "views=3,turn=0,crashes=1,refuses=0,each=0 n0:timeout"]

# What would be ignored in silence, overflow, or does not exist.
REFUSED = (
    (["--seed", "-1"], '--seed: "-1" is no whole number from 0 to 18446744073709551615'),
    (["--seed", "18446744073709551616"], "is no whole number from 0"),
    (["--states", "-1"], '--states: "-1" is no whole number from 1'),
    (["--states", "0"], "is no whole number from 1"),
    (["--views", "4"], "is no whole number from 1 to 3"),
    (["--crashes", "4"], "is no whole number from 0 to 3"),
    (["--unheard-of"], "--unheard-of"),
    ([*PATH, "--states", "5"], "--states does not go with --path, which names its world and steps."),
    ([*PATH, "--seed", "5"], "--seed does not go with --path"),
    ([*PATH, "--views", "2"], "--views does not go with --path"),
    ([*PATH, "--crashes", "0"], "--crashes does not go with --path"),
    ([*PATH, "--each-vote"], "--each-vote does not go with --path"),
    ([*PATH, "--json"], "--json does not go with --path"),
    (["--path", ""], "it begins with a world"),
    (["--path", "views=3"], "is no world"),
    ([PATH[0], PATH[1] + " n0:certify.v3"], "step 2, n0:certify.v3, cannot be taken there"),
)


def run(arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)


class Refusals(unittest.TestCase):
    def test_what_makes_no_sense_is_refused_in_one_sentence(self):
        for arguments, why in REFUSED:
            with self.subTest(arguments):
                done = run(arguments)
                self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
                self.assertIn(why, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_what_makes_sense_is_not(self):
        for arguments in (PATH, ["--seed", "18446744073709551615", "--states", "1"]):
            with self.subTest(arguments):
                self.assertEqual(run(arguments).returncode, 0)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
