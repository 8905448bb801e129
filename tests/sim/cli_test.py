"""peerpay-sim as a program: exit codes, what it refuses, what a crash prints, and its totals. The first argument is the
program."""

import json
import re
import subprocess
import sys
import unittest

PROGRAM = ""
USAGE = 64

# What would be ignored in silence, overflow, or does not exist.
REFUSED = {
    "--seeds 0": "--seeds: \"0\" is no whole number from 1 to 1000000000",
    "--seed -1": "--seed: \"-1\" is no whole number from 0",
    "--safety-ms 18446744073709551615": "is no whole number from 1 to 86400000",
    "--safety-ms 9300000000000000": "is no whole number from 1 to 86400000",
    "--twins 0": "is no whole number from 1",
    "--transactions 99999999999": "is no whole number from 0",
    "--validators 7": "--validators goes with --behaviour and Twins, not with runs of what a seed draws.",
    "--twins-views 2": "--twins-views goes with Twins, not with runs of what a seed draws.",
    "--behaviours --validators 7": "--validators goes with --behaviour and Twins, not with --behaviours.",
    "--behaviours --twice": "--twice goes with runs of what a seed draws and --behaviour, not with --behaviours.",
    "--behaviours --canary stall": "--canary goes with",
    "--behaviours --trace": "--trace goes with",
    "--behaviours --behaviour B7": "Only one of --behaviour, --behaviours, --twins and --twins-all is run.",
    "--behaviours --without byzantine": "Nothing is left of a behaviour --without byzantine or --without all.",
    "--behaviour B7 --without all": "Nothing is left of a behaviour --without byzantine or --without all.",
    "--behaviour B7 --canary stall": "--canary goes with",
    "--behaviour B27": "there are B1 to B26.",
    "--behaviour none": "there are B1 to B26.",
    "--twins 5 --seeds 3": "--seeds goes with",
    "--twins 5 --without loss": "--without goes with",
    "--twins 5 --no-blind-spots": "--no-blind-spots goes with runs of what a seed draws, not with Twins.",
    "--twins-all --twins 5": "Only one of",
    "--twins-all --validators 13": "So many Twins scenarios can only be drawn: --twins.",
    "--twins 5 --canary stall": "Twins know no canary but abort.",
    "--canary unheard-of": "there are send-before-sync, lost-sign-log,",
    "--without rain": "there are crashes, cut-offs, partitions,",
}


def run(arguments):
    return subprocess.run([PROGRAM, *arguments.split()], capture_output=True, text=True, timeout=300, check=False)


class Refusals(unittest.TestCase):
    def test_what_makes_no_sense_is_refused_in_one_sentence(self):
        for arguments, why in REFUSED.items():
            with self.subTest(arguments):
                done = run(arguments)
                self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
                self.assertIn(why, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_help_names_every_fault_and_canary(self):
        said = " ".join(run("--help").stdout.split())
        for name in ("crashes", "cut-offs", "pauses", "disks", "replays", "byzantine and all", "real-clock", "stall"):
            self.assertIn(name, said)


class Crashes(unittest.TestCase):
    def test_a_crash_tells_how_to_see_it_again(self):
        for arguments, shape in (("--twins 3 --seed 5 --validators 7", "scenario n=7 "),
                                 ("--twins-all --twins-views 1", "scenario n=4 "), ("--seed 2 --quiet", "options n=4")):
            with self.subTest(arguments):
                done = run(f"{arguments} --canary abort")
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr, r"FAILED: crash: signal 6\n  seed    \d+\n")
                self.assertIn(f"  {shape}", done.stderr)
                again = re.search(r"  rerun   peerpay-sim (.+)", done.stderr).group(1)
                self.assertEqual(run(again).returncode, 3)


class ExitCodes(unittest.TestCase):
    def test_each_class_of_failure_has_its_own(self):
        for arguments, code, said in (("--canary conflicting-vote --seed 2", 1, "safety (votes)"),
                                      ("--canary stall --seed 2", 2, "liveness (liveness)"),
                                      ("--canary real-clock --seed 2 --twice", 4, "determinism"),
                                      ("--behaviours --without replays --seeds 1", 5,
                                       "B17 with 4 validators never acted; it may need more seeds: --seeds 4"),
                                      ("--seeds 2 --no-blind-spots", 5, "in 2 runs never seen:")):
            with self.subTest(arguments):
                done = run(f"{arguments} --quiet")
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(f"FAILED: {said}", done.stderr)


class Totals(unittest.TestCase):
    def test_the_last_line_of_several_seeds_has_the_sums(self):
        lines = [json.loads(line) for line in run("--seed 3 --seeds 4 --json").stdout.splitlines()]
        runs, totals = lines[:-1], lines[-1]
        self.assertEqual([run["seed"] for run in runs], [3, 4, 5, 6])
        self.assertEqual((totals["runs"], totals["steps"]), (4, sum(run["steps"] for run in runs)))
        self.assertAlmostEqual(totals["simulated_ms"], sum(run["simulated_ms"] for run in runs), delta=4)
        self.assertEqual(totals["faults"]["crashes"], sum(run["crashes"] for run in runs))
        self.assertEqual(totals["messages"]["sent"], sum(run["messages_sent"] for run in runs))
        self.assertEqual(totals["simulated_s_per_s_and_core"], totals["simulated_ms"] // totals["cpu_ms"])
        self.assertGreater(totals["payments"]["plain"]["final"], 0)
        self.assertGreater(totals["visits"]["nullification kept"], 0)

    def test_the_table_says_how_fast_it_was(self):
        said = run("--seed 3 --seeds 2 --quiet").stdout
        self.assertRegex(said, r"^2 runs, .* s of processor time: \d+ simulated seconds a second and core\n")

    def test_without_all_no_fault_strikes(self):
        totals = json.loads(run("--seeds 8 --without all --json").stdout.splitlines()[-1])
        self.assertEqual(set(totals["faults"].values()), {0})
        self.assertEqual([totals["messages"][name] for name in ("duplicated", "clogs", "replayed")], [0, 0, 0])
        self.assertFalse([place for place in totals["visits"] if place.startswith("cut off")])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
