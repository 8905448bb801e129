"""What a soak does: each part takes a seed, when to stop and what to look at, and gives what it counted. It raises when
a promise was broken; whatever else goes wrong is a finding too."""

import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "fuzz")]

BIN = pathlib.Path(os.environ.get("PEERPAY_BIN", ROOT / "build/release/bin"))
FUZZ_BUILD = ROOT / "build/fuzz"
USAGE = {"peerpay-bench": 2}  # the exit code of a program that was called wrongly; of all others 64
SEED_MAX = 2**62  # that peerpay-sim takes; the other programs take more
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
CELLS = [f"B{number}_{validators}" for number in range(1, 27) for validators in (4, 7, 10, 13)]


class Finding(Exception):
    """A promise was broken; says which, and how to see it again."""


class WrongArguments(Exception):
    """A program refused what this soak asked of it: that says nothing of any promise."""


def run_program(name, *arguments):
    """What it printed. A run that does not end is as bad as one that fails."""
    command = [str(BIN / name), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_S)
    except subprocess.TimeoutExpired as late:
        raise Finding(f"not within {PROGRAM_S} s. Again: {' '.join(command)}") from late
    if done.returncode == USAGE.get(name, 64):
        raise WrongArguments(f"{' '.join(command)}: {done.stderr.strip()}")
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-800:]
        raise Finding(f"{name} ended with {done.returncode}: {said}")
    return done.stdout


def last_object(printed):
    return json.loads(printed.strip().splitlines()[-1])


def kills(seed, until, focus):
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


def restarts(seed, until, focus):
    """From SIGKILL until the vote counts again, with many accounts. Slow is no finding: it is reported."""
    told = last_object(run_program("peerpay-bench", "restart", "--json", "--accounts", RESTART_ACCOUNTS,
                                   "--times", RESTARTS_OF_A_RUN))
    return {"restarts": told["restarts"], "restarts_within_3_s": told["voting_again_within_3_s"],
            "voting_again_max_ms": told["voting_again_max_ms"]}


def flipper(seed, until, focus):
    from flipper import Flipper
    from loaded import LoadedNetwork

    with LoadedNetwork() as network:
        network.settle(network.load(3, RATE_PER_S))
        rounds = Flipper(network, random.Random(seed))
        while rounds.counts["rounds"] < FLIPS_OF_A_NETWORK and time.monotonic() < until:
            rounds.round()
    return {f"flips_{name}": count for name, count in rounds.counts.items()}


def power_cuts(seed, until, focus):
    told = last_object(run_program("power-cuts", "--cuts", CUTS_OF_A_RUN, "--first-seed", seed))
    return {"power_cuts": told["cuts"], "power_cut_commits": told["commits_acknowledged"],
            "power_cut_kills": told["kills"], "refusals_injected": told["refusals_injected"]}


def simulator(seed, until, focus):
    printed = run_program("peerpay-sim", "--seed", seed, "--seeds", SEEDS_OF_A_RUN, "--quiet", "--json")
    totals = last_object(printed)
    return {"simulator_seeds": totals["runs"], "simulated_hours": totals["simulated_ms"] / 3_600_000,
            "simulator_cpu_s": totals["cpu_ms"] / 1000}


def next_cell(total, running):
    """The cell of behaviour and size that ran least so far."""
    return min((cell for cell in CELLS if cell not in running), key=lambda cell: total.get(f"cell_{cell}", 0))


def behaviours(seed, until, focus):
    """Not every seed has an occasion for every behaviour, but of so many some have, or nothing was tried."""
    behaviour, validators = focus.split("_")
    printed = run_program("peerpay-sim", "--behaviour", behaviour, "--validators", validators, "--seed", seed,
                          "--seeds", SEEDS_OF_A_CELL, "--json")
    runs = [told for told in map(json.loads, printed.splitlines()) if "behaviour_acts" in told]
    acted = sum(run["behaviour_acts"] > 0 for run in runs)
    seen = sum(run["behaviour_witnesses"] > 0 for run in runs)
    if not acted or not seen:
        raise Finding(f"of {len(runs)} seeds it acted in {acted}, and its outcome was seen in {seen}")
    return {"behaviour_seeds": len(runs), f"cell_{focus}": len(runs), f"acted_{focus}": acted, f"seen_{focus}": seen}


def twins(seed, until, focus):
    told = last_object(run_program("peerpay-sim", "--twins", TWINS_OF_A_RUN, "--validators",
                                   random.Random(seed).choice((4, 4, 4, 7)), "--seed", seed, "--json"))
    return {"twins_scenarios": told["twins"], "twins_cpu_s": told["cpu_ms"] / 1000}


def explore(seed, until, focus):
    told = last_object(run_program("peerpay-explore", "--states", STATES_OF_A_RUN, "--seed", seed, "--json"))
    return {"explored_distinct_max": told["distinct"], "explore_cpu_s": told["cpu_ms"] / 1000}


def foci(part):
    """All that a run of this part can be told to look at."""
    import run as fuzzing

    return {"behaviours": CELLS, "fuzz": fuzzing.all_targets()}.get(part, [])


def next_target(total, running):
    """The one that was fuzzed least; while the goal is open, among those that are nearest to it."""
    import run as fuzzing

    def minutes(name):
        return total.get(f"fuzz_min_{name}", 0)

    targets = fuzzing.all_targets()
    nearest = sorted(targets, key=minutes, reverse=True)[:FUZZ_TARGETS]
    short = [name for name in nearest if minutes(name) < FUZZ_MINUTES and name not in running]
    return min(short or [name for name in targets if name not in running], key=minutes)


class Canary:
    """Whether fuzzing says what it finds: looked at before the first target, once for all threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.found = False

    def is_found(self, runner):
        with self.lock:
            self.found = self.found or runner.canary_is_found()
            return self.found


CANARY = Canary()


def fuzz(seed, until, focus):
    """A target's minutes are by the clock."""
    import run as fuzzing

    runner = fuzzing.Runner(FUZZ_BUILD)
    if not CANARY.is_found(runner):
        raise Finding("the canary of the fuzz targets was not found: what they find is not told either")
    done = runner.run(focus, FUZZ_S, seed)
    if done.failed:
        raise Finding(done.line())
    return {f"fuzz_min_{focus}": done.seconds / 60, "fuzz_executions": done.executions}


@dataclasses.dataclass(frozen=True)
class Part:
    name: str
    run: Callable  # (seed, until, focus) -> counts; until is when it stops, of time.monotonic()
    share: float  # of the time
    alone: bool = True  # it takes all processors; else there is a run of it on each
    choose: Callable = lambda total, running: None  # what the next run looks at


PARTS = (Part("kills", kills, 0.2), Part("restarts", restarts, 0.05), Part("flipper", flipper, 0.1),
         Part("power-cuts", power_cuts, 0.15, alone=False), Part("simulator", simulator, 0.1, alone=False),
         Part("behaviours", behaviours, 0.1, alone=False, choose=next_cell), Part("twins", twins, 0.05, alone=False),
         Part("explore", explore, 0.05), Part("fuzz", fuzz, 0.2, alone=False, choose=next_target))
