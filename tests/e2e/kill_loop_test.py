"""Validators are killed again and again under load; no payment that was acknowledged is ever lost."""

import os
import random
import time
import unittest

from harness import Network, run

ACCOUNTS = 200
FUNDING = 10_000  # minor units each
LOAD_S = 25
RATE_PER_S = 100


class KillLoop(unittest.TestCase):
    def test_every_acknowledged_payment_is_found_on_every_validator(self):
        seed = int(os.environ.get("PEERPAY_SEED", random.randrange(2**32)))
        print(f"PEERPAY_SEED={seed}")
        rng = random.Random(seed)
        addresses = run("peerpay-bench", "accounts", "--count", ACCOUNTS).out.split()
        with Network(fund=[f"{address}=USD:{FUNDING / 100:.2f}" for address in addresses]) as network:
            acknowledged = network.directory / "acknowledged"
            load = network.spawn("peerpay-bench", "load", "--json", "--seconds", LOAD_S, "--rate", RATE_PER_S,
                                 "--accounts", ACCOUNTS, "--settle", 60, "--acknowledged", acknowledged,
                                 *network.node_options())
            kills = self.kill_while_running(network, rng, time.monotonic() + LOAD_S)
            self.assertGreater(kills, 5)
            network.await_ready()
            self.assertEqual(load.wait(120), 0, load.last_lines())
            network.await_same_head()

            found = run("peerpay-bench", "audit", "--json", "--accounts", ACCOUNTS, "--acknowledged", acknowledged,
                        *network.node_options(), timeout_s=120).json()
            self.assertEqual(set(found["missing_by_node"].values()), {0})
            self.assertEqual(set(found["conflicting_blocks_by_node"].values()), {0})
            self.assertEqual(set(found["balance_sum_by_node"].values()), {ACCOUNTS * FUNDING})
            self.assertEqual(found["acknowledged"], LOAD_S * RATE_PER_S, load.last_lines())

    def kill_while_running(self, network, rng, until):
        """Mostly one validator at a time, now and then two: then the network has to wait, and must not lose."""
        kills = 0
        while time.monotonic() < until:
            victims = rng.sample(network.validators, 2 if rng.random() < 0.25 else 1)
            for victim in victims:
                victim.kill()
            kills += len(victims)
            time.sleep(rng.uniform(0.0, 0.5))  # the length of the fault, not a wait for anything
            for victim in victims:
                victim.start()
            network.await_ready()
        return kills


if __name__ == "__main__":
    unittest.main()
