"""Tests of run_clang_tidy.py: what is passed on to clang-tidy, and when a file is due again."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from run_clang_tidy import parse_dependencies, plain_command

RUNNER = pathlib.Path(__file__).with_name("run_clang_tidy.py")


class PlainCommand(unittest.TestCase):
    def test_drops_the_launcher(self):
        command = "env A=b ccache /usr/bin/c++ -O2 -c x.cpp"
        self.assertEqual(plain_command(command), "/usr/bin/c++ -O2 -c x.cpp")
        self.assertEqual(
            plain_command("/usr/bin/clang++-14 -c x.cpp"), "/usr/bin/clang++-14 -c x.cpp"
        )

    def test_drops_precompiled_headers_and_keeps_other_includes(self):
        command = (
            "g++ -fpch-preprocess -Winvalid-pch -include a/cmake_pch.hxx -include b.h -c x.cpp"
        )
        self.assertEqual(plain_command(command), "g++ -include b.h -c x.cpp")


class ParseDependencies(unittest.TestCase):
    def test_lists_the_files_of_the_repository_by_object(self):
        text = "a.o: #deps 4\n    /src/x.cpp\n    ../y.h\n    z.gch\n    /usr/y.h\n\nb.o: #deps 0\n"
        found = parse_dependencies(text, pathlib.Path("/src"), pathlib.Path("/src/build"))
        self.assertEqual(
            found, {"a.o": [pathlib.Path("/src/x.cpp"), pathlib.Path("/src/y.h")], "b.o": []}
        )


class Runner(unittest.TestCase):
    """Over a real build of one file with one header."""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp()).resolve()
        self.addCleanup(shutil.rmtree, self.root)
        self.build = self.root / "build"
        (self.root / ".clang-tidy").write_text(
            "Checks: '-*,readability-redundant-control-flow'\nWarningsAsErrors: '*'\n"
        )
        (self.root / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(scratch LANGUAGES CXX)\n"
            "set(CMAKE_EXPORT_COMPILE_COMMANDS ON)\nadd_library(x STATIC x.cpp)\n"
        )
        (self.root / "x.h").write_text("#pragma once\ninline void f() {}\n")
        (self.root / "x.cpp").write_text('#include "x.h"\nvoid g() { f(); }\n')
        subprocess.run(
            ["cmake", "-S", self.root, "-B", self.build, "-G", "Ninja"],
            check=True,
            capture_output=True,
        )

    def run_tidy(self) -> tuple[int, str]:
        subprocess.run(["cmake", "--build", self.build], check=True, capture_output=True)
        finished = subprocess.run(
            [sys.executable, RUNNER, self.root, self.build], capture_output=True, text=True
        )
        return finished.returncode, finished.stdout.splitlines()[-1]

    def test_runs_what_changed_until_it_is_clean(self):
        clean = (0, "clang-tidy: 0 of 1 changed files with findings")
        nothing = (0, "clang-tidy: 0 of 0 changed files with findings")
        self.assertEqual(self.run_tidy(), clean)
        self.assertEqual(self.run_tidy(), nothing)

        (self.root / "x.h").write_text("#pragma once\ninline void f() { }\n")
        self.assertEqual(self.run_tidy(), clean, "a header changed")

        (self.root / "x.cpp").write_text('#include "x.h"\nvoid g() { f(); return; }\n')
        found = (1, "clang-tidy: 1 of 1 changed files with findings")
        self.assertEqual(self.run_tidy(), found)
        self.assertEqual(self.run_tidy(), found, "findings are never remembered as clean")

    def test_does_not_read_generated_sources(self):
        (self.build / "generated.cpp").write_text("void h() { return; }\n")
        with (self.root / "CMakeLists.txt").open("a") as cmake:
            cmake.write("target_sources(x PRIVATE ${PROJECT_BINARY_DIR}/generated.cpp)\n")
        self.assertEqual(self.run_tidy(), (0, "clang-tidy: 0 of 1 changed files with findings"))
        database = json.loads((self.build / "clang_tidy/compile_commands.json").read_text())
        self.assertEqual(len(database), 1)


if __name__ == "__main__":
    unittest.main()
