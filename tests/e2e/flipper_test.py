"""A damaged file of a stopped node is found or does no harm, and the node comes back from its peers."""

import os
import random
import re
import unittest

from flipper import Flipper, erase
from loaded import LoadedNetwork

LOAD_S = 3
RATE_PER_S = 100


def forget_the_address(content, rng):
    """Cut short, it is a valid configuration still, and the node listens elsewhere."""
    del content[content.index(b"[client]"):]


def take_an_address_in_use(content, rng):
    """That of the first validator, whose port is six below that of the last one."""
    port = int(re.search(rb'"127\.0\.0\.1:(\d+)"', content)[1])
    content[:] = content.replace(str(port).encode(), str(port - 6).encode())


ROUNDS = (("configuration", forget_the_address), ("configuration", take_an_address_in_use), ("table", None),
          ("write-ahead log", None), ("write-ahead log", erase), ("manifest", None), ("sign log", None), (None, None))


class FlipperTest(unittest.TestCase):
    def test_damage_is_found_or_harmless(self):
        seed = int(os.environ.get("PEERPAY_SEED", random.randrange(2**32)))
        print(f"PEERPAY_SEED={seed}")
        with LoadedNetwork() as network:
            network.settle(network.load(LOAD_S, RATE_PER_S))
            flipper = Flipper(network, random.Random(seed))
            for kind, damage in ROUNDS:
                with self.subTest(kind=kind, damage=damage and damage.__name__):
                    flipper.round(kind, damage)
                    print(flipper.story)
            print(flipper.counts)
            self.assertGreater(flipper.counts["detected"], 0)


if __name__ == "__main__":
    unittest.main()
