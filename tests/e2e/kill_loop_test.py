"""Validators are killed again and again under load; no payment that was acknowledged is ever lost."""

import os
import random
import time
import unittest

from loaded import LoadedNetwork

LOAD_S = 25
RATE_PER_S = 100


class KillLoop(unittest.TestCase):
    def test_every_acknowledged_payment_is_found_on_every_validator(self):
        seed = int(os.environ.get("PEERPAY_SEED", random.randrange(2**32)))
        print(f"PEERPAY_SEED={seed}")
        rng = random.Random(seed)
        with LoadedNetwork() as network:
            load = network.load(LOAD_S, RATE_PER_S)
            kills = network.kill_while_running(rng, time.monotonic() + LOAD_S)
            self.assertGreater(kills, 5)
            network.await_ready()
            network.settle(load)
            self.assertEqual(network.defect(), "")


if __name__ == "__main__":
    unittest.main()
