"""What goes wrong is said in one sentence, with its own exit code, and changes nothing."""

import hashlib
import socket
import unittest

from harness import Network, run

# peerpay
REFUSED, LOCKED, UNREACHABLE = 3, 4, 5
# peerpayd
USAGE, ADDRESS_IN_USE, HOME_IN_USE, DATA_CORRUPT = 2, 3, 4, 10


def contents(directory):
    """Every file of a home but the lock, which names its last holder, and RocksDB's own diary."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "lock" and not path.name.startswith("LOG")
    }


class WalletRefusals(unittest.TestCase):
    def test_each_mistake_has_its_exit_code(self):
        with Network(validators=1) as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            faucet.send(alice.address, "1.00", account="faucet")

            poor = run(*alice.command("send", faucet.address, "1.01", "USD"), expect=REFUSED)
            self.assertIn("does not cover", poor.err)
            alice.passphrase.write_text("not the passphrase\n")
            locked = run(*alice.command("send", faucet.address, "0.01", "USD"), expect=LOCKED)
            self.assertIn("passphrase", locked.err)
            network.validators[0].stop()
            away = run(*alice.command("balance"), expect=UNREACHABLE)
            self.assertIn(alice.node, away.err)


class NodeRefusals(unittest.TestCase):
    def refuses(self, validator, expect, *mentions):
        """`run` ends by itself with that exit code, names what is wrong, and leaves the home as it was."""
        before = contents(validator.home)
        refused = run("peerpayd", "run", "--home", validator.home, expect=expect)
        for mention in mentions:
            self.assertIn(str(mention), refused.err)
        self.assertEqual(contents(validator.home), before)

    def used_home(self, network):
        """The home of a validator that has voted, stopped."""
        validator = network.validators[0]
        validator.start()
        network.await_ready()
        faucet = network.faucet()
        faucet.send(network.wallet("alice").address, "1.00", account="faucet")
        validator.stop()
        return validator

    def test_a_port_in_use(self):
        with Network(validators=1, start=False) as network, socket.socket() as other:
            validator = network.validators[0]
            port = int(validator.client.rpartition(":")[2])
            other.bind(("127.0.0.1", port))
            other.listen()
            refused = run("peerpayd", "run", "--home", validator.home, expect=ADDRESS_IN_USE)
            self.assertIn(str(port), refused.err)

    def test_a_home_in_use(self):
        with Network(validators=1) as network:
            refused = run("peerpayd", "run", "--home", network.validators[0].home, expect=HOME_IN_USE)
            self.assertIn(str(network.validators[0].home), refused.err)

    def test_an_unknown_key_in_the_configuration(self):
        with Network(validators=1, start=False) as network:
            validator = network.validators[0]
            config = validator.home / "node.toml"
            config.write_text(config.read_text() + 'colour = "red"\n')
            self.refuses(validator, USAGE, config, "colour")

    def test_a_damaged_sign_log(self):
        with Network(validators=1, start=False) as network:
            validator = self.used_home(network)
            log = validator.home / "sign.log"
            damaged = bytearray(log.read_bytes())
            damaged[600] ^= 1
            log.write_bytes(damaged)
            self.refuses(validator, DATA_CORRUPT, log)

    def test_a_damaged_store(self):
        with Network(validators=1, start=False) as network:
            validator = self.used_home(network)
            current = validator.home / "store" / "CURRENT"
            current.write_text("MANIFEST-999999\n")
            self.refuses(validator, DATA_CORRUPT, validator.home / "store")

    def test_a_damaged_genesis(self):
        with Network(validators=1, start=False) as network:
            validator = network.validators[0]
            genesis = validator.home / "genesis.bcs"
            genesis.write_bytes(genesis.read_bytes()[:-1])
            self.refuses(validator, DATA_CORRUPT, genesis)

    def test_sigterm_ends_it_within_two_seconds(self):
        with Network() as network:
            for validator in network.validators:
                validator.stop()  # fails when it takes longer, or ends with another code than 0


if __name__ == "__main__":
    unittest.main()
