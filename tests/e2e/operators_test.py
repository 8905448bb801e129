"""Strangers make a network from nothing, with the documented commands and no others, and pay over it."""

import shutil
import tempfile
import unittest
from pathlib import Path

from harness import Network, Validator, free_ports, run, wait_until

NAMES = ["north", "south", "east", "west"]


class Person:
    """A wallet that is made before any network exists."""

    def __init__(self, directory, name, kind="test"):
        self.home = directory / name
        self.passphrase = directory / f"{name}.passphrase"
        self.passphrase.write_text(f"{name} and twelve more words\n")
        self.passphrase.chmod(0o600)
        self.made = self.run("init", "--kind", kind, "--work-factor", 10)
        self.address = self.run("address")["address"]

    def run(self, *words, expect=0):
        options = ["--json", "--yes", "--home", self.home, "--passphrase-file", self.passphrase]
        return run("peerpay", *options, *words, expect=expect).json()

    def units(self, *options):
        return [entry["units"] for entry in self.run(*options, "balance")["balances"]]


class OperatorsNetwork(Network):
    """docs/OPERATING.md, "A network of independent operators", step by step."""

    def __init__(self, directory, treasury):
        self.directory = directory
        self.homes = directory
        self._others = []
        self._start = True
        base_port = free_ports(2 * len(NAMES))
        self.validators = [Validator(self, i, base_port) for i in range(len(NAMES))]
        for name, validator in zip(NAMES, self.validators):
            run("peerpayd", "init", "--home", validator.home, "--network", "paynet", "--name", name,
                "--peer-address", f"127.0.0.1:{validator.peer_port}", "--client-listen", validator.client)
        self.genesis = directory / "genesis.bcs"
        entries = [word for one in self.validators for word in ("--validator", one.home / "entry.toml")]
        run("peerpayd", "genesis", "--network", "paynet", *entries, "--asset", f"USD:2:{treasury.address}",
            "--fund", f"{treasury.address}=USD:1000000.00", "--output", self.genesis)
        for validator in self.validators:
            run("peerpayd", "init", "--home", validator.home, "--genesis", self.genesis, "--never-voted")


class Operators(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="peerpay-e2e-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def test_wallets_that_are_older_than_their_network_take_it_and_pay(self):
        treasury = Person(self.directory, "treasury")
        self.assertNotIn("chain_id", treasury.made)
        shop = Person(self.directory, "shop")
        with OperatorsNetwork(self.directory, treasury) as network:
            node = network.validators[0]
            status = node.status()
            self.assertEqual(status["validator"], "north")
            joined = shop.run("init", "--genesis", network.genesis)
            self.assertEqual(joined["network"], "paynet")
            self.assertEqual(joined["chain_id"], status["chain_id"])
            self.assertEqual(shop.address, joined["address"])

            paid = treasury.run("--node", node.client, "send", shop.address, "12.50", "USD")
            self.assertEqual(paid["state"], "final")
            self.assertEqual(treasury.units(), ["99998750"])  # the node is remembered
            other = network.validators[3].client
            wait_until(lambda: shop.units("--node", other) == ["1250"], "the shop has the money")
            self.assertEqual(treasury.run("show", "00" * 32)["node"]["state"], "unknown")
            for one in (treasury, shop):
                self.assertEqual((one.home / "genesis.bcs").read_bytes(), network.genesis.read_bytes())

            elsewhere = Person(self.directory, "elsewhere", kind="main")
            refused = elsewhere.run("--node", node.client, "balance", expect=1)
            self.assertEqual(refused["error"]["code"], "network_kind_wrong")
            self.assertFalse((elsewhere.home / "genesis.bcs").exists())

    def test_a_main_network_can_be_made_too(self):
        treasury = Person(self.directory, "treasury", kind="main")
        self.assertTrue(treasury.address.startswith("peer1"))
        home = self.directory / "north"
        run("peerpayd", "init", "--home", home, "--network", "paynet", "--name", "north",
            "--peer-address", "127.0.0.1:26600")
        genesis = self.directory / "genesis.bcs"
        run("peerpayd", "genesis", "--main", "--network", "paynet", "--validator", home / "entry.toml",
            "--asset", f"USD:2:{treasury.address}", "--fund", f"{treasury.address}=USD:1.00", "--output", genesis)
        self.assertEqual(treasury.run("init", "--genesis", genesis)["address"], treasury.address)

    def test_an_entry_with_a_key_that_means_nothing_is_refused(self):
        home = self.directory / "north"
        run("peerpayd", "init", "--home", home, "--network", "paynet", "--name", "north",
            "--peer-address", "127.0.0.1:26600")
        entry = home / "entry.toml"
        entry.write_text(entry.read_text() + 'peer_adress = "10.0.0.1:26600"\n')
        refused = run("peerpayd", "genesis", "--network", "paynet", "--validator", entry, "--asset", "USD:2:x",
                      "--output", self.directory / "genesis.bcs", expect=2)
        self.assertIn("unknown key peer_adress", refused.err)

    def test_a_status_that_nobody_gives_is_an_object_too(self):
        silent = run("peerpayd", "status", "--json", "--node", f"127.0.0.1:{free_ports(1)}", expect=1)
        self.assertEqual(silent.json()["error"]["code"], "node_unreachable")
        self.assertEqual(silent.json()["error"]["exit_code"], 1)


if __name__ == "__main__":
    unittest.main()
