#!/usr/bin/env python3
"""Attacks what a validator promises to keep, for as long as one likes (docs/TESTING.md, "Durability").

Four parts share the time: SIGKILLs of real processes under load, power cuts under the storage, damage to the files of
a stopped node, and the simulator with seeds that nobody has seen. A finding names its seed and the command that runs
it again; the others go on. The last line is one JSON object; the exit code is 1 when there is a finding.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

BIN = pathlib.Path(os.environ.get("PEERPAY_BIN", "build/release/bin"))
LOAD_S = 60
RATE_PER_S = 100
ALL_FOUR = 0.1  # how often everyone is killed at once
FLIPS_OF_A_NETWORK = 40
CUTS_OF_A_RUN = 200
SIMULATOR_SEEDS_OF_A_RUN = 10
PROGRAM_S = 900  # more than any one run takes
SEEDS = 2**32
# Of the tests' waits: a soak may share its machine, and slow is no finding.
os.environ.setdefault("PEERPAY_DEADLINE_S", "120")


class Finding(Exception):
    """A promise was broken; says which, and how to see it again."""


def run_program(name, *arguments):
    """Exit code and the two outputs. A run that does not end is as bad as one that fails."""
    command = [str(BIN / name), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_S)
    except subprocess.TimeoutExpired as late:
        raise Finding(f"not within {PROGRAM_S} s. Again: {' '.join(command)}") from late
    return done.returncode, done.stdout, done.stderr


def kills(seed, until):
    """One network under load until it is over, and what it must remember then."""
    from loaded import LoadedNetwork

    rng = random.Random(seed)
    seconds = max(10, min(LOAD_S, int(until - time.monotonic())))
    with LoadedNetwork() as network:
        load = network.load(seconds, RATE_PER_S)
        killed = network.kill_while_running(rng, time.monotonic() + seconds, ALL_FOUR)
        network.await_ready()
        payments = network.settle(load)
        defect = network.defect()
        if defect:
            raise Finding(defect)
    return {"kills": killed, "payments_acknowledged": payments}


def power_cuts(seed, until):
    code, out, err = run_program("power-cuts", "--cuts", CUTS_OF_A_RUN, "--first-seed", seed)
    if code != 0:
        raise Finding(f"power-cuts ended with {code}: {err.strip()[-600:]}")
    told = json.loads(out)
    return {"power_cuts": told["cuts"], "power_cut_commits": told["commits_acknowledged"],
            "power_cut_kills": told["kills"], "refusals_injected": told["refusals_injected"]}


def flipper(seed, until):
    from flipper import Flipper
    from loaded import LoadedNetwork

    with LoadedNetwork() as network:
        network.settle(network.load(3, RATE_PER_S))
        rounds = Flipper(network, random.Random(seed))
        while rounds.counts["rounds"] < FLIPS_OF_A_NETWORK and time.monotonic() < until:
            rounds.round()
    return {f"flips_{name}": count for name, count in rounds.counts.items()}


def simulator(seed, until):
    code, out, err = run_program("peerpay-sim", "--seed", seed, "--seeds", SIMULATOR_SEEDS_OF_A_RUN, "--quiet")
    if code != 0:
        raise Finding(f"peerpay-sim ended with {code}: {(out + err).strip()[-600:]}")
    return {"simulator_seeds": SIMULATOR_SEEDS_OF_A_RUN}


# Name, what runs until the time is up at the latest, and its share.
PARTS = (("kills", kills, 0.4), ("power-cuts", power_cuts, 0.2), ("flipper", flipper, 0.2),
         ("simulator", simulator, 0.2))


def soak_part(name, part, seconds, rng, counts, findings):
    """Again and again with a fresh seed until the time is up, at least once."""
    until = time.monotonic() + seconds
    while True:
        seed = rng.randrange(SEEDS)
        try:
            for key, count in part(seed, until).items():
                counts[key] = counts.get(key, 0) + count
        except Exception as broken:  # whatever it is, the other parts go on and it is told
            again = f"./dev soak --only {name} --seed {seed} --once"
            findings.append({"part": name, "seed": seed, "what": f"{type(broken).__name__}: {broken}", "again": again})
            print(f"FINDING in {name}: {broken}\nagain: {again}", file=sys.stderr, flush=True)
        if time.monotonic() >= until:
            return


def run_once(parts, seed, counts, findings):
    """Each part with this very seed, as a finding's command asks for."""

    class Same:
        def randrange(self, _):
            return seed

    for name, part, _ in parts:
        soak_part(name, lambda given, until, part=part: part(given, time.monotonic() + LOAD_S), 0, Same(), counts,
                  findings)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="for all parts together (10)")
    parser.add_argument("--only", choices=[name for name, _, _ in PARTS], help="this part alone")
    parser.add_argument("--seed", type=int, help="what the seeds are drawn from")
    parser.add_argument("--once", action="store_true", help="every part once, with this very --seed")
    parser.add_argument("--power-cuts", type=int, metavar="N", help="N power cuts, and nothing else")
    return parser.parse_args(arguments)


def main(arguments, parts=PARTS):
    options = parse(arguments)
    seed = random.randrange(SEEDS) if options.seed is None else options.seed
    began = time.monotonic()
    counts, findings = {}, []
    chosen = [part for part in parts if options.only in (None, part[0])]
    if options.power_cuts:
        rng = random.Random(seed)
        while counts.get("power_cuts", 0) < options.power_cuts and not findings:
            soak_part("power-cuts", power_cuts, 0, rng, counts, findings)
    elif options.once:
        run_once(chosen, seed, counts, findings)
    else:
        total = sum(share for _, _, share in chosen)
        for name, part, share in chosen:
            seconds = options.minutes * 60 * share / total
            print(f"==> {name}: {seconds:.0f} s", file=sys.stderr, flush=True)
            soak_part(name, part, seconds, random.Random(f"{seed} {name}"), counts, findings)
    summary = {"passed": not findings, "seed": seed, "seconds": round(time.monotonic() - began, 1), **counts,
               "findings": findings}
    print(json.dumps(summary))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
