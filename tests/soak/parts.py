"""What a soak does: each part takes a seed and when to stop, and gives what it counted. It raises when a promise was
broken; whatever else goes wrong is a finding too."""

import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "fuzz")]

BIN = pathlib.Path(os.environ.get("PEERPAY_BIN", ROOT / "build/release/bin"))
FUZZ_BUILD = ROOT / "build/fuzz"
PROGRAM_S = 1800  # more than any one run takes
LOAD_S = 60
RATE_PER_S = 100
ALL_FOUR = 0.1  # how often everyone is killed at once
FLIPS_OF_A_NETWORK = 40
CUTS_OF_A_RUN = 200
SEEDS_OF_A_RUN = 10
SEEDS_OF_A_CELL = 50
TWINS_OF_A_RUN = 50_000
STATES_OF_A_RUN = 12_000_000
FUZZ_S = 120
FUZZ_TARGETS = 30  # that shall each have
FUZZ_MINUTES = 20
RESTART_ACCOUNTS = 1_000_000
RESTARTS_OF_A_RUN = 10
CELLS = [(f"B{number}", validators) for number in range(1, 27) for validators in (4, 7, 10, 13)]


class Finding(Exception):
    """A promise was broken; says which, and how to see it again."""


def run_program(name, *arguments):
    """What it printed. A run that does not end is as bad as one that fails."""
    command = [str(BIN / name), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_S)
    except subprocess.TimeoutExpired as late:
        raise Finding(f"not within {PROGRAM_S} s. Again: {' '.join(command)}") from late
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-800:]
        raise Finding(f"{name} ended with {done.returncode}: {said}")
    return done.stdout


def last_object(printed):
    return json.loads(printed.strip().splitlines()[-1])


def kills(seed, until, record):
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


def restarts(seed, until, record):
    """From SIGKILL until the vote counts again, with many accounts. Slow is no finding: it is reported."""
    told = last_object(run_program("peerpay-bench", "restart", "--json", "--accounts", RESTART_ACCOUNTS,
                                   "--times", RESTARTS_OF_A_RUN))
    return {"restarts": told["restarts"], "voting_again_max_ms": told["voting_again_max_ms"]}


def flipper(seed, until, record):
    from flipper import Flipper
    from loaded import LoadedNetwork

    with LoadedNetwork() as network:
        network.settle(network.load(3, RATE_PER_S))
        rounds = Flipper(network, random.Random(seed))
        while rounds.counts["rounds"] < FLIPS_OF_A_NETWORK and time.monotonic() < until:
            rounds.round()
    return {f"flips_{name}": count for name, count in rounds.counts.items()}


def power_cuts(seed, until, record):
    told = last_object(run_program("power-cuts", "--cuts", CUTS_OF_A_RUN, "--first-seed", seed))
    return {"power_cuts": told["cuts"], "power_cut_commits": told["commits_acknowledged"],
            "power_cut_kills": told["kills"], "refusals_injected": told["refusals_injected"]}


def simulator(seed, until, record):
    printed = run_program("peerpay-sim", "--seed", seed, "--seeds", SEEDS_OF_A_RUN, "--quiet", "--json")
    runs = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return {"simulator_seeds": len(runs),
            "simulated_hours": sum(run["simulated_ms"] for run in runs) / 3_600_000}


def cell_name(cell):
    return "cell_{}_{}".format(*cell)


def behaviours(seed, until, record):
    """The cell of behaviour and size that ran least so far."""
    behaviour, validators = min(CELLS, key=lambda cell: record.get(cell_name(cell), 0))
    run_program("peerpay-sim", "--behaviour", behaviour, "--validators", validators, "--seed", seed,
                "--seeds", SEEDS_OF_A_CELL, "--quiet")
    return {"behaviour_seeds": SEEDS_OF_A_CELL, cell_name((behaviour, validators)): SEEDS_OF_A_CELL}


def twins(seed, until, record):
    told = last_object(run_program("peerpay-sim", "--twins", TWINS_OF_A_RUN, "--validators",
                                   random.Random(seed).choice((4, 4, 4, 7)), "--seed", seed, "--json"))
    return {"twins_scenarios": told["twins"], "twins_cpu_s": told["cpu_ms"] / 1000}


def explore(seed, until, record):
    told = last_object(run_program("peerpay-explore", "--states", STATES_OF_A_RUN, "--seed", seed, "--json"))
    return {"explored_states": told["states"], "explore_cpu_s": told["cpu_ms"] / 1000}


def children_cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def next_target(targets, record):
    """The one that was fuzzed least; while the goal is open, among those that are nearest to it."""
    def minutes(name):
        return record.get(f"fuzz_min_{name}", 0)

    nearest = sorted(targets, key=minutes, reverse=True)[:FUZZ_TARGETS]
    least = min(nearest, key=minutes)
    return least if minutes(least) < FUZZ_MINUTES else min(targets, key=minutes)


def fuzz(seed, until, record):
    """A target's minutes are by the clock; what they had of the processors, which others use, is counted for all."""
    import run as fuzzing

    runner = fuzzing.Runner(FUZZ_BUILD)
    target = next_target(fuzzing.all_targets(), record)
    cpu_s, began = children_cpu_s(), time.monotonic()
    done = runner.run(target, FUZZ_S)
    if done.failed:
        raise Finding(done.line())
    return {f"fuzz_min_{target}": (time.monotonic() - began) / 60, "fuzz_cpu_min": (children_cpu_s() - cpu_s) / 60,
            "fuzz_executions": done.executions}


# Name, what runs until the time is up at the latest, its share of the time.
PARTS = (("kills", kills, 0.2), ("restarts", restarts, 0.05), ("flipper", flipper, 0.1),
         ("power-cuts", power_cuts, 0.15), ("simulator", simulator, 0.1), ("behaviours", behaviours, 0.1),
         ("twins", twins, 0.05), ("explore", explore, 0.05), ("fuzz", fuzz, 0.2))
