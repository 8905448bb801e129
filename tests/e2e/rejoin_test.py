"""A validator loses its vote record, or its whole disk but the keys; it rejoins and its vote counts again."""

import shutil
import unittest

from harness import Network, free_ports, run, wait_until


class Rejoin(unittest.TestCase):
    def rejoin(self, network, faucet, alice, victim):
        """As docs/OPERATING.md says; ends when the victim votes."""
        told = run("peerpayd", "rejoin", "--home", victim.home)
        self.assertIn(f"next: peerpayd run --home {victim.home}", told.out)
        victim.start()
        for _ in range(60):
            faucet.send(alice.address, "0.01", account="faucet")
            status = victim.status()
            if status and status["voting"] == "voting":
                return
        self.fail(f"it does not vote: {victim.status()}")

    def assert_vote_counts(self, network, faucet, alice):
        """Three of four are a quorum, so without the vote of each of them nothing becomes final."""
        network.validators[2].kill()
        self.assertEqual(faucet.send(alice.address, "1.00", account="faucet")["state"], "final")
        network.validators[2].start()
        network.await_ready()
        network.await_same_head()

    def test_a_lost_sign_log(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            victim = network.validators[3]
            for _ in range(3):
                faucet.send(alice.address, "1.00", account="faucet")
            victim.kill()
            (victim.home / "sign.log").unlink()

            victim.start()
            wait_until(lambda: victim.status(), "it answers")
            self.assertEqual(victim.status()["voting"], "not voting")
            self.assertIn(f"peerpayd rejoin --home {victim.home}", victim.log.read_text())
            victim.stop()

            self.rejoin(network, faucet, alice, victim)
            self.assert_vote_counts(network, faucet, alice)

            victim.stop()
            victim.start()
            wait_until(lambda: (victim.status() or {}).get("voting") == "voting", "an ordinary start")

    def test_a_damaged_sign_log_and_then_a_lost_disk(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            victim = network.validators[3]
            for _ in range(3):
                faucet.send(alice.address, "1.00", account="faucet")
            victim.kill()
            log = victim.home / "sign.log"
            content = bytearray(log.read_bytes())
            content[600] ^= 1
            log.write_bytes(content)
            refused = run("peerpayd", "run", "--home", victim.home, expect=10)
            self.assertIn(f"peerpayd rejoin --home {victim.home} ", refused.err)
            self.rejoin(network, faucet, alice, victim)
            self.assertEqual((victim.home / "sign.log.replaced-1").read_bytes(), content)

            victim.kill()
            log.unlink()
            shutil.rmtree(victim.home / "store")
            self.rejoin(network, faucet, alice, victim)
            self.assert_vote_counts(network, faucet, alice)

    def test_a_copy_of_a_home_that_runs_elsewhere_stops(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            original = network.validators[3]
            faucet.send(alice.address, "1.00", account="faucet")
            for outdated in (False, True):
                copy = network.homes / f"copy-{outdated}"
                original.stop()
                shutil.copytree(original.home, copy)
                original.start()
                network.await_ready()
                peers, clients = (f"127.0.0.1:{free_ports(1)}" for _ in range(2))
                config = (copy / "node.toml").read_text().replace(original.client, clients)
                (copy / "node.toml").write_text(config.replace('listen = ""', f'listen = "{peers}"', 1))
                if outdated:
                    run("peerpayd", "rejoin", "--home", copy, "--outdated")
                process = network.spawn("peerpayd", "run", "--home", copy)
                self.assertEqual(process.wait(60), 13, process.last_lines())
                self.assertIn("another process uses this validator's key", process.last_lines())
                network.await_ready()
                self.assertEqual(faucet.send(alice.address, "1.00", account="faucet")["state"], "final")
            self.assertEqual(original.status()["voting"], "voting")

    def test_it_waits_for_the_others(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            victim, absent = network.validators[3], network.validators[1]
            faucet.send(alice.address, "1.00", account="faucet")
            victim.kill()
            absent.kill()
            before = (victim.home / "sign.log").read_bytes()
            refused = run("peerpayd", "rejoin", "--home", victim.home, expect=2)
            self.assertIn(f"peerpayd rejoin --home {victim.home} --outdated", refused.err)
            self.assertEqual((victim.home / "sign.log").read_bytes(), before)
            run("peerpayd", "rejoin", "--home", victim.home, "--outdated")
            again = run("peerpayd", "rejoin", "--home", victim.home)
            self.assertIn("says already that votes are missing", again.out)
            self.assertFalse((victim.home / "sign.log.replaced-2").exists())
            victim.start()
            waits = "rejoining: waiting for answers of 1 more validator"
            wait_until(lambda: (victim.status() or {}).get("voting") == waits, waits)
            absent.start()
            wait_until(lambda: victim.status()["voting"].startswith("rejoining: waiting until view"), "it listens")
            in_use = run("peerpayd", "rejoin", "--home", victim.home, expect=4)
            self.assertIn("peerpayd: ", in_use.err)


if __name__ == "__main__":
    unittest.main()
