#!/usr/bin/env python3
"""Runs fuzz targets and fails when one finds something: ./dev fuzz [options] [TARGET...]

First the canary, a bug that was planted: when that is not found, nothing else can be believed. A
crash, a broken promise, a leak, a time-out and too much memory all count as failures.
"""

import argparse
import contextlib
import dataclasses
import datetime
import fcntl
import hashlib
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import IO

FOLDER = pathlib.Path(__file__).resolve().parent
CANARY = "canary"
CANARY_SECONDS = 120
INPUT_SECONDS_MAX = 10
MEMORY_MB_MAX = 2048
# Beyond its own seconds a program may need these to start, to load its corpus and to stop.
GRACE_SECONDS = 120
# A run of fewer inputs proves nothing: the machine had no time for it.
EXECUTIONS_MIN = 100
CORPUS_FILES_MAX = 48
CORPUS_FILE_BYTES_MAX = 4096
# Inputs of bugs that were found. No merge drops them, as they may cover nothing that others don't.
REGRESSION = "regression-"
# Of a target's findings: those that pass now.
MENDED = "mended"
LOG = "log"
SEEDS = 2**32
LIMITS = (f"-timeout={INPUT_SECONDS_MAX}", f"-rss_limit_mb={MEMORY_MB_MAX}")


@dataclasses.dataclass
class Run:
    target: str
    exit_code: int
    executions: int = 0
    executions_per_second: int = 0
    coverage: int = 0
    coverage_new: int = 0
    finding: str = ""
    seconds: float = 0  # that it ran
    seed: int = 0
    log: str = ""  # where it is, of a run that failed

    @property
    def starved(self) -> bool:
        return self.exit_code == 0 and self.executions < EXECUTIONS_MIN

    @property
    def failed(self) -> bool:
        return self.exit_code != 0 or self.starved

    def line(self) -> str:
        verdict = "STARVED" if self.starved else f"FAILED ({self.exit_code})" if self.failed else "ok"
        text = (
            f"{self.target:<20} {verdict:<12} {self.executions_per_second:>8}/s"
            f" {self.executions:>10} executions  coverage {self.coverage} (+{self.coverage_new})  seed {self.seed}"
        )
        if self.finding:
            text += f"\n  {self.finding}\n  ./dev fuzz --reproduce {self.target} {self.finding}"
        elif self.failed:
            text += f"\n  no input was kept: see {self.log}"
        return text


def all_targets(folder: pathlib.Path = FOLDER) -> list[str]:
    """Every target but the canary, as CMakeLists.txt names them."""
    cmake = (folder / "CMakeLists.txt").read_text()
    names = re.findall(r"^peerpay_add_fuzz_target\((\w+)", cmake, re.MULTILINE)
    return sorted(set(names) - {CANARY})


def _last_number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _exit_code(command: list[str], seconds_max: int, log: int | IO[bytes]) -> int:
    """124, as of timeout(1), when it does not end."""
    try:
        return subprocess.run(command, stdout=log, stderr=log, timeout=seconds_max, check=False).returncode
    except subprocess.TimeoutExpired:
        return 124


class MergeFailed(Exception):
    """Says of which target, and libFuzzer's last word."""


def _coverage_at_start(log: str) -> int:
    for line in log.splitlines():
        if "INITED" in line:
            return _last_number(r"cov: (\d+)", line)
    return 0


class Runner:
    """Where programs are, and where what they find goes."""

    def __init__(self, build: pathlib.Path, corpus: pathlib.Path = FOLDER / "corpus"):
        self.programs = build / "bin"
        self.corpus = corpus
        self.work = build / "fuzz" / "work"
        self.findings = build / "fuzz" / "findings"

    def program(self, target: str) -> str:
        return str(self.programs / f"fuzz_{target}")

    def _seeds(self, target: str) -> list[str]:
        folder = self.corpus / target
        return [str(folder)] if folder.is_dir() else []

    def run(self, target: str, seconds: int, seed: int | None = None) -> Run:
        """First what was found before; then `seconds` of fuzzing, drawn from the seed."""
        with self._alone(target):
            return self._still_failing(target) or self._fuzz(target, seconds, seed)

    @contextlib.contextmanager
    def _alone(self, target: str) -> Iterator[None]:
        # Two runs of a target at once, one of a soak perhaps, would replay and move each other's findings.
        self.work.mkdir(parents=True, exist_ok=True)
        with (self.work / f"{target}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _kept(self, target: str) -> list[pathlib.Path]:
        """The inputs of all findings that are not known to be mended."""
        folder = self.findings / target
        return sorted(path for path in folder.rglob("*")
                      if path.is_file() and path.name != LOG and folder / MENDED not in path.parents)

    def _still_failing(self, target: str) -> Run | None:
        """Replays the kept inputs: the first that fails; those that pass are moved aside."""
        for path in self._kept(target):
            exit_code = self._replay(target, path)
            if exit_code != 0:
                return Run(target, exit_code, finding=str(path))
            # Names of other runs' findings may be the same.
            aside = self.findings / target / MENDED / f"{path.parent.name}-{path.name}"
            aside.parent.mkdir(exist_ok=True)
            path.rename(aside)
            print(f"{target:<20} passes now: {path}, moved to {aside}", file=sys.stderr, flush=True)
        return None

    def _replay(self, target: str, path: pathlib.Path) -> int:
        command = [self.program(target), *LIMITS, str(path)]
        return _exit_code(command, GRACE_SECONDS, subprocess.DEVNULL)

    def _fuzz(self, target: str, seconds: int, seed: int | None) -> Run:
        # To libFuzzer, seeds have 32 bits, and 0 means any.
        seed = (random.randrange(SEEDS) if seed is None else seed) % SEEDS or 1
        began = datetime.datetime.now(datetime.UTC)
        # A folder for each run, so that none can touch what another one found.
        kept = self.findings / target / f"{began:%Y%m%dT%H%M%S.%f}-seed{seed}"
        kept.mkdir(parents=True)
        work = self.work / target
        work.mkdir(exist_ok=True)
        command = [
            self.program(target),
            f"-seed={seed}",
            f"-max_total_time={seconds}",
            *LIMITS,
            f"-artifact_prefix={kept}/",
            "-print_final_stats=1",
            str(work),
            *self._seeds(target),
        ]
        started = time.monotonic()
        with (kept / LOG).open("wb") as log:
            exit_code = _exit_code(command, seconds + GRACE_SECONDS, log)
        took = round(time.monotonic() - started, 1)
        done = dataclasses.replace(self._read(target, exit_code, kept / LOG), seconds=took, seed=seed)
        if not done.failed:
            shutil.rmtree(kept)
        return done

    @staticmethod
    def _read(target: str, exit_code: int, log_path: pathlib.Path) -> Run:
        log = log_path.read_text(errors="replace")
        inputs = sorted(path for path in log_path.parent.iterdir() if path != log_path)
        coverage = _last_number(r"cov: (\d+)", log)
        return Run(
            target,
            exit_code,
            _last_number(r"stat::number_of_executed_units:\s*(\d+)", log),
            _last_number(r"stat::average_exec_per_sec:\s*(\d+)", log),
            coverage,
            max(0, coverage - _coverage_at_start(log)),
            str(inputs[0]) if inputs else "",
            log=str(log_path),
        )

    def canary_is_found(self) -> bool:
        """From nothing, each time: it must be found, not remembered."""
        with self._alone(CANARY):
            shutil.rmtree(self.work / CANARY, ignore_errors=True)
            shutil.rmtree(self.findings / CANARY, ignore_errors=True)
            found = self._fuzz(CANARY, CANARY_SECONDS, None)
        return found.exit_code != 0 and bool(found.finding)

    def merge(self, target: str) -> int:
        """Makes the corpus anew: the fewest inputs that cover what old and new ones do."""
        seeds = self.corpus / target
        with tempfile.TemporaryDirectory() as merged:
            found = self.work / target  # not there before the first run
            sources = [*([str(found)] if found.is_dir() else []), *self._seeds(target)]
            command = [self.program(target), "-merge=1", f"-timeout={INPUT_SECONDS_MAX}", merged, *sources]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  errors="replace", check=False)
            if done.returncode != 0:
                said = done.stdout.strip().splitlines() or [f"exit code {done.returncode}"]
                raise MergeFailed(f"{target} cannot be merged, and its corpus stays as it was: {said[-1]}")
            inputs = [path.read_bytes() for path in pathlib.Path(merged).iterdir()]
        regressions = {path.read_bytes() for path in seeds.glob(f"{REGRESSION}*")}
        inputs = [data for data in inputs if len(data) <= CORPUS_FILE_BYTES_MAX and data not in regressions]
        inputs.sort(key=lambda data: (len(data), data))
        seeds.mkdir(parents=True, exist_ok=True)
        for path in seeds.iterdir():
            if not path.name.startswith(REGRESSION):
                path.unlink()
        # Spread over all sizes: the longest ones reach furthest, the shortest ones are edges.
        step = max(1, -(-len(inputs) // CORPUS_FILES_MAX))
        for data in inputs[::-1][::step]:
            (seeds / f"{hashlib.sha256(data).hexdigest()[:16]}.bin").write_bytes(data)
        return len(list(seeds.iterdir()))


def reproduce(runner: Runner, target: str, path: str) -> int:
    return subprocess.run([runner.program(target), *LIMITS, path], check=False).returncode


def merge_all(runner: Runner, targets: list[str]) -> int:
    try:
        for target in targets:
            print(f"{target:<20} {runner.merge(target)} files", flush=True)
    except MergeFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


def run_all(runner: Runner, targets: list[str], seconds: int, as_json: bool, seed: int | None = None) -> int:
    seed = random.randrange(SEEDS) if seed is None else seed
    canary = runner.canary_is_found()
    print(f"{CANARY:<20} {'found' if canary else 'NOT FOUND: this pipeline reports nothing'}", flush=True)
    runs = []
    for target in targets if canary else []:
        runs.append(runner.run(target, seconds, seed))
        print(runs[-1].line(), flush=True)
    failed = [run.target for run in runs if run.failed]
    if as_json:
        summary = {
            "canary_found": canary,
            "seed": seed,
            "seconds": seconds,
            "targets": len(runs),
            "executions": sum(run.executions for run in runs),
            "failed": failed,
            "runs": [dataclasses.asdict(run) for run in runs],
        }
        print(json.dumps(summary))
    return 0 if canary and not failed else 1


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument("build", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--seed", type=int, help="of libFuzzer (default: drawn, and printed)")
    parser.add_argument("--json", action="store_true", help="end with a line of JSON")
    parser.add_argument("--reproduce", nargs=2, metavar=("TARGET", "FILE"), help="run one input")
    parser.add_argument("--merge", action="store_true", help="put what was found into the corpora")
    parser.add_argument("--check-arguments", action="store_true", help=argparse.SUPPRESS)  # and do nothing
    options = parser.parse_intermixed_args(arguments)  # targets may follow options
    known = all_targets()
    wanted = {options.reproduce[0]} if options.reproduce else set(options.targets)
    unknown = wanted - set(known) - ({CANARY} if options.reproduce else set())
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    if options.reproduce and not pathlib.Path(options.reproduce[1]).is_file():
        parser.error(f"no such file: {options.reproduce[1]}")
    if options.seconds < 1:
        parser.error("--seconds is 1 at least (libFuzzer takes 0 for: without end)")
    if options.seed is not None and options.seed < 0:
        parser.error("--seed is 0 at least")
    options.targets = options.targets or known
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    if options.check_arguments:
        return 0
    runner = Runner(options.build.resolve())
    if options.reproduce:
        return reproduce(runner, *options.reproduce)
    if options.merge:
        return merge_all(runner, options.targets)
    return run_all(runner, options.targets, options.seconds, options.json, options.seed)


if __name__ == "__main__":
    sys.exit(main())
