"""A person pays another one, and can prove it when nobody is left to ask."""

import unittest

from harness import Network, run


class Payment(unittest.TestCase):
    def test_a_payment_is_final_and_its_receipt_needs_no_network(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice", node=0)
            bob = network.wallet("bob", node=1)
            faucet.send(alice.address, "20.00", account="faucet")
            paid = alice.send(bob.address, "12.50")
            self.assertEqual(paid["state"], "final")
            self.assertEqual(alice.balance(), 750)
            network.await_same_head()
            self.assertEqual(bob.balance(), 1250)
            self.assertEqual([entry["id"] for entry in bob.history()], [paid["id"]])

            receipt = network.directory / "paid.receipt"
            bob.run("receipt", "get", paid["id"], "-o", receipt)
            again = run(*bob.command("receipt", "get", paid["id"], "-o", receipt), expect=1)
            self.assertIn("is there already", again.err)
            for validator in network.validators:
                validator.stop()
            verified = bob.run("receipt", "verify", receipt)
            self.assertTrue(verified["valid"])
            self.assertEqual(verified["id"], paid["id"])
            self.assertEqual(verified["payments"][0]["to"], bob.address)

            altered = bytearray(receipt.read_bytes())
            altered[len(altered) // 2] ^= 1
            receipt.write_bytes(altered)
            refused = run(*bob.command("receipt", "verify", receipt), expect=1)
            self.assertIn("no proof of payment", refused.err)

    def test_the_same_command_after_it_paid_is_a_new_payment(self):
        with Network(validators=1) as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            first = faucet.send(alice.address, "1.00", account="faucet")
            second = faucet.send(alice.address, "1.00", account="faucet")
            self.assertNotEqual(first["id"], second["id"])
            self.assertEqual(alice.balance(), 200)


if __name__ == "__main__":
    unittest.main()
