"""A client that nobody here wrote, in another language: `buf curl` (Go), which learns the service by reflection."""

import base64
import json
import subprocess
import unittest

from harness import Network
from tools import npm_program

BUF = ("buf", "buf", "@bufbuild/buf@1.75.0")


def call(validator, method, request):
    """Without a schema: buf asks the server for it."""
    command = [npm_program(*BUF), "curl", "--protocol", "grpc", "--http2-prior-knowledge", "-d", json.dumps(request),
               f"http://{validator.client}/peerpay.v1.Node/{method}"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    if done.returncode != 0:
        return {"error": done.stderr.decode()}
    return json.loads(done.stdout)


def as_hex(field):
    return base64.b64decode(field).hex()


class ForeignClient(unittest.TestCase):
    def test_it_reads_what_our_own_wallet_wrote(self):
        with Network() as network:
            faucet = network.faucet()
            alice = network.wallet("alice")
            paid = faucet.send(alice.address, "7.25", account="faucet")
            node = network.validators[2]
            network.await_same_head()

            status = call(node, "GetStatus", {})
            self.assertEqual(status["validator"], node.name)
            self.assertEqual(as_hex(status["chainId"]), node.status()["chain_id"])
            self.assertEqual([asset["code"] for asset in status["assets"]], ["USD", "EUR"])
            head = call(node, "GetHead", {})
            self.assertGreaterEqual(int(head["height"]), paid["height"])

            account = alice.run("keys", "show", "main")["account_id"]
            account = base64.b64encode(bytes.fromhex(account)).decode()
            balances = call(node, "GetAccount", {"account": account})["balances"]
            self.assertEqual([(b["assetCode"], b["units"], b["amount"]) for b in balances], [("USD", "725", "7.25")])

            identity = base64.b64encode(bytes.fromhex(paid["id"])).decode()
            found = call(node, "GetTransaction", {"id": identity})["status"]
            self.assertEqual(found["state"], "TRANSACTION_STATE_FINAL")
            again = call(node, "Submit", {"transaction": found["transaction"]})["status"]
            self.assertEqual((again["state"], again["id"]), ("TRANSACTION_STATE_FINAL", identity))
            self.assertEqual(alice.balance(), 725)

    def test_a_malformed_question_is_refused_with_a_code_and_a_sentence(self):
        with Network(validators=1) as network:
            answer = call(network.validators[0], "GetAccount", {"account": "AAAA"})
            self.assertIn("invalid_argument", answer["error"])
            self.assertIn("account", answer["error"])


if __name__ == "__main__":
    unittest.main()
