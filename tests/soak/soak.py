#!/usr/bin/env python3
"""Attacks what peerpay promises, for as long as one likes, with seeds that nobody has seen (docs/TESTING.md, "Soak").

SIGKILLs of real processes under load, restarts with a million accounts, damage to the files of a stopped node, power
cuts under the storage, the simulator with and without each Byzantine behaviour, Twins, exploration of the engine and
every fuzz target share the time. A finding names its seed and the command that runs it again; the others go on. What
was counted is also added to a record, and --report compares that with the goals. The last line is one JSON object;
the exit code is 1 when there is a finding, 2 when what was asked makes no sense.

There are two records: that of this clone, a line for each run, and the repository's, to which --keep moves it, a line
for each part and commit.
"""

import argparse
import concurrent.futures
import contextlib
import json
import math
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import threading
import time

from parts import CELLS, FUZZ_MINUTES, FUZZ_TARGETS, LOAD_S, PARTS, ROOT, SEED_MAX, WrongArguments, foci

RECORD = ROOT / "build/soak/record.jsonl"
KEPT_NAME = "tests/soak/record.jsonl"
KEPT = ROOT / KEPT_NAME
SEEDS = 2**32
DIRTY = "-dirty"
PROGRESS_S = 10
EXIT_WRONG = 2  # as argparse's; 1 is a finding
NOTHING = {"runs": 0, "clock_s": 0, "cpu_s": 0, "counts": {}}


def largest(name):
    return name.endswith(("_max_ms", "_distinct_max"))


def add(total, counts):
    """Counts add up; the worst of what is a maximum stays."""
    for name, count in counts.items():
        total[name] = max(total.get(name, 0), count) if largest(name) else total.get(name, 0) + count


def told(entry):
    """A finding on its own."""
    return {**{name: entry[name] for name in ("part", "seed", "focus", "commit")}, **entry["finding"],
            **({"passed": entry["passed"]} if "passed" in entry else {})}


def git(*arguments):
    return subprocess.run(["git", "-c", "safe.directory=*", *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def commit():
    """Of what runs: with -dirty after it when sources were changed since, and so no commit says what ran."""
    head = git("rev-parse", "--short", "HEAD").stdout.strip() or "unknown"
    changed = git("status", "--porcelain", "--", ".", f":!{KEPT_NAME}").stdout.strip()
    return f"{head}{DIRTY}" if changed else head


def is_later(commit_hash, than):
    """Whether the one has all that the other has, and more."""
    return commit_hash != than and not commit_hash.endswith(DIRTY) and git(
        "merge-base", "--is-ancestor", than.removesuffix(DIRTY), commit_hash).returncode == 0


class Record:
    """What soaks have counted. An entry has its part and commit, how many runs it tells of, their seconds by the clock
    and of the processors, counts, and for a single run also the seed, what it looked at, and its finding."""

    is_later = staticmethod(is_later)

    def __init__(self, paths):
        self.total = {}
        self.entries = []
        self.findings = []
        self.answered = []  # findings whose very run passed on a later commit
        for path in paths:
            for line in path.read_text().splitlines() if path.exists() else []:
                self.take(json.loads(line))

    @property
    def runs(self):
        return sum(entry["runs"] for entry in self.entries)

    @property
    def commits(self):
        return {entry["commit"] for entry in self.entries}

    def take(self, entry):
        add(self.total, entry["counts"])
        self.entries.append(entry)
        if entry.get("finding"):
            self.findings.append(entry)
            return
        again = [finding for finding in self.findings
                 if all(finding[name] == entry.get(name) for name in ("part", "seed", "focus"))
                 and self.is_later(entry["commit"], finding["commit"])]
        self.findings = [finding for finding in self.findings if finding not in again]
        self.answered += [{**finding, "passed": entry["commit"]} for finding in again]

    def of(self, commit_hash):
        """What was counted at this commit alone."""
        total = {}
        for entry in self.entries:
            if entry["commit"] == commit_hash:
                add(total, entry["counts"])
        return total

    def condensed(self):
        """The same in few entries: what has no finding is summed up for each part and commit."""
        kept = [entry for entry in self.entries if entry.get("finding")]
        kept += [{**finding, "commit": finding["passed"], "finding": None, **NOTHING}
                 for finding in self.answered]
        sums = {}
        for entry in self.entries:
            if not entry.get("finding"):
                into = sums.setdefault((entry["part"], entry["commit"]), {
                    "part": entry["part"], "commit": entry["commit"], **NOTHING, "counts": {}})
                for name in ("runs", "clock_s", "cpu_s"):
                    into[name] = round(into[name] + entry.get(name, 0), 1)
                add(into["counts"], entry["counts"])
        return [*sums.values(), *kept]


def keep(own, kept):
    """Moves the record of this clone to the repository's."""
    entries = Record([kept, own]).condensed()
    kept.write_text("".join(json.dumps(entry, sort_keys=True) + "\n" for entry in entries))
    own.unlink(missing_ok=True)


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
        Goal("restarts", "of 100 of them vote again within 3 s", 99,
             100 * total.get("restarts_within_3_s", 0) // max(1, total.get("restarts", 0))),
        Goal("power-cuts", "power cuts, nothing lost", 20_000, total.get("power_cuts", 0)),
        Goal("behaviours", "seeds of the cell of behaviour and size that ran least", 1_000,
             min(total.get(f"cell_{cell}", 0) for cell in CELLS)),
        Goal("explore", "distinct states explored in one run", 10_000_000, total.get("explored_distinct_max", 0)),
        Goal("fuzz", "minutes of the fuzz target that is 30th by its minutes", FUZZ_MINUTES,
             round(fuzzed[FUZZ_TARGETS - 1], 1) if len(fuzzed) >= FUZZ_TARGETS else 0),
    ]


def children_cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Soak:
    """Runs parts, several runs of one at a time where that is the part's way, and writes down what each counted."""

    def __init__(self, record, path, seed, jobs):
        self.record = record
        self.path = path
        self.seed = seed
        self.jobs = jobs
        self.commit = commit()
        self.counts = {}
        self.findings = []
        self.lock = threading.Lock()
        self.running = []  # what the runs of this moment look at
        self.cpu_s = children_cpu_s()
        self.wrong = None  # WrongArguments, after which nothing more is run
        self.told_at = -math.inf

    def run(self, part, seed, until, focus=None):
        """One run of a part. Whatever goes wrong is told, and the other parts go on."""
        with self.lock:
            focus = focus or part.choose(self.record.total, self.running)
            self.running.append(focus)
        counts, finding = {}, None
        began = time.monotonic()
        try:
            counts = part.run(seed, until, focus)
        except WrongArguments as refused:
            with self.lock:
                self.running.remove(focus)
                self.wrong = refused
            return
        except Exception as broken:
            what = f"{type(broken).__name__}: {broken}".replace(f"{ROOT}/", "")  # the record is for every clone
            finding = {"what": what, "again": " ".join(
                [f"./dev soak --once --only {part.name} --seed {seed}", *([f"--focus {focus}"] if focus else [])])}
            print(f"FINDING in {part.name}: {broken}\nagain: {finding['again']}", file=sys.stderr, flush=True)
        with self.lock:
            self.running.remove(focus)
            self._write_down({"part": part.name, "seed": seed, "focus": focus, "commit": self.commit, "runs": 1,
                              "clock_s": round(time.monotonic() - began, 1), "counts": counts, "finding": finding})

    def _write_down(self, entry):
        # Of runs at the same time, who ends first is charged what all had so far.
        used, self.cpu_s = children_cpu_s() - self.cpu_s, children_cpu_s()
        entry["cpu_s"] = round(used, 1)
        add(self.counts, entry["counts"])
        if entry["finding"]:
            self.findings.append(entry)
        self.record.take(entry)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self._tell_progress(entry)

    def _tell_progress(self, entry):
        """What the newest run counted, now and then: many take a second, and some many minutes."""
        if time.monotonic() - self.told_at < PROGRESS_S:
            return
        self.told_at = time.monotonic()
        what = " ".join(filter(None, (entry["part"], entry["focus"])))
        counted = ", ".join(f"{name} {count:,}" for name, count in entry["counts"].items())
        print(f"    {time.strftime('%T')} {what}: {counted or 'nothing'}", file=sys.stderr, flush=True)

    def run_for(self, part, seconds, to_goal):
        """Again and again with a fresh seed until the time is up, at least once."""
        # No two runs look at the same, so there are no more of them than there is to look at.
        jobs = 1 if part.alone else min(self.jobs, len(foci(part.name)) or self.jobs)
        until = time.monotonic() + seconds
        print(f"==> {part.name}: {seconds:.0f} s, {jobs} at a time", file=sys.stderr, flush=True)

        def go_on(number):
            rng = random.Random(f"{self.seed} {part.name} {number}")
            while True:
                self.run(part, rng.randrange(SEEDS), until)
                is_reached = to_goal and not open_parts([part.name], self.record)
                if self.wrong or is_reached or time.monotonic() >= until:
                    return

        if jobs == 1:
            go_on(0)
            return
        with concurrent.futures.ThreadPoolExecutor(jobs) as workers:
            try:
                for done in [workers.submit(go_on, number) for number in range(jobs)]:
                    done.result()
            except KeyboardInterrupt:
                with self.lock:  # so that no run that is killed writes that down
                    end_at_once()


def end_at_once():
    """Ends with what runs of parts are made of, whose threads nothing else would end."""
    print("stopped: what ended before is in the record", file=sys.stderr, flush=True)
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, (_, parent, *_) = status.parent.name, status.read_text().rpartition(")")[2].split()
            if int(parent) == os.getpid():
                os.kill(int(pid), signal.SIGKILL)
    os._exit(128 + signal.SIGINT)


def open_parts(names, record):
    """Those of the parts that have a goal which is not reached."""
    return [name for name in names
            if any(goal.part == name and not goal.met for goal in goals(record.total))]


def report(record):
    """All that was ever counted, as a table; true when every goal is met."""
    print(f"{record.runs} runs of {len(record.commits)} commits, {len(record.findings)} findings, and "
          f"{len(record.answered)} whose run passed on a later commit")
    for goal, here in zip(goals(record.total), goals(record.of(commit())), strict=True):
        print(f"  {'reached' if goal.met else 'open':<8} {goal.reached:>14,} of {goal.wanted:>10,}  {goal.what}; "
              f"{here.reached:,} of this commit")
    hours = {}
    for entry in record.entries:
        add(hours.setdefault(entry["part"], {}), {name: entry.get(f"{name}_s", 0) / 3600 for name in ("clock", "cpu")})
    for part, used in hours.items():
        print(f"  {part}: {used['clock']:.1f} h by the clock, {used['cpu']:.1f} h of the processors")
    print(json.dumps({"runs": record.runs, "findings": [told(entry) for entry in record.findings],
                      "answered": [told(entry) for entry in record.answered],
                      "total": dict(sorted(record.total.items()))}))
    return all(goal.met for goal in goals(record.total)) and not record.findings


def parse(arguments, parts):
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="for all parts together (10)")
    parser.add_argument("--only", action="append", choices=[part.name for part in parts],
                        help="this part alone; may be repeated")
    parser.add_argument("--to-goal", action="store_true", help="leave out parts whose goal is reached")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time (one for each processor)")
    parser.add_argument("--seed", type=int, help="what the seeds are drawn from")
    parser.add_argument("--focus", help="the fuzz target, or the behaviour and size (B7_10), to look at")
    parser.add_argument("--once", action="store_true", help="every part once, with this very --seed")
    parser.add_argument("--report", action="store_true", help="what all soaks have counted, and run nothing")
    parser.add_argument("--keep", action="store_true", help="move what was counted to the record in the repository")
    parser.add_argument("--record", type=pathlib.Path, default=RECORD, help="where counts are added (%(default)s)")
    parser.add_argument("--check-arguments", action="store_true", help=argparse.SUPPRESS)  # and do nothing
    parser.add_argument("--kept", type=pathlib.Path, default=KEPT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs is 1 at least")
    if not 0 < options.minutes < math.inf:
        parser.error("--minutes is more than 0, and finite")
    if options.seed is not None and not 0 <= options.seed <= SEED_MAX:
        parser.error(f"--seed is from 0 to {SEED_MAX}")
    if options.focus and not (options.once and len(options.only or []) == 1):
        parser.error("--focus goes with --once and one --only")
    if options.focus and options.focus not in foci(options.only[0]):
        parser.error(f"{options.focus} is nothing that {options.only[0]} can look at")
    return options


def main(arguments, parts=PARTS):
    options = parse(arguments, parts)
    if options.check_arguments:
        return 0
    if options.keep:
        keep(options.record, options.kept)
    record = Record([options.kept, options.record])
    if options.report or options.keep:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads on may have read enough
        return 0 if report(record) else 1
    soak = Soak(record, options.record, random.randrange(SEEDS) if options.seed is None else options.seed, options.jobs)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    began = time.monotonic()
    chosen = [part for part in parts if not options.only or part.name in options.only]
    if options.to_goal:
        wanted = open_parts([part.name for part in chosen], record)
        with_goal = {goal.part for goal in goals(record.total)}
        for part in chosen:
            if part.name not in wanted:
                why = "its goal is reached (./dev soak --report)" if part.name in with_goal else "it has no goal"
                print(f"==> {part.name}: {why}; nothing is run", file=sys.stderr)
        chosen = [part for part in chosen if part.name in wanted]
    total = sum(part.share for part in chosen)
    for part in chosen:
        if options.once:
            soak.run(part, soak.seed, time.monotonic() + LOAD_S, options.focus)
        else:
            soak.run_for(part, options.minutes * 60 * part.share / total, options.to_goal)
        if soak.wrong:
            print(f"this soak is wrong, and its record has nothing of that: {soak.wrong}", file=sys.stderr)
            break
    print(json.dumps({"passed": not soak.findings and not soak.wrong, "parts": [part.name for part in chosen],
                      "seed": soak.seed, "seconds": round(time.monotonic() - began, 1),
                      **soak.counts, "findings": [told(entry) for entry in soak.findings]}))
    if soak.findings:
        return 1
    return EXIT_WRONG if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
