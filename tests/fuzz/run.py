#!/usr/bin/env python3
"""Runs fuzz targets and fails when one finds something: ./dev fuzz [options] [TARGET...]

First the canary, a bug that was planted: when that is not found, nothing else can be believed. A
crash, a broken promise, a leak, a time-out and too much memory all count as failures.
"""

import argparse
import dataclasses
import fcntl
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

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
            f" {self.executions:>10} executions  coverage {self.coverage} (+{self.coverage_new})"
        )
        if self.exit_code != 0:
            where = self.finding or "no input was kept: see the log"
            text += f"\n  {where}\n  ./dev fuzz --reproduce {self.target} {where}"
        return text


def all_targets(folder: pathlib.Path = FOLDER) -> list[str]:
    """Every target but the canary, as CMakeLists.txt names them."""
    cmake = (folder / "CMakeLists.txt").read_text()
    names = re.findall(r"^peerpay_add_fuzz_target\((\w+)", cmake, re.MULTILINE)
    return sorted(set(names) - {CANARY})


def _last_number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


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

    def run(self, target: str, seconds: int) -> Run:
        work = self.work / target
        work.mkdir(parents=True, exist_ok=True)
        # Another run of this target, of a soak perhaps, would lose its log and its findings.
        with (work.parent / f"{target}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._run_alone(target, seconds, work)

    def _run_alone(self, target: str, seconds: int, work: pathlib.Path) -> Run:
        # What was found before says nothing about this run.
        kept = self.findings / target
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        command = [
            self.program(target),
            f"-max_total_time={seconds}",
            f"-timeout={INPUT_SECONDS_MAX}",
            f"-rss_limit_mb={MEMORY_MB_MAX}",
            f"-artifact_prefix={kept}/",
            "-print_final_stats=1",
            str(work),
            *self._seeds(target),
        ]
        log_path = kept / "log"
        began = time.monotonic()
        with log_path.open("wb") as log:
            try:
                limit = seconds + GRACE_SECONDS
                done = subprocess.run(command, stdout=log, stderr=log, timeout=limit, check=False)
                exit_code = done.returncode
            except subprocess.TimeoutExpired:
                exit_code = 124
        took = round(time.monotonic() - began, 1)
        return dataclasses.replace(self._read(target, exit_code, log_path), seconds=took)

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
        )

    def canary_is_found(self) -> bool:
        """From nothing, each time: it must be found, not remembered."""
        shutil.rmtree(self.work / CANARY, ignore_errors=True)
        found = self.run(CANARY, CANARY_SECONDS)
        return found.exit_code != 0 and bool(found.finding)

    def merge(self, target: str) -> int:
        """Makes the corpus anew: the fewest inputs that cover what old and new ones do."""
        seeds = self.corpus / target
        with tempfile.TemporaryDirectory() as merged:
            sources = [str(self.work / target), *self._seeds(target)]
            subprocess.run(
                [self.program(target), "-merge=1", f"-timeout={INPUT_SECONDS_MAX}", merged, *sources],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            inputs = [path.read_bytes() for path in pathlib.Path(merged).iterdir()]
        inputs = [data for data in inputs if len(data) <= CORPUS_FILE_BYTES_MAX]
        inputs.sort(key=lambda data: (len(data), data))
        shutil.rmtree(seeds, ignore_errors=True)
        seeds.mkdir(parents=True)
        # Spread over all sizes: the longest ones reach furthest, the shortest ones are edges.
        step = max(1, -(-len(inputs) // CORPUS_FILES_MAX))
        for data in inputs[::-1][::step]:
            (seeds / f"{hashlib.sha256(data).hexdigest()[:16]}.bin").write_bytes(data)
        return len(list(seeds.iterdir()))


def reproduce(runner: Runner, target: str, path: str) -> int:
    limits = [f"-timeout={INPUT_SECONDS_MAX}", f"-rss_limit_mb={MEMORY_MB_MAX}"]
    return subprocess.run([runner.program(target), *limits, path], check=False).returncode


def run_all(runner: Runner, targets: list[str], seconds: int, as_json: bool) -> int:
    canary = runner.canary_is_found()
    print(f"{CANARY:<20} {'found' if canary else 'NOT FOUND: this pipeline reports nothing'}", flush=True)
    runs = []
    for target in targets if canary else []:
        runs.append(runner.run(target, seconds))
        print(runs[-1].line(), flush=True)
    failed = [run.target for run in runs if run.failed]
    if as_json:
        summary = {
            "canary_found": canary,
            "seconds": seconds,
            "targets": len(runs),
            "executions": sum(run.executions for run in runs),
            "failed": failed,
            "runs": [dataclasses.asdict(run) for run in runs],
        }
        print(json.dumps(summary))
    return 0 if canary and not failed else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument("build", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--json", action="store_true", help="end with a line of JSON")
    parser.add_argument("--reproduce", nargs=2, metavar=("TARGET", "FILE"), help="run one input")
    parser.add_argument("--merge", action="store_true", help="put what was found into the corpora")
    arguments = parser.parse_args()
    runner = Runner(arguments.build.resolve())
    if arguments.reproduce:
        return reproduce(runner, *arguments.reproduce)
    known = all_targets()
    unknown = set(arguments.targets) - set(known)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    targets = arguments.targets or known
    if arguments.merge:
        for target in targets:
            print(f"{target:<20} {runner.merge(target)} files", flush=True)
        return 0
    return run_all(runner, targets, arguments.seconds, arguments.json)


if __name__ == "__main__":
    sys.exit(main())
