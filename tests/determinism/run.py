#!/usr/bin/env python3
"""The same random blocks must give the same state roots whatever compiled the ledger.

Builds ledger-roots with g++ and clang, without and with optimization, runs each over the same blocks, and
compares what they print with one another and with roots.txt, which earlier versions printed. Exit status 1
when anything differs. The last line is one JSON object.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KNOWN = HERE / "roots.txt"
BLOCKS = 100_000
COMPILERS = {"g++": ("gcc", "g++"), "clang": ("clang-14", "clang++-14")}
LEVELS = ("-O0", "-O2")


def build(name: str, compilers: tuple[str, str], level: str, jobs: int) -> pathlib.Path:
    folder = ROOT / "build" / "determinism" / name
    subprocess.run(
        ["cmake", "--preset", "release", "-B", str(folder), f"-DCMAKE_C_COMPILER={compilers[0]}",
         f"-DCMAKE_CXX_COMPILER={compilers[1]}", f"-DCMAKE_CXX_FLAGS_RELEASE={level}"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", str(folder), f"-j{jobs}", "--target", "ledger-roots"], check=True,
                   stdout=subprocess.DEVNULL)
    return folder / "bin" / "ledger-roots"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev determinism", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compilers at once")
    parser.add_argument("--write", action="store_true", help="make roots.txt anew, after a rule was changed on purpose")
    arguments = parser.parse_args()
    printed = {}
    for name, compilers in COMPILERS.items():
        for level in LEVELS:
            key = f"{name}{level}"
            print(f"building {key}", flush=True)
            program = build(key, compilers, level, arguments.jobs)
            started = time.monotonic()
            ended = subprocess.run([program, str(BLOCKS)], capture_output=True, text=True, check=True)
            printed[key] = ended.stdout
            root = ended.stdout.split()[-2]
            print(f"{key}: {BLOCKS} blocks end in {root}, {time.monotonic() - started:.1f} s", flush=True)
    agree = len(set(printed.values())) == 1
    if agree and arguments.write:
        KNOWN.write_text(next(iter(printed.values())))
    known = KNOWN.read_text() in printed.values()
    print(json.dumps({"blocks": BLOCKS, "builds": list(printed), "agree": agree, "as_known": known}))
    return 0 if agree and known else 1


if __name__ == "__main__":
    sys.exit(main())
