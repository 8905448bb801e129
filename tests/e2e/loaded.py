"""A network under load, and the questions that it must answer rightly whatever was done to it."""

import json
import time

from harness import Network, run

ACCOUNTS = 200
FUNDING = 10_000  # minor units each


def addresses():
    return run("peerpay-bench", "accounts", "--count", ACCOUNTS).out.split()


class LoadedNetwork(Network):
    """Four validators and accounts that pay one another; every acknowledged payment is written down."""

    def __init__(self):
        super().__init__(fund=[f"{address}=USD:{FUNDING / 100:.2f}" for address in addresses()])
        self.acknowledged = self.directory / "acknowledged"
        self._loads = 0

    def load(self, seconds, rate_per_s):
        """Begins to pay from here on; `settle` waits for the end."""
        part = self.directory / f"acknowledged-{self._loads}"
        # More than anyone has paid so far, and within the window of numbers that an account may use.
        nonce_first = 1 + self.paid_by_account()
        self._loads += 1
        process = self.spawn("peerpay-bench", "load", "--json", "--seconds", seconds, "--rate", rate_per_s,
                             "--accounts", ACCOUNTS, "--nonce-first", nonce_first, "--settle", 60,
                             "--acknowledged", part, *self.node_options())
        return process, part

    def paid_by_account(self):
        return -(-len(self.acknowledged_ids()) // ACCOUNTS)

    def acknowledged_ids(self):
        return self.acknowledged.read_text().split() if self.acknowledged.exists() else []

    def settle(self, load):
        """The load has ended, all that it sent is final, and all validators agree. Gives how many payments that were:
        a machine that is slow sends fewer in its time."""
        process, part = load
        code = process.wait(150)
        assert code == 0, process.last_lines()
        told = json.loads(process.last_lines().splitlines()[-1])
        assert told["refused"] == told["expired"] == told["unsettled"] == 0, process.last_lines()
        ids = part.read_text().split()
        assert len(ids) == told["final"] > 0, process.last_lines()
        with self.acknowledged.open("a") as file:
            file.write("".join(f"{line}\n" for line in ids))
        self.await_same_head()
        return len(ids)

    def defect(self):
        """Empty when every validator holds every acknowledged payment, the same blocks and all of the money, and none
        has seen another contradict itself."""
        accused = sorted(str(path) for path in self.directory.glob("**/evidence/*"))
        if accused:
            return f"evidence against a validator that breaks nothing: {', '.join(accused)}"
        found = run("peerpay-bench", "audit", "--json", "--accounts", ACCOUNTS, "--acknowledged", self.acknowledged,
                    *self.node_options(), timeout_s=300).json()
        sound = {"missing_by_node": {0}, "conflicting_blocks_by_node": {0}, "differing_accounts_by_node": {0},
                 "balance_sum_by_node": {ACCOUNTS * FUNDING}}
        wrong = {key: found[key] for key, values in sound.items() if set(found[key].values()) != values}
        return str(wrong) if wrong else ""

    def kill_while_running(self, rng, until, all_four=0.0):
        """SIGKILL, again and again; gives how many. Mostly one validator at a time, now and then two: then the network
        has to wait, and must not lose; with the chance `all_four`, everyone at once. Every third time also while they
        start, ask and catch up."""
        kills = 0
        while time.monotonic() < until:
            count = 4 if rng.random() < all_four else 2 if rng.random() < 0.25 else 1
            victims = rng.sample(self.validators, count)
            for _ in range(2 if rng.random() < 1 / 3 else 1):
                for victim in victims:
                    assert victim.process.is_running(), f"{victim.name} has ended:\n{victim.process.last_lines()}"
                    victim.kill()
                kills += len(victims)
                # The length of the fault, and how far a start gets; no wait for anything.
                time.sleep(rng.uniform(0.0, 0.5))
                for victim in victims:
                    victim.start()
                time.sleep(rng.uniform(0.0, 0.6))
            self.await_ready()
        return kills
