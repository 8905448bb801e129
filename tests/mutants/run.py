#!/usr/bin/env python3
"""Plants the bugs of mutants.toml one at a time, in a copy of the sources, and proves that each is found.

The simulator looks first, then the unit tests of the modules that decide about money and votes; or, when the
mutant names them, the simulator with other arguments and nobody else. A mutant that nobody finds within its
time of looking (compiling is not looking), or another checker than the one it names, or that does not compile,
makes this program exit with 1, and so does one of which the machine was too busy to decide. The last line is one
JSON object, to be kept as a record. Building the copy takes a few minutes the first time, and seconds for each
mutant.
"""

import argparse
import dataclasses
import enum
import json
import math
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
EXIT_USAGE = 2  # as argparse's
SEEDS = 200
# A program that has no end is a finding only after this many times what it takes without a mutant, and no sooner
# than that: a busy machine kills nothing.
TIMES_SOUND = 5
PATIENCE_SECONDS_MIN = 60


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


class Result(enum.StrEnum):
    FOUND = "found"
    SURVIVED = "survived"
    UNDECIDED = "undecided"  # nothing was found, but somebody had no time to look
    BROKEN = "broken"  # it does not compile, has no place, or another checker than its own found it


@dataclasses.dataclass(frozen=True)
class Outcome:
    result: Result
    what: str
    checker: str = ""
    seconds: float = 0  # of looking, all programs together


@dataclasses.dataclass(frozen=True)
class Job:
    program: str
    arguments: str


def jobs_of(mutant: Mutant) -> list[Job]:
    return [Job(program, f"{mutant.simulate} --quiet" if program == SIMULATOR else "") for program in mutant.programs]


@dataclasses.dataclass(frozen=True)
class Look:
    """What came of running a program."""

    seconds: float
    ended: bool
    what: str = ""  # it says is wrong; empty: nothing


def first_line(text: str, marks: tuple[str, ...]) -> str:
    lines = [line.strip() for line in text.splitlines()]
    return next((line for mark in marks for line in lines if mark in line), lines[-1] if lines else "")


def compile_program(copy: Copy, program: str) -> None:
    built = copy.compile(program)
    if built.returncode != 0:
        raise RuntimeError(first_line(built.stdout + built.stderr, ("error:", "FAILED:")))


def look(copy: Copy, job: Job, seconds_max: float) -> Look:
    """REQUIRES: the program is compiled."""
    started = time.monotonic()
    try:
        ended = subprocess.run([str(copy.program(job.program)), *job.arguments.split()], capture_output=True, text=True,
                               errors="replace", cwd=copy.build, timeout=seconds_max, check=False)
    except subprocess.TimeoutExpired:
        return Look(time.monotonic() - started, ended=False)
    seconds = time.monotonic() - started
    if ended.returncode == 0:
        return Look(seconds, ended=True)
    said = ended.stderr + ended.stdout
    seed = re.search(r"^  seed +(\d+)$", said, re.MULTILINE)
    what = first_line(said, ("FAILED:", "[  FAILED  ]", "Check failed")) or f"exit code {ended.returncode}"
    return Look(seconds, ended=True, what=what + (f" [seed {seed[1]}]" if seed else ""))


class Hunt:
    """Looks for one mutant: program after program until one finds it or the time of looking is up."""

    def __init__(self, copy: Copy, patience: dict[Job, float], seconds_max: float) -> None:
        self.copy = copy
        self.patience = patience
        self.seconds_max = seconds_max
        self.seconds = 0.0
        self.unended: list[str] = []

    def run(self, mutant: Mutant) -> Outcome:
        for job in jobs_of(mutant):
            compile_program(self.copy, job.program)
            what = self._look(job)
            if what is None:
                continue
            if mutant.checker and not re.match(rf"FAILED: (\w+ \()?{mutant.checker}\b", what):
                return self._outcome(Result.BROKEN, f"not found by {mutant.checker}: {what}", job.program)
            return self._outcome(Result.FOUND, what, job.program)
        if self.unended:
            return self._outcome(Result.UNDECIDED, f"no end: {', '.join(self.unended)}; was the machine too busy?")
        return self._outcome(Result.SURVIVED, mutant.rule)

    def _look(self, job: Job) -> str | None:
        """What the program finds within the time that is left."""
        left = self.seconds_max - self.seconds
        if left <= 0:
            self.unended.append(f"{job.program} after 0 s")
            return None
        patience = self.patience[job]
        seen = look(self.copy, job, min(left, patience))
        self.seconds += seen.seconds
        # Seeds of which a mutant makes many slow are no finding: the simulator says itself what is.
        if not seen.ended and job.program != SIMULATOR and patience <= left:
            return f"no end within {patience:.3g} s"
        if not seen.ended or self.seconds > self.seconds_max:
            self.unended.append(f"{job.program} after {seen.seconds:.0f} s")
            return None
        return seen.what or None

    def _outcome(self, result: Result, what: str, checker: str = "") -> Outcome:
        return Outcome(result, what, checker, round(self.seconds, 1))


def hunt_planted(hunt: Hunt, mutant: Mutant) -> Outcome:
    path = hunt.copy.source / mutant.file
    sound = path.read_text()
    try:
        path.write_text(mutant.apply_to(sound))
        return hunt.run(mutant)
    except (RuntimeError, ValueError) as error:
        return Outcome(Result.BROKEN, str(error))
    finally:
        path.write_text(sound)


def patience_without_mutant(copy: Copy, mutants: list[Mutant], seconds_max: float) -> dict[Job, float]:
    """How long each program may take. Without a bug nothing may be found, or every finding would mean nothing."""
    patience = {}
    for job in dict.fromkeys(job for mutant in mutants for job in jobs_of(mutant)):
        compile_program(copy, job.program)
        sound = look(copy, job, seconds_max)
        if not sound.ended or sound.what:
            what = sound.what or f"no end within {seconds_max:.3g} s"
            sys.exit(f"run.py: {job.program} {job.arguments} fails without a mutant: {what}")
        patience[job] = max(PATIENCE_SECONDS_MIN, TIMES_SOUND * sound.seconds)
    return patience


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these mutants")
    parser.add_argument("--list", action="store_true", help="name them and the rule that each breaks")
    parser.add_argument("--seconds", type=float, default=300, help="of looking for each mutant (default: 300)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compilers at once")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "mutants")
    told = parser.parse_args(words)
    if told.jobs < 1:
        parser.error("--jobs is 1 at least")
    if not 0 < told.seconds < math.inf:
        parser.error("--seconds is more than 0, and finite")
    return told


def chosen(names: list[str]) -> list[Mutant]:
    mutants = load()
    unknown = set(names) - {mutant.name for mutant in mutants}
    if unknown:
        print(f"run.py: there is no mutant {', '.join(sorted(unknown))} (--list names them)", file=sys.stderr)
        sys.exit(EXIT_USAGE)
    return [mutant for mutant in mutants if not names or mutant.name in names]


def commit() -> str:
    """Of the sources; "-dirty" when they are not all committed."""
    told = subprocess.run(["git", "-c", "safe.directory=*", "describe", "--always", "--exclude=*", "--dirty"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def report(mutant: Mutant, outcome: Outcome) -> None:
    print(f"{outcome.result:9} {mutant.name:34} {outcome.checker:15} {outcome.seconds:6.1f} s  {outcome.what[:100]}",
          flush=True)


def run_all(copy: Copy, mutants: list[Mutant], seconds_max: float, of_commit: str) -> int:
    patience = patience_without_mutant(copy, mutants, seconds_max)
    results = []
    for mutant in mutants:
        outcome = hunt_planted(Hunt(copy, patience, seconds_max), mutant)
        report(mutant, outcome)
        results.append({"name": mutant.name, **dataclasses.asdict(outcome), "commit": of_commit})
    found = [result["seconds"] for result in results if result["result"] == Result.FOUND]
    print(json.dumps({"mutants": len(results), "found": len(found), "seconds_max": seconds_max,
                      "seconds_slowest": max(found, default=0), "results": results}))
    return 0 if len(found) == len(results) else 1


def main() -> int:
    arguments = options(sys.argv[1:])
    mutants = chosen(arguments.names)
    if arguments.list:
        for mutant in mutants:
            print(f"{mutant.name:34} {mutant.rule}")
        return 0
    copy = Copy(arguments.folder, arguments.jobs)
    print(f"building without a mutant in {copy.build}", flush=True)
    of_commit = commit()
    copy.refresh()
    copy.configure()
    return run_all(copy, mutants, arguments.seconds, of_commit)


if __name__ == "__main__":
    sys.exit(main())
