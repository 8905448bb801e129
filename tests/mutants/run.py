#!/usr/bin/env python3
"""Plants the bugs of mutants.toml one at a time, in a copy of the sources, and proves that each is found.

The simulator looks first, then the unit tests of the modules that decide about money and votes; or, when the
mutant names them, the simulator with other arguments and nobody else. A mutant that nobody finds within its
time, or another checker than the one it names, or that does not compile, makes this program exit with 1. The
last line is one JSON object. Building the copy takes a few minutes the first time, and seconds for each mutant.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SIMULATOR = "peerpay-sim"
UNIT_TESTS = ("unit_consensus", "unit_ledger", "unit_node_core", "unit_storage", "unit_sim",
              "unit_durability")
SIMULATOR_SECONDS = 60
SEEDS = 200


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    rule: str
    file: str
    find: str
    replace: str
    simulate: str = f"--seed 1 --seeds {SEEDS}"  # arguments of the simulator
    checker: str = ""  # of the simulator: it or "crash": it must find the bug, before any other does

    @property
    def programs(self) -> tuple[str, ...]:
        return (SIMULATOR,) if self.checker else (SIMULATOR, *UNIT_TESTS)

    def apply_to(self, text: str) -> str:
        """The text with the bug in it. Raises ValueError when it has no such place, or more than one."""
        count = text.count(self.find)
        if count != 1:
            raise ValueError(f"{self.name}: {self.file} has {count} such places, not 1")
        return text.replace(self.find, self.replace)


def load(path: pathlib.Path = HERE / "mutants.toml") -> list[Mutant]:
    return [Mutant(**fields) for fields in tomllib.loads(path.read_text())["mutant"]]


class Copy:
    """The sources and a build of them, beside the ordinary build."""

    def __init__(self, folder: pathlib.Path, jobs: int) -> None:
        self.source = folder / "source"
        self.build = folder / "build"
        self.jobs = jobs

    def refresh(self) -> None:
        """Writes only what differs, so that the next build compiles only that."""
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout
        wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
        for name in sorted(wanted):
            target = self.source / name
            content = (ROOT / name).read_bytes()
            if target.is_file() and target.read_bytes() == content:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
        for path in [p for p in self.source.rglob("*") if p.is_file()]:
            if str(path.relative_to(self.source)) not in wanted:
                path.unlink()

    def configure(self) -> None:
        subprocess.run(["cmake", "--preset", "release", "-B", str(self.build)], cwd=self.source, check=True,
                       stdout=subprocess.DEVNULL)

    def compile(self, target: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["cmake", "--build", str(self.build), f"-j{self.jobs}", "--target", target],
                              capture_output=True, text=True, check=False)

    def program(self, name: str) -> pathlib.Path:
        return self.build / "bin" / name


@dataclasses.dataclass(frozen=True)
class Finding:
    checker: str
    what: str
    seconds: float


def first_line(text: str, marks: tuple[str, ...]) -> str:
    lines = [line.strip() for line in text.splitlines()]
    return next((line for mark in marks for line in lines if mark in line), lines[-1] if lines else "")


def look(copy: Copy, checker: str, simulate: str, seconds_max: float) -> str | None:
    """What a program says against the mutant; None when it found nothing."""
    built = copy.compile(checker)
    if built.returncode != 0:
        raise RuntimeError(first_line(built.stdout + built.stderr, ("error:", "FAILED:")))
    command = [str(copy.program(checker))]
    if checker == SIMULATOR:
        command += [*simulate.split(), "--quiet"]
        seconds_max = min(seconds_max, SIMULATOR_SECONDS)
    try:
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=copy.build,
                               timeout=seconds_max, check=False)
    except subprocess.TimeoutExpired:
        return None if checker == SIMULATOR else f"no end within {seconds_max:.0f} s"
    if ended.returncode == 0:
        return None
    said = ended.stderr + ended.stdout
    seed = re.search(r"^  seed +(\d+)$", said, re.MULTILINE)
    return first_line(said, ("FAILED:", "[  FAILED  ]", "Check failed")) + (f" [seed {seed[1]}]" if seed else "")


def hunt(copy: Copy, mutant: Mutant, seconds_max: float) -> Finding | None:
    started = time.monotonic()
    for program in mutant.programs:
        left = seconds_max - (time.monotonic() - started)
        if left <= 0:
            return None
        what = look(copy, program, mutant.simulate, left)
        if what is None:
            continue
        if mutant.checker and not re.match(rf"FAILED: (\w+ \()?{mutant.checker}\b", what):
            raise RuntimeError(f"not found by {mutant.checker}: {what}")
        return Finding(program, what, round(time.monotonic() - started, 1))
    return None


def hunt_planted(copy: Copy, mutant: Mutant, seconds_max: float) -> Finding | None:
    path = copy.source / mutant.file
    sound = path.read_text()
    path.write_text(mutant.apply_to(sound))
    try:
        return hunt(copy, mutant, seconds_max)
    finally:
        path.write_text(sound)


def check_sound(copy: Copy, mutants: list[Mutant], seconds_max: float) -> None:
    """Without a bug nothing may be found, or every finding would mean nothing."""
    wanted = {(program, mutant.simulate if program == SIMULATOR else "")
              for mutant in mutants for program in mutant.programs}
    for program, simulate in sorted(wanted):
        what = look(copy, program, simulate, seconds_max)
        if what is not None:
            sys.exit(f"run.py: {program} {simulate} fails without a mutant: {what}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these mutants")
    parser.add_argument("--list", action="store_true", help="name them and the rule that each breaks")
    parser.add_argument("--seconds", type=float, default=300, help="for each mutant (default: 300)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compilers at once")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "mutants")
    return parser.parse_args()


def chosen(names: list[str]) -> list[Mutant]:
    mutants = load()
    unknown = set(names) - {mutant.name for mutant in mutants}
    if unknown:
        sys.exit(f"run.py: there is no mutant {', '.join(sorted(unknown))} (--list names them)")
    return [mutant for mutant in mutants if not names or mutant.name in names]


def report(mutant: Mutant, found: Finding | None, trouble: str | None) -> dict[str, object]:
    if found is None:
        print(f"ALIVE   {mutant.name:34} {trouble or mutant.rule}", flush=True)
        return {"name": mutant.name, "killed": False, "why": trouble}
    print(f"killed  {mutant.name:34} {found.checker:15} {found.seconds:6.1f} s  {found.what[:100]}", flush=True)
    return {"name": mutant.name, "killed": True, **dataclasses.asdict(found)}


def main() -> int:
    arguments = options()
    mutants = chosen(arguments.names)
    if arguments.list:
        for mutant in mutants:
            print(f"{mutant.name:34} {mutant.rule}")
        return 0
    copy = Copy(arguments.folder, arguments.jobs)
    print(f"building without a mutant in {copy.build}", flush=True)
    copy.refresh()
    copy.configure()
    check_sound(copy, mutants, arguments.seconds)
    results = []
    for mutant in mutants:
        found, trouble = None, None
        try:
            found = hunt_planted(copy, mutant, arguments.seconds)
        except (RuntimeError, ValueError) as error:
            trouble = str(error)
        results.append(report(mutant, found, trouble))
    killed = sum(1 for result in results if result["killed"])
    print(json.dumps({"mutants": len(results), "killed": killed, "results": results}))
    return 0 if killed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
