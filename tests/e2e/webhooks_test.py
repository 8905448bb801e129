"""Webhooks as a shop gets them: signed, again after failures, none lost however the gateway ends.

--full sends 10,000 of them through 20 SIGKILLs, and prints figures.
"""

import json
import random
import signal
import subprocess
import sys
import time
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway_harness import Gateway
from harness import Network, wait_until
from receiver import Receiver
from tools import make_importable

VERIFIER = ("verifier", "standardwebhooks==1.1.0")
EXAMPLE_SHOP = Path(__file__).resolve().parents[2] / "deploy" / "example_shop.py"
LOOPBACK = ("--allow-loopback-webhooks",)
RETRY_S, JITTER = 5.0, 0.2
SLACK_S = 2.0  # of a busy machine
SEED = 20261122

FULL = "--full" in sys.argv
WEBHOOKS, KILLS = (10_000, 20) if FULL else (600, 5)
SHOPPERS = 8


def verifier(secret):
    make_importable(*VERIFIER)
    from standardwebhooks import Webhook

    return Webhook(secret)


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = cls.enterClassContext(Network(validators=1))
        cls.gateway = cls.enterClassContext(Gateway(cls.network, options=LOOPBACK))
        cls.faucet = cls.network.faucet()
        cls.alice = cls.network.wallet("alice")
        cls.shop = cls.network.wallet("shop")
        cls.faucet.send(cls.alice.address, "500.00", account="faucet")

    def setUp(self):
        self.receiver = self.enterContext(Receiver())

    def endpoint(self, path, *events):
        members = {"events": events} if events else {}
        made = self.gateway.post("/v1/webhook_endpoints", {"url": self.receiver.origin + path, **members})
        self.addCleanup(self.erase, made["id"])
        return made

    def erase(self, endpoint):
        path = f"/v1/webhook_endpoints/{endpoint}"
        answer = self.gateway.request("DELETE", path, headers=self.gateway.authorized())
        self.assertEqual(answer.status, 204, answer)

    def state_of(self, endpoint):
        return self.gateway.get(f"/v1/webhook_endpoints/{endpoint['id']}")

    def invoice(self, value="1.00", **members):
        return self.gateway.invoice(self.shop.address, value, **members)

    def arrived(self, path, count, deadline_s=30.0):
        """The deliveries to a path, once there are so many."""
        return wait_until(lambda: len(self.receiver.to(path)) >= count and self.receiver.to(path),
                          f"{count} deliveries to {path}", deadline_s)

    def test_a_public_library_verifies_what_comes(self):
        endpoint = self.endpoint("/hook")
        paid, void = self.invoice(), self.invoice()
        self.alice.run("pay", paid["payment_uri"])
        self.gateway.post(f"/v1/invoices/{void['id']}/void", expect=200)
        deliveries = self.arrived("/hook", 4)
        judge = verifier(endpoint["secret"])
        told = {delivery.id: judge.verify(delivery.body, delivery.headers) for delivery in deliveries}
        listed = {event.pop("id"): event for event in self.gateway.events() if event.pop("object") == "event"}
        for identity, payload in told.items():
            self.assertEqual(payload, {**listed[identity], "id": identity})
        mine = sorted((payload["type"], payload["data"]["id"]) for payload in told.values())
        self.assertEqual(mine, sorted([
            ("invoice.opened", paid["id"]), ("invoice.opened", void["id"]),
            ("invoice.paid", paid["id"]), ("invoice.voided", void["id"])]))
        for delivery in deliveries:
            self.assertEqual(delivery.headers["content-type"], "application/json")
            self.assertRegex(delivery.headers["user-agent"], "^peerpay-gateway/")
        with self.assertRaisesRegex(Exception, "signature"):
            judge.verify(deliveries[0].body.replace(b"open", b"paid"), deliveries[0].headers)
        with self.assertRaisesRegex(Exception, "signature"):
            verifier(self.endpoint("/other")["secret"]).verify(deliveries[0].body, deliveries[0].headers)

    def test_what_fails_comes_again_with_the_same_id(self):
        answers = {"/unwell": (503, {}), "/moved": (302, {"Location": self.receiver.origin + "/elsewhere"})}
        self.receiver.answer = lambda delivery: answers.get(delivery.path, (200, {}))
        unwell, moved = self.endpoint("/unwell", "invoice.opened"), self.endpoint("/moved", "invoice.opened")
        self.invoice()
        for endpoint in (unwell, moved):
            wait_until(lambda: self.state_of(endpoint)["failing_since"], "the failure is known")
        answers.clear()
        for endpoint, path in ((unwell, "/unwell"), (moved, "/moved")):
            first, second = self.arrived(path, 2)
            self.assertEqual((first.id, first.body), (second.id, second.body))
            self.assertNotEqual(first.headers["webhook-signature"], second.headers["webhook-signature"])
            verifier(endpoint["secret"]).verify(second.body, second.headers)
            self.assertGreaterEqual(second.at - first.at, RETRY_S)
            self.assertLess(second.at - first.at, RETRY_S * (1 + JITTER) + SLACK_S)
            wait_until(lambda: self.state_of(endpoint)["failing_since"] is None, "it is well again")
            self.assertEqual(self.state_of(endpoint)["status"], "enabled")
        self.assertEqual(self.receiver.to("/elsewhere"), [])

    def test_retry_after_is_honoured(self):
        answers = {"/busy": (429, {"Retry-After": "9"})}
        self.receiver.answer = lambda delivery: answers.pop(delivery.path, (200, {}))
        self.endpoint("/busy", "invoice.opened")
        self.invoice()
        first, second = self.arrived("/busy", 2)
        self.assertGreaterEqual(second.at - first.at, 9.0)

    def test_gone_is_for_ever(self):
        self.receiver.answer = lambda delivery: (410 if delivery.path == "/gone" else 200, {})
        gone = self.endpoint("/gone", "invoice.opened")
        self.endpoint("/here", "invoice.opened")
        self.invoice()
        wait_until(lambda: self.state_of(gone)["status"] == "disabled", "the endpoint is disabled")
        self.assertEqual(self.state_of(gone)["status_reason"], "gone")
        self.invoice()
        self.arrived("/here", 2)
        self.assertEqual(len(self.receiver.to("/gone")), 1)

    def test_an_endpoint_gets_only_what_it_asked_for(self):
        self.endpoint("/paid", "invoice.paid")
        self.endpoint("/all")
        self.invoice()
        invoice = self.invoice()
        self.alice.run("pay", invoice["payment_uri"])
        self.arrived("/all", 3)
        self.assertEqual([json.loads(one.body)["data"]["id"] for one in self.arrived("/paid", 1)], [invoice["id"]])

    def test_the_example_shop_takes_its_endpoint_along(self):
        key = self.network.directory / "shop.key"
        key.write_text(self.gateway.key)
        known = {endpoint["id"] for endpoint in self.gateway.pages("/v1/webhook_endpoints")}
        shop = subprocess.Popen(
            [sys.executable, "-B", EXAMPLE_SHOP, "--gateway", self.gateway.origin, "--key-file", key, "--payee",
             self.shop.address, "--amount", "4.20", "--order", uuid.uuid4().hex[:8]], stdout=subprocess.PIPE)
        with shop:
            self.assertIn(b"checkout", shop.stdout.readline())
            self.assertEqual(len(list(self.gateway.pages("/v1/webhook_endpoints"))), len(known) + 1)
            shop.terminate()
            self.assertEqual(shop.wait(10), 128 + signal.SIGTERM)
        self.assertEqual({endpoint["id"] for endpoint in self.gateway.pages("/v1/webhook_endpoints")}, known)

    def test_the_operators_network_is_out_of_reach(self):
        forbidden = ("http://127.0.0.1/", "https://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1:8443/",
                     "https://169.254.169.254/latest", "https://[::1]/", "https://[fc00::1]/", "http://1.1.1.1/",
                     "https://1.1.1.1:22/")
        with Gateway(self.network) as strict:
            self.assertIs(strict.get("/readyz")["webhooks_allow_loopback"], False)
            for url in forbidden:
                answer = strict.send("/v1/webhook_endpoints", {"url": url})
                self.assertEqual(answer.status, 422, f"{url}: {answer}")
                self.assertEqual(answer.json()["code"], "webhook_url_forbidden")
            # A name is judged when its addresses are known: for each attempt.
            name = strict.post("/v1/webhook_endpoints", {"url": "https://localhost:8443/hook"})
            strict.invoice(self.shop.address, "1.00")
            wait_until(lambda: strict.get(f"/v1/webhook_endpoints/{name['id']}")["failing_since"], "the attempt")
            metrics = strict.request("GET", "/metrics").body.decode()
            self.assertRegex(metrics, r'webhook_attempts_total\{result="forbidden_address"\} 1')
        self.assertIs(self.gateway.get("/readyz")["webhooks_allow_loopback"], True)
        for url in ("https://10.0.0.1/", "http://10.0.0.1/", "http://1.1.1.1/"):
            self.assertEqual(self.gateway.send("/v1/webhook_endpoints", {"url": url}).status, 422, url)

    def test_what_was_paid_while_it_was_down_is_told_once(self):
        self.endpoint("/hook", "invoice.paid")
        invoice = self.invoice("3.00")
        self.gateway.kill()
        self.alice.run("pay", invoice["payment_uri"])
        self.gateway.start()
        self.gateway.await_status(invoice, "paid")
        self.arrived("/hook", 1)
        self.gateway.stop()
        self.gateway.start()
        later = self.invoice("2.00")
        self.alice.run("pay", later["payment_uri"])
        self.gateway.await_status(later, "paid")
        told = [json.loads(delivery.body) for delivery in self.arrived("/hook", 2)]
        self.assertEqual([one["data"]["id"] for one in told], [invoice["id"], later["id"]])
        paid = [event["id"] for event in self.gateway.events("invoice.paid") if event["data"]["id"] == invoice["id"]]
        self.assertEqual(paid, [told[0]["id"]])


class KillLoop(unittest.TestCase):
    """Shoppers open invoices, each under an Idempotency-Key that is sent until it is answered, while the gateway is
    killed between deliveries."""

    def test_none_is_lost(self):
        with Network(validators=1) as network, Receiver() as receiver:
            with Gateway(network, options=LOOPBACK) as gateway:
                self.run_shop(network.wallet("shop").address, gateway, receiver)

    def run_shop(self, payee, gateway, receiver):
        secret = gateway.post("/v1/webhook_endpoints", {"url": receiver.origin + "/hook"})["secret"]
        began = time.monotonic()
        with ThreadPoolExecutor(SHOPPERS) as pool:
            shoppers = [pool.submit(self.open_all, gateway, payee, range(first, WEBHOOKS, SHOPPERS))
                        for first in range(SHOPPERS)]
            self.kill_while_busy(gateway, receiver)
            opened = [identity for shopper in shoppers for identity in shopper.result()]
        listed = {event["id"]: event for event in gateway.events()}
        wait_until(lambda: {one.id for one in receiver.to("/hook")} >= set(listed), "all are delivered", 120.0)
        took_s = time.monotonic() - began

        # Each key opened one invoice, and each invoice has one event.
        self.assertEqual(len(set(opened)), WEBHOOKS)
        self.assertEqual(sorted(event["data"]["id"] for event in listed.values()), sorted(opened))
        bodies = {}
        judge = verifier(secret)
        for delivery in receiver.to("/hook"):
            self.assertEqual(bodies.setdefault(delivery.id, delivery.body), delivery.body)
            judge.verify(delivery.body, delivery.headers)
        self.assertEqual(set(bodies), set(listed))
        print(f"{len(bodies)} webhooks, {KILLS} SIGKILLs: none lost, {receiver.count() - len(bodies)} came again with "
              f"the same id, in {took_s:.1f} s", file=sys.stderr)

    def kill_while_busy(self, gateway, receiver):
        rng = random.Random(SEED)
        for kill in range(KILLS):
            wanted = WEBHOOKS * (kill + rng.random()) / KILLS
            wait_until(lambda: receiver.count() >= wanted, f"kill {kill + 1}, after {wanted:.0f} deliveries", 120.0)
            gateway.kill()
            gateway.start()

    def open_all(self, gateway, payee, numbers):
        out = []
        for number in numbers:
            body = {"payee": payee, "amount": {"value": "1.00", "asset": "USD"}, "reference": f"ORDER-{number}"}
            key = str(uuid.uuid4())
            out.append(wait_until(lambda: self.attempt(gateway, body, key), f"invoice {number}", 60.0))
        return out

    @staticmethod
    def attempt(gateway, body, key):
        try:
            answer = gateway.send("/v1/invoices", body, key)
        except OSError:
            return None  # nobody is there just now
        if answer.status in (409, 503):
            return None
        assert answer.status == 201, answer
        return answer.json()["id"]


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--full"])
