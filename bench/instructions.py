#!/usr/bin/env python3
"""Whether a payment costs a node more instructions than before, stage by stage: ./dev bench --check [--update]

peerpay-instructions does the same work in every run, so callgrind counts the same instructions whatever else the
machine does. The counts are compared with those that are kept in instructions.json, which are of one compiler and of
one machine's libraries. Exit codes: 0 nothing costs more, 1 a stage does, 2 it can't be told.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

BASELINE = pathlib.Path(__file__).resolve().parent / "instructions.json"
TOLERANCE_PERCENT = 2
STAGES = {  # in the order of a payment's way
    "receive": "decoding and hashing a client's transaction",
    "verify": "checking its signature",
    "mempool": "admitting it to the pool",
    "gossip": "passing it on to another validator",
    "build": "proposing a block, executed",
    "encode": "encoding the block",
    "decode": "decoding the block",
    "execute": "executing the block",
    "tree": "updating the state tree",
    "commit": "making the block final",
    "storage": "storing the block",
}


class CannotTell(Exception):
    """One sentence."""


class Counts(NamedTuple):
    compiler: str
    instructions: dict[str, int]  # of one transaction, by stage


def parse_dumps(texts: list[str]) -> dict[str, int]:
    """Instructions by stage, of what callgrind wrote."""
    out: dict[str, int] = {}
    for text in texts:
        stage = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
        total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
        if stage and total:
            out[stage[1]] = out.get(stage[1], 0) + int(total[1])
    return out


def measure(program: str) -> Counts:
    if not shutil.which("valgrind"):
        raise CannotTell("valgrind is not there: apt-get install valgrind")
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "-q", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={folder}/out",
                   program]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TMPDIR": folder})
        if run.returncode != 0:
            raise CannotTell(f"{program} ended with {run.returncode} under valgrind: {run.stderr[-2000:]}")
        totals = parse_dumps([path.read_text() for path in pathlib.Path(folder).glob("out*")])
    told = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    missing = STAGES.keys() ^ totals.keys()
    if missing:
        raise CannotTell(f"stages are missing or new: {', '.join(sorted(missing))}")
    payments = int(told["payments"])
    return Counts(told["compiler"], {stage: round(totals[stage] / payments) for stage in STAGES})


def percent(now: int, before: int) -> float:
    return 100 * (now - before) / before


def compare(now: Counts, before: Counts) -> list[str]:
    """A sentence for each stage that costs more than before."""
    if now.compiler != before.compiler:
        raise CannotTell(
            f"the baseline was made by compiler {before.compiler}, and this is {now.compiler}: their figures can't be "
            "compared. Make a baseline of the commit before yours (./dev bench --check --update), then check yours")
    out = []
    for stage, instructions in now.instructions.items():
        if stage not in before.instructions:
            raise CannotTell(f"the baseline knows no stage {stage}: ./dev bench --check --update")
        was = before.instructions[stage]
        if percent(instructions, was) > TOLERANCE_PERCENT:
            out.append(f"Stage {stage} ({STAGES[stage]}) regressed: {instructions:,} instructions a transaction, "
                       f"{was:,} before ({percent(instructions, was):+.1f} %).")
    return out


def table(now: Counts, before: Counts | None) -> str:
    lines = [f"{'stage':<10}{'now':>10}{'before':>10}   change"]
    for stage, instructions in now.instructions.items():
        was = before.instructions.get(stage) if before else None
        known = f"{was:>10,}   {percent(instructions, was):+.1f} %" if was else f"{'-':>10}"
        lines.append(f"{stage:<10}{instructions:>10,}{known}")
    return "\n".join(lines)


def load(path: pathlib.Path) -> Counts | None:
    if not path.exists():
        return None
    kept = json.loads(path.read_text())
    return Counts(kept["compiler"], kept["instructions_per_transaction"])


def save(path: pathlib.Path, counts: Counts):
    kept = {"compiler": counts.compiler, "instructions_per_transaction": counts.instructions}
    path.write_text(json.dumps(kept, indent=2) + "\n")


def check(now: Counts, path: pathlib.Path, update: bool) -> int:
    before = load(path)
    print(table(now, before))
    if update:
        save(path, now)
        print(f"{path.name} has these figures now.")
        return 0
    if before is None:
        raise CannotTell(f"{path} is not there: ./dev bench --check --update")
    regressed = compare(now, before)
    print("\n".join(regressed) or f"No stage costs {TOLERANCE_PERCENT} % more than before.")
    return 1 if regressed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench --check", description=__doc__.splitlines()[0])
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--update", action="store_true", help="keep the present figures as the baseline")
    arguments = parser.parse_args()
    try:
        return check(measure(arguments.program), BASELINE, arguments.update)
    except CannotTell as reason:
        print(f"./dev bench --check: {reason}.", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
