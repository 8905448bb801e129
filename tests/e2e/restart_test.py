"""Validators die without warning; the network goes on, and they come back to the same ledger."""

import unittest

from harness import Network


class Restart(unittest.TestCase):
    def test_three_of_four_go_on_and_the_fourth_catches_up(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            dead = network.validators[3]
            dead.kill()
            for _ in range(3):
                faucet.send(alice.address, "1.00", account="faucet")
            dead.start()
            network.await_ready()
            network.await_same_head()
            there = network.wallet("carol", node=3)
            faucet.send(there.address, "2.00", account="faucet")
            network.await_same_head()
            self.assertEqual(there.balance(), 200)

    def test_all_four_die_and_everything_is_as_before(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            paid = faucet.send(alice.address, "3.00", account="faucet")
            before = (alice.balance(), alice.history(), alice.run("show", paid["id"]))
            alice.run("receipt", "get", paid["id"], "-o", network.directory / "before.receipt")
            for validator in network.validators:
                validator.kill()
            for validator in network.validators:
                validator.start()
            network.await_ready()
            network.await_same_head()
            self.assertEqual((alice.balance(), alice.history(), alice.run("show", paid["id"])), before)
            alice.run("receipt", "get", paid["id"], "-o", network.directory / "after.receipt")
            alice.run("receipt", "verify", network.directory / "after.receipt")
            self.assertEqual(alice.send(faucet.address, "1.00")["state"], "final")
            self.assertEqual(alice.balance(), 200)


if __name__ == "__main__":
    unittest.main()
