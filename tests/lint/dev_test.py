"""Tests of ./dev with stand-ins for the programs it calls: which, when, and what it says."""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Each stand-in writes its command line down; INSTALLED and FAIL steer what it answers.
STAND_IN = """#!/bin/bash
echo "$(basename "$0") $*" >>"$CALLS"
case $(basename "$0") in
  dpkg-query) for package in $INSTALLED; do echo "installed $package"; done ;;
  sudo) exec "$@" ;;
  cmake) [[ $1 == --preset ]] && mkdir -p "build/$2" && touch "build/$2/build.ninja" ;;
esac
[[ " $FAIL " != *" $(basename "$0") "* ]]
"""


class Dev(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.repository = self.folder / "repository"
        (self.repository / "deploy").mkdir(parents=True)
        shutil.copy(ROOT / "dev", self.repository)
        (self.repository / "CMakePresets.json").write_text("{}")
        (self.repository / "deploy/packages.txt").write_text("# why\n\nalpha  # this\nbeta\n")
        os.utime(self.repository / "CMakePresets.json", (0, 0))
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in ("dpkg-query", "apt-get", "sudo", "cmake", "ctest"):
            self.stand_in(self.bin / name)

    def stand_in(self, path: pathlib.Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STAND_IN)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def dev(self, *arguments: str, installed: str = "alpha beta", fail: str = ""):
        """Exit code, calls made besides dpkg-query and sudo, and everything printed."""
        calls = self.folder / "calls"
        calls.write_text("")
        environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "CALLS": str(calls),
            "INSTALLED": installed,
            "FAIL": fail,
            "PEERPAY_JOBS": "2",
        }
        finished = subprocess.run(
            [self.repository / "dev", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        made = [
            line
            for line in calls.read_text().splitlines()
            if not line.startswith(("dpkg-query ", "sudo "))
        ]
        return finished.returncode, made, finished.stdout

    def test_explains_every_verb_without_one(self):
        code, _, output = self.dev()
        self.assertEqual(code, 0)
        for verb in "setup build demo devnet test sim bench fmt lint check".split():
            self.assertIn(f"\n  {verb} ", output)
        self.assertLess(output.count("\n"), 32, "it fits a screen")

    def test_bench_counts_instructions_when_asked_to_check(self):
        self.stand_in(self.bin / "python3")
        code, calls, _ = self.dev("bench", "--check", "--update")
        self.assertEqual(code, 0)
        self.assertEqual(calls[-2:], [
            "cmake --build build/release -j 2 --target peerpay-instructions",
            "python3 -B bench/instructions.py build/release/bin/peerpay-instructions --update",
        ])

    def test_bench_names_the_commit_that_it_measures(self):
        program = self.repository / "build/release/bin/peerpay-bench"
        self.stand_in(program)
        program.write_text('#!/bin/bash\necho "commit $PEERPAY_COMMIT, $*"\n')
        self.stand_in(self.bin / "git")
        (self.bin / "git").write_text('#!/bin/bash\necho abc123\n')
        code, _, output = self.dev("bench", "network", "--json")
        self.assertEqual(code, 0)
        self.assertTrue(output.endswith("commit abc123, network --json\n"), output)

    def test_refuses_an_unknown_verb(self):
        code, calls, output = self.dev("tset")
        self.assertEqual((code, calls), (1, []))
        self.assertTrue(output.endswith('there is no verb "tset"\n'))

    def test_setup_installs_nothing_when_nothing_is_missing(self):
        self.assertEqual(self.dev("setup")[:2], (0, []))

    def test_setup_installs_only_what_is_missing(self):
        code, calls, output = self.dev("setup", installed="alpha")
        self.assertEqual(code, 0)
        self.assertIn("installing 1 packages: beta", output)
        self.assertEqual(len(calls), 2)
        self.assertTrue(calls[0].endswith(" update"))
        self.assertTrue(calls[1].endswith(" install -y --no-install-recommends beta"))

    def test_setup_says_what_could_not_be_installed(self):
        code, _, output = self.dev("setup", installed="", fail="apt-get")
        self.assertEqual(code, 1)
        self.assertIn("could not install: alpha beta", output)

    def test_build_configures_once_and_then_compiles(self):
        code, calls, _ = self.dev("build", "unit_base")
        build = "cmake --build build/release -j 2 --target unit_base"
        self.assertEqual((code, calls), (0, ["cmake --preset release", build]))
        self.assertEqual(self.dev("build")[1], ["cmake --build build/release -j 2"])

    def test_build_configures_again_after_the_presets_changed(self):
        self.dev("build")
        os.utime(self.repository / "CMakePresets.json", (1 << 33, 1 << 33))
        self.assertEqual(self.dev("build")[1][0], "cmake --preset release")

    def test_a_failed_configuration_stops_everything(self):
        code, calls, output = self.dev("test", fail="cmake")
        self.assertEqual((code, calls), (1, ["cmake --preset release"]))
        self.assertIn("could not configure build/release", output)

    def test_test_passes_its_options_on(self):
        _, calls, _ = self.dev("test", "--label", "unit", "--preset", "asan", "-R", "Bcs")
        self.assertEqual(calls[1], "cmake --build build/asan -j 2")
        self.assertTrue(calls[2].startswith("ctest --test-dir build/asan -j 2 --output-on-failure"))
        self.assertTrue(calls[2].endswith(" -L ^unit$ -R Bcs"))

    def test_test_fails_with_the_tests_and_without_a_label(self):
        self.assertNotEqual(self.dev("test", fail="ctest")[0], 0)
        code, calls, output = self.dev("test", "--label")
        self.assertEqual((code, calls), (1, []))
        self.assertIn("--label needs unit, sim, e2e or lint", output)

    def test_sim_builds_and_runs_the_program_with_its_options(self):
        self.stand_in(self.repository / "build/release/bin/peerpay-sim")
        _, calls, _ = self.dev("sim", "--seed", "7")
        self.assertEqual(calls[-1], "peerpay-sim --seed 7")
        self.assertEqual(calls[-2], "cmake --build build/release -j 2 --target peerpay-sim")

    def test_fuzz_builds_the_fuzzers_and_hands_over(self):
        self.stand_in(self.bin / "python3")
        code, calls, _ = self.dev("fuzz", "--seconds", "5", "json")
        self.assertEqual(code, 0)
        self.assertEqual(calls[-2], "cmake --build build/fuzz -j 2 --target fuzzers")
        self.assertEqual(calls[-1], "python3 -B tests/fuzz/run.py build/fuzz --seconds 5 json")
        self.assertEqual(self.dev("fuzz", "--help")[1], [calls[-1].partition(" --s")[0] + " --help"])
        self.assertNotEqual(self.dev("fuzz", fail="python3")[0], 0, "a finding is a failure")

    def test_wrong_arguments_are_refused_before_anything_is_built(self):
        self.stand_in(self.bin / "python3")
        for verb, program in (("fuzz", "tests/fuzz/run.py build/fuzz"), ("soak", "tests/soak/soak.py")):
            code, calls, _ = self.dev(verb, "--bogus", fail="python3")
            self.assertEqual((code, calls), (1, [f"python3 -B {program} --check-arguments --bogus"]))

    def test_demo_and_devnet_hand_over_to_their_scripts(self):
        self.stand_in(self.repository / "deploy/demo.sh")
        self.stand_in(self.repository / "deploy/devnet.sh")
        self.assertEqual(self.dev("demo", "--once")[1][-1], "demo.sh --once")
        build = "cmake --build build/release -j 2 --target peerpayd peerpay"
        self.assertEqual(self.dev("devnet", "up")[1][-2:], [build, "devnet.sh up"])
        self.assertEqual(self.dev("devnet", "status")[1], ["devnet.sh status"], "without a build")
        self.assertEqual(self.dev("devnet", "sideways")[:2], (1, []))


if __name__ == "__main__":
    unittest.main()
