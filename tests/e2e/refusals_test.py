"""What goes wrong is said in one sentence, with its own exit code, and changes nothing."""

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import Network, run

# peerpay
REFUSED, LOCKED, UNREACHABLE = 3, 4, 5
# peerpayd
USAGE, ADDRESS_IN_USE, HOME_IN_USE, DATA_CORRUPT, DURABILITY_LOST = 2, 3, 4, 10, 11
DISK_BYTES = 400 << 20
FREE_BYTES_MIN = 128 << 20


@contextlib.contextmanager
def small_disk(home):
    """Puts a home on a disk of its own."""
    aside = home.with_name("aside")
    home.rename(aside)
    home.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "peerpay-test", home], check=True)
    try:
        shutil.copytree(aside, home, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)


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

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_a_full_disk(self):
        """It stops while there is room to stop, and goes on when there is room again."""
        with Network(validators=1, start=False) as network, small_disk(network.validators[0].home):
            validator = network.validators[0]
            validator.start()
            network.await_ready()
            faucet = network.faucet()
            bob = network.wallet("bob")
            hog = validator.home / "hog"
            with hog.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, DISK_BYTES - FREE_BYTES_MIN)
            sending = network.spawn(*faucet.command("send", "--from", "faucet", bob.address, "1.00", "USD"))
            self.assertEqual(validator.process.wait(30), DURABILITY_LOST, validator.process.last_lines())
            self.assertEqual(validator.process.last_lines().count("MiB of its disk are free"), 1)
            sending.kill()
            again = run("peerpayd", "run", "--home", validator.home, expect=DURABILITY_LOST)
            self.assertIn("MiB of its disk are free", again.err)
            hog.unlink()
            validator.start()
            network.await_ready()
            faucet.run("resume")
            self.assertEqual(bob.balance(), 100)

    def test_names_that_no_genesis_takes(self):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            run("peerpayd", "init", "--home", home, "--network", "paynet", "--name", "North", "--peer-address",
                "10.0.0.1:26600", expect=USAGE)
            run("peerpayd", "testnet", "--output", home, "--base-port", "0", expect=USAGE)
            self.assertFalse(home.exists())

    def test_a_home_in_use(self):
        with Network(validators=1) as network:
            refused = run("peerpayd", "run", "--home", network.validators[0].home, expect=HOME_IN_USE)
            self.assertIn(str(network.validators[0].home), refused.err)

    def test_a_lock_that_nobody_can_take(self):
        """No other process is looked for when the fault is the file's."""
        with Network(validators=1, start=False) as network:
            lock = network.validators[0].home / "lock"
            lock.mkdir()
            self.refuses(network.validators[0], USAGE, lock)

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_a_disk_that_takes_no_writes(self):
        with Network(validators=1, start=False) as network, small_disk(network.validators[0].home):
            home = network.validators[0].home
            subprocess.run(["mount", "-o", "remount,ro", home], check=True)
            refused = run("peerpayd", "run", "--home", home, expect=DURABILITY_LOST)
            self.assertIn("Read-only file system", refused.err)

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_a_rejoin_on_a_full_disk_changes_nothing(self):
        with Network(validators=4, start=False) as network, small_disk(network.validators[0].home):
            validator = network.validators[0]
            log = validator.home / "sign.log"
            log.write_bytes(b"damaged" * 100)
            (validator.home / "lock").write_text("1\n")  # has its page already
            hog = validator.home / "hog"
            with contextlib.suppress(OSError), hog.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            before = contents(validator.home)
            refused = run("peerpayd", "rejoin", "--home", validator.home, expect=DURABILITY_LOST)
            self.assertIn("No space left", refused.err)
            self.assertEqual(contents(validator.home), before)
            hog.unlink()
            run("peerpayd", "rejoin", "--home", validator.home)
            self.assertEqual(sorted(path.name for path in validator.home.glob("sign.log*")),
                             ["sign.log", "sign.log.replaced-1"])

    def test_what_is_no_plain_file_is_not_waited_for(self):
        with Network(validators=1, start=False) as network:
            validator = network.validators[0]
            for name in ("genesis.bcs", "tls.crt", "node.toml", "sign.log"):
                path = validator.home / name
                aside = path.rename(validator.home.parent / name)
                os.mkfifo(path)
                self.refuses(validator, USAGE, path, "not a plain file")
                path.unlink()
                aside.rename(path)

    def test_evidence_that_has_no_place(self):
        with Network(validators=1, start=False) as network:
            validator = network.validators[0]
            (validator.home / "evidence").write_text("a plain file\n")
            self.refuses(validator, USAGE, validator.home / "evidence")

    def test_blocks_that_nobody_else_has(self):
        """The live write-ahead log is gone, which RocksDB does not notice: the sign log does."""
        with Network(validators=1, start=False) as network:
            validator = network.validators[0]
            validator.start()
            network.await_ready()
            faucet = network.faucet()
            faucet.send(network.wallet("alice").address, "1.00", account="faucet")
            validator.kill()
            for log in (validator.home / "store").glob("*.log"):
                log.unlink()
            for _ in range(2):
                refused = run("peerpayd", "run", "--home", validator.home, expect=DATA_CORRUPT)
                self.assertIn(f"{validator.home / 'store'} lacks blocks up to view", refused.err)

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
            self.refuses(validator, DATA_CORRUPT, log, f"peerpayd rejoin --home {validator.home} ")

    def test_a_sign_log_that_the_system_refuses(self):
        """It may be whole: nobody is told that it is damaged."""
        with Network(validators=1, start=False) as network:
            log = network.validators[0].home / "sign.log"
            log.rename(log.with_name("aside"))
            log.mkdir()
            self.refuses(network.validators[0], USAGE, log, "keep it")

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

    def test_homes_that_are_not_whole_or_mixed_up(self):
        with Network(validators=2, start=False) as network:
            first, second = network.validators
            self.refuses_without(first, "genesis.bcs", "peerpayd init")
            for name in ("validator.key", "tls.key", "tls.crt", "node.toml"):
                self.refuses_without(first, name)
            for name in ("validator.key", "tls.crt", "tls.key", "sign.log"):
                own = (first.home / name).read_bytes()
                (first.home / name).write_bytes((second.home / name).read_bytes())
                self.refuses(first, DATA_CORRUPT, name, "not")
                (first.home / name).write_bytes(own)

    def refuses_without(self, validator, name, *mentions):
        aside = (validator.home / name).rename(validator.home.parent / name)
        self.refuses(validator, USAGE, validator.home / name, *mentions)
        aside.rename(validator.home / name)

    def test_sigterm_ends_it_within_two_seconds(self):
        with Network() as network:
            for validator in network.validators:
                validator.stop()  # fails when it takes longer, or ends with another code than 0


if __name__ == "__main__":
    unittest.main()
