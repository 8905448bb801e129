#!/usr/bin/env python3
"""Attacks what peerpay promises, for as long as one likes, with seeds that nobody has seen (docs/TESTING.md, "Soak").

SIGKILLs of real processes under load, restarts with a million accounts, damage to the files of a stopped node, power
cuts under the storage, the simulator with and without each Byzantine behaviour, Twins, exploration of the engine and
every fuzz target share the time. A finding names its seed and the command that runs it again; the others go on. What
was counted is also added to a record, and --report compares that with the goals. The last line is one JSON object;
the exit code is 1 when there is a finding.
"""

import argparse
import json
import pathlib
import random
import signal
import subprocess
import sys
import time

from parts import CELLS, FUZZ_MINUTES, FUZZ_TARGETS, LOAD_S, PARTS, ROOT, cell_name

RECORD = ROOT / "build/soak/record.jsonl"
SEEDS = 2**32


def largest(name):
    return name.endswith("_max_ms")


def add(total, counts):
    """Counts add up; the worst of what is a maximum stays."""
    for name, count in counts.items():
        total[name] = max(total.get(name, 0), count) if largest(name) else total.get(name, 0) + count


class Record:
    """What all soaks of this clone have counted, one line for each run of a part."""

    def __init__(self, path):
        self.path = path
        self.total = {}
        self.runs = 0
        self.findings = []
        self.answered = []  # findings whose very run passed on a later commit
        self.commits = set()
        for line in path.read_text().splitlines() if path.exists() else []:
            self._take(json.loads(line))

    def _take(self, entry):
        add(self.total, entry["counts"])
        self.runs += 1
        self.commits.add(entry["commit"])
        if entry["finding"]:
            self.findings.append({**entry["finding"], "commit": entry["commit"]})
        else:
            self._answer(entry)

    def _answer(self, entry):
        again = [finding for finding in self.findings
                 if (finding["part"], finding["seed"]) == (entry["part"], entry["seed"])
                 and finding["commit"] != entry["commit"]]
        self.findings = [finding for finding in self.findings if finding not in again]
        self.answered += [{**finding, "passed": entry["commit"]} for finding in again]

    def append(self, entry):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self._take(entry)


class Goal:
    """A figure that all soaks together shall reach."""

    def __init__(self, part, what, wanted, reached):
        self.part, self.what, self.wanted, self.reached = part, what, wanted, reached

    @property
    def met(self):
        return self.reached >= self.wanted


def goals(total):
    fuzzed = sorted((minutes for name, minutes in total.items() if name.startswith("fuzz_min_")), reverse=True)
    return [
        Goal("kills", "SIGKILLs, no acknowledged payment lost", 2_000, total.get("kills", 0)),
        Goal("restarts", "SIGKILLs with 1,000,000 accounts", 100, total.get("restarts", 0)),
        Goal("power-cuts", "power cuts, nothing lost", 20_000, total.get("power_cuts", 0)),
        Goal("behaviours", "seeds of the cell of behaviour and size that ran least", 1_000,
             min(total.get(cell_name(cell), 0) for cell in CELLS)),
        Goal("explore", "states explored", 10_000_000, total.get("explored_states", 0)),
        Goal("fuzz", "minutes of the fuzz target that is 30th by its minutes", FUZZ_MINUTES,
             round(fuzzed[FUZZ_TARGETS - 1], 1) if len(fuzzed) >= FUZZ_TARGETS else 0),
    ]


def commit():
    done = subprocess.run(["git", "-c", "safe.directory=*", "rev-parse", "--short", "HEAD"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


class Soak:
    def __init__(self, record, seed):
        self.record = record
        self.seed = seed
        self.commit = commit()
        self.counts = {}
        self.findings = []

    def run(self, name, part, seed, until):
        """One run of a part. Whatever goes wrong is told, and the other parts go on."""
        counts, finding = {}, None
        began = time.monotonic()
        try:
            counts = part(seed, until, self.record.total)
        except Exception as broken:
            again = f"./dev soak --only {name} --seed {seed} --once"
            finding = {"part": name, "seed": seed, "what": f"{type(broken).__name__}: {broken}", "again": again}
            self.findings.append(finding)
            print(f"FINDING in {name}: {broken}\nagain: {again}", file=sys.stderr, flush=True)
        add(self.counts, counts)
        self.record.append({"part": name, "seed": seed, "commit": self.commit,
                            "seconds": round(time.monotonic() - began, 1), "counts": counts, "finding": finding})

    def run_for(self, name, part, seconds, to_goal):
        """Again and again with a fresh seed until the time is up, at least once."""
        rng = random.Random(f"{self.seed} {name}")
        until = time.monotonic() + seconds
        print(f"==> {name}: {seconds:.0f} s", file=sys.stderr, flush=True)
        while True:
            self.run(name, part, rng.randrange(SEEDS), until)
            if time.monotonic() >= until or (to_goal and not open_parts([name], self.record)):
                return


def open_parts(names, record):
    """Those of the parts that have a goal which is not reached."""
    return [name for name in names
            if any(goal.part == name and not goal.met for goal in goals(record.total))]


def report(record):
    """All that was ever counted here, as a table; true when every goal is met."""
    print(f"{record.runs} runs of {len(record.commits)} commits, {len(record.findings)} findings, and "
          f"{len(record.answered)} whose run passed on a later commit")
    for goal in goals(record.total):
        print(f"  {'reached' if goal.met else 'open':<8} {goal.reached:>14,} of {goal.wanted:>10,}  {goal.what}")
    print(json.dumps({"runs": record.runs, "findings": record.findings, "answered": record.answered,
                      "total": record.total}))
    return all(goal.met for goal in goals(record.total)) and not record.findings


def parse(arguments, parts):
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="for all parts together (10)")
    parser.add_argument("--only", action="append", choices=[name for name, _, _ in parts],
                        help="this part alone; may be repeated")
    parser.add_argument("--to-goal", action="store_true", help="leave out parts whose goal is reached")
    parser.add_argument("--seed", type=int, help="what the seeds are drawn from")
    parser.add_argument("--once", action="store_true", help="every part once, with this very --seed")
    parser.add_argument("--report", action="store_true", help="what all soaks here have counted, and run nothing")
    parser.add_argument("--record", type=pathlib.Path, default=RECORD, help="where counts are added (%(default)s)")
    return parser.parse_args(arguments)


def main(arguments, parts=PARTS):
    options = parse(arguments, parts)
    record = Record(options.record)
    if options.report:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads on may have read enough
        return 0 if report(record) else 1
    soak = Soak(record, random.randrange(SEEDS) if options.seed is None else options.seed)
    began = time.monotonic()
    chosen = [part for part in parts if not options.only or part[0] in options.only]
    if options.to_goal:
        wanted = open_parts([name for name, _, _ in chosen], record)
        chosen = [part for part in chosen if part[0] in wanted]
    total = sum(share for _, _, share in chosen)
    for name, part, share in chosen:
        if options.once:
            soak.run(name, part, soak.seed, time.monotonic() + LOAD_S)
        else:
            soak.run_for(name, part, options.minutes * 60 * share / total, options.to_goal)
    print(json.dumps({"passed": not soak.findings, "seed": soak.seed, "seconds": round(time.monotonic() - began, 1),
                      **soak.counts, "findings": soak.findings}))
    return 1 if soak.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
