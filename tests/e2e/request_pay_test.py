"""Somebody asks for money, somebody else pays what was asked: by URI, by QR code, and by the link of a shop."""

import http.server
import json
import re
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from harness import Network, Process, run, wait_until

USAGE, REFUSED, UNREACHABLE, PENDING, EXPIRED = 2, 3, 5, 6, 7
PIXELS = {" ": (255, 255), "\u2580": (0, 255), "\u2584": (255, 0), "\u2588": (0, 0)}
COLOURED = re.compile("\x1b\\[38;5;16;48;5;231m(.*)\x1b\\[0m$")
SCALE = 4


def read_qr(drawing):
    """What zbarimg reads in half blocks that were drawn for a terminal."""
    lines = [match[1] for match in map(COLOURED.match, drawing.splitlines()) if match]
    rows = [[PIXELS[block][half] for block in line] for line in lines for half in (0, 1)]
    pixels = bytes(pixel for row in rows for _ in range(SCALE) for pixel in row for _ in range(SCALE))
    with tempfile.NamedTemporaryFile(suffix=".pgm") as picture:
        picture.write(f"P5 {len(rows[0]) * SCALE} {len(rows) * SCALE} 255\n".encode() + pixels)
        picture.flush()
        read = subprocess.run(["zbarimg", "--quiet", "--raw", picture.name], capture_output=True, check=True)
    return read.stdout.decode().removesuffix("\n")


class Shop:
    """A checkout page on this machine that answers as it is told."""

    def __init__(self):
        shop = self
        self.status, self.answer, self.headers, self.requests = 200, {}, {}, []

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                shop.requests.append((self.path, self.headers["Accept"]))
                self.send_response(shop.status)
                for name, value in shop.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(shop.answer).encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self._server.server_port}/c/inv_1"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __exit__(self, *_):
        self.close()

    def says(self, status, uri):
        self.answer = {"object": "checkout", "status": status, "payment_uri": uri}


class RequestAndPay(unittest.TestCase):
    def setUp(self):
        self.network = self.enterContext(Network(validators=1))
        faucet = self.network.faucet()
        self.alice = self.network.wallet("alice")
        self.shop = self.network.wallet("shop")
        faucet.send(self.alice.address, "20.00", account="faucet")

    def refused(self, target, expect, *options):
        return self.alice.run("pay", target, *options, expect=expect)["error"]["code"]

    def test_two_wallets_by_uri_and_both_end_well(self):
        waiting = Process(self.shop.command("request", "12.50", "USD", "--ref", "TABLE-4", "--wait"),
                          self.network.directory / "request.log")
        self.addCleanup(waiting.kill)
        uri = wait_until(lambda: re.search(r"waiting for: (\S+)", waiting.log.read_text()), "the URI is out")[1]
        shown = run(*self.alice.command("pay", uri, "--dry-run"))
        self.assertEqual(shown.json()["payment"]["to"], self.shop.address)
        paid = self.alice.run("pay", uri)
        self.assertEqual(waiting.wait(30.0), 0)
        received = json.loads(waiting.log.read_text().splitlines()[-1])
        self.assertEqual(received["state"], "paid")
        self.assertEqual(received["payment"]["id"], paid["id"])
        self.assertEqual(received["payment"]["from"], self.alice.address)
        self.assertEqual(self.shop.balance(), 1250)
        self.assertEqual(self.refused(uri, REFUSED), "already_paid")
        self.assertEqual(self.shop.balance(), 1250)
        again = self.shop.run("request", "12.50", "USD", "--ref", "TABLE-4", "--wait")
        self.assertEqual(again["payment"]["id"], paid["id"])

    def test_the_qr_code_on_the_terminal_can_be_paid(self):
        asked = run(*self.shop.command("request", "1.25", "USD", "--label", "Caf\u00e9 & Bar", "--qr"))
        uri = read_qr(asked.err)
        self.assertTrue(uri.startswith("PEERPAY:TPEER1"), uri)
        self.assertEqual(uri.casefold(), asked.json()["uri"].casefold())
        paid = self.alice.run("pay", uri)
        self.assertEqual(paid["payment"]["reference"], asked.json()["reference"])
        self.assertEqual(self.shop.balance(), 125)

    def test_nothing_comes_too_late(self):
        expired = self.shop.run("request", "1.00", "USD", "--expires", "1s", "--wait", expect=EXPIRED)
        self.assertEqual(expired["error"]["code"], "expired_unpaid")
        self.assertEqual(self.refused(expired["uri"], REFUSED), "request_expired")
        unpaid = self.shop.run("request", "1.00", "USD", "--wait=1s", expect=PENDING)
        self.assertEqual(unpaid["state"], "open")
        self.assertEqual(self.shop.balance(), 0)

    def test_mistakes(self):
        self.assertEqual(self.refused("bitcoin:1abc", USAGE), "uri_malformed")
        self.assertEqual(self.refused(f"peerpay:{self.shop.address}?req-x=1", USAGE), "uri_malformed")
        self.assertEqual(self.refused(f"peerpay:{self.shop.address}", USAGE), "request_incomplete")
        too_much = f"peerpay:{self.shop.address}?amount=99&asset=USD"
        self.assertEqual(self.refused(too_much, REFUSED), "funds_insufficient")


class ShopLinks(unittest.TestCase):
    def test_the_link_of_a_shop(self):
        with Network(validators=1) as network, Shop() as page:
            faucet = network.faucet()
            alice = network.wallet("alice")
            shop = network.wallet("shop")
            faucet.send(alice.address, "20.00", account="faucet")
            uri = shop.run("request", "3.00", "USD", "--ref", "INV-1")["uri"]

            def refused(expect, target=page.url):
                return alice.run("pay", target, expect=expect)["error"]["code"]

            for status in ("paid", "expired", "void"):
                page.says(status, uri)
                self.assertEqual(refused(REFUSED), f"invoice_{status}")
            page.says("open", "peerpay:nobody")
            self.assertEqual(refused(1), "checkout_malformed")
            page.says("open", uri)
            page.status, page.headers = 302, {"Location": page.url}
            self.assertEqual(refused(1), "checkout_malformed")
            page.status, page.headers = 503, {}
            self.assertEqual(refused(UNREACHABLE), "shop_unavailable")
            self.assertEqual(refused(USAGE, "http://192.0.2.1/c/inv_1"), "link_refused")
            self.assertEqual(refused(USAGE, "http://127.0.0.1@192.0.2.1/c/inv_1"), "link_malformed")
            self.assertEqual(alice.balance(), 2000)

            page.status, page.requests = 200, []
            paid = alice.run("pay", page.url)
            self.assertEqual(paid["payment"]["to"], shop.address)
            self.assertEqual(paid["payment"]["reference"], "INV-1")
            self.assertEqual(page.requests, [("/c/inv_1", "application/json")])
            page.says("paid", uri)
            self.assertEqual(refused(REFUSED), "already_paid")
            page.close()
            self.assertEqual(refused(UNREACHABLE), "shop_unreachable")
            self.assertEqual(shop.balance(), 300)


if __name__ == "__main__":
    unittest.main()
