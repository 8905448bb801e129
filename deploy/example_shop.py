#!/usr/bin/env python3
"""A shop in one file: asks for a payment through the gateway and waits to be told that it is paid.

    example_shop.py --gateway http://127.0.0.1:8080 --key-file key --payee tpeer1... \
        --amount 4.20 --asset USD --order 1001

Needs nothing but Python. What a real shop keeps of it: the order's state changes only by a webhook
whose signature was checked, an event is handled once however often it comes, and the amount is
compared with the order.
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import queue
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

TOLERANCE_S = 5 * 60


class Gateway:
    """The API, as far as a shop needs it."""

    def __init__(self, url, key):
        self.url = url.rstrip("/")
        self.key = key

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
                # A shop keeps this with the order, and sends the same one when it has to ask again.
                "Idempotency-Key": str(uuid.uuid4()),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            sys.exit(f"the gateway refuses: {problem['detail']} ({problem['code']})")


def is_authentic(secret, headers, body):
    """Standard Webhooks: HMAC-SHA256 over id, time and body; an old message is somebody's replay."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    candidates = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{wanted}", candidate) for candidate in candidates)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks; authentic ones go to `events`."""

    secret = None  # known once the endpoint is made
    events = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        authentic = self.secret is not None and is_authentic(self.secret, self.headers, body)
        if authentic:
            self.events.put(json.loads(body))
        # What is not acknowledged comes again.
        self.send_response(200 if authentic else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def parse_arguments():
    parser = argparse.ArgumentParser(description="A shop that takes one payment.")
    parser.add_argument("--gateway", required=True, help="where the gateway is")
    parser.add_argument("--key-file", required=True, help="file with an API key")
    parser.add_argument("--payee", required=True, help="the shop's address")
    parser.add_argument("--amount", required=True)
    parser.add_argument("--asset", default="USD")
    parser.add_argument("--order", required=True, help="the order's number, its reference")
    return parser.parse_args()


def start_receiver():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/webhooks"


def wait_until_paid(invoice):
    """Returns the paid invoice. An event that came before is handled once."""
    seen = set()
    while True:
        event = Receiver.events.get()
        if event["id"] in seen:
            continue
        seen.add(event["id"])
        data = event["data"]
        if event["type"] == "invoice.paid" and data["id"] == invoice["id"]:
            return data


def main():
    options = parse_arguments()
    # Ends as Ctrl-C does, so that the endpoint goes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    gateway = Gateway(options.gateway, pathlib.Path(options.key_file).read_text().strip())
    receiver = start_receiver()
    endpoint = gateway.ask("POST", "/v1/webhook_endpoints", {"url": receiver, "events": ["invoice.paid"]})
    Receiver.secret = endpoint["secret"]
    try:
        return take_payment(gateway, options)
    finally:
        # A real shop keeps its endpoint; this one ends, and nobody would listen there any more.
        gateway.ask("DELETE", f"/v1/webhook_endpoints/{endpoint['id']}")


def take_payment(gateway, options):
    invoice = gateway.ask(
        "POST",
        "/v1/invoices",
        {
            "payee": options.payee,
            "amount": {"value": options.amount, "asset": options.asset},
            "reference": f"order {options.order}",
            "description": f"Order {options.order}",
        },
    )
    print("checkout", invoice["links"]["checkout"], flush=True)
    paid = wait_until_paid(invoice)
    if paid["received"] != invoice["amount"]:
        print(f"order {options.order}: {paid['received']} is not what was asked for", flush=True)
        return 1
    amount = f"{paid['received']['value']} {paid['received']['asset']}"
    print(f"order {options.order} is paid: {amount}, transaction {paid['payments'][0]['transaction']}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
