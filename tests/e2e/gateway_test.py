"""A shop's whole story over HTTP, with nothing but the standard library: keys, invoices, payments, receipts, and what
goes wrong."""

import base64
import concurrent.futures
import http.client
import socket
import subprocess
import unittest
import uuid

from gateway_harness import Gateway, signed_and_forgotten, soon
from harness import BIN, Network, run, wait_until

USAGE, ADDRESS_IN_USE, DATA_IN_USE, NODE_UNREACHABLE, DATA_CORRUPT = 2, 3, 4, 5, 10
REVOKED_WITHIN_S = 1.0
HEARTBEAT_S = 10.0  # the ledger makes a block at least so often
STREAMS = 20
TRANSACTION_BODY_BYTES_MAX = 480 * 1024


class Shop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = cls.enterClassContext(Network(validators=1))
        cls.gateway = cls.enterClassContext(Gateway(cls.network))
        cls.faucet = cls.network.faucet()
        cls.alice = cls.network.wallet("alice")
        cls.shop = cls.network.wallet("shop")
        cls.faucet.send(cls.alice.address, "500.00", account="faucet")

    def invoice(self, value="12.50", **members):
        return self.gateway.invoice(self.shop.address, value, **members)

    def asked(self, value="12.50", **members):
        return {"payee": self.shop.address, "amount": {"value": value, "asset": "USD"}, **members}

    def pay(self, invoice, value):
        return self.alice.run("send", self.shop.address, value, "USD", "--ref", invoice["reference"])

    def refused(self, answer, status, code):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json()
        self.assertEqual((problem["code"], problem["status"]), (code, status))
        self.assertEqual(problem["request_id"], answer.headers["Request-Id"])
        self.assertEqual(problem["type"], f"{self.gateway.origin}/docs/problems/{code}")
        return problem

    def types_of(self, invoice):
        return [event["type"] for event in self.gateway.events() if event["data"]["id"] == invoice["id"]]

    # ---- Keys ----

    def keys(self, *words):
        return run("peerpay-gateway", "keys", *words, "--data", self.gateway.data, "--json").json()

    def test_a_key_works_from_its_making_to_its_end_while_the_gateway_runs(self):
        made = self.keys("new", "--name", "till 7", "--scope", "invoices:read")
        bearer = {"Authorization": f"Bearer {made['key']}"}
        status = lambda: self.gateway.request("GET", "/v1/invoices", headers=bearer).status
        wait_until(lambda: status() == 200, "the key works", REVOKED_WITHIN_S)
        listed = [key for key in self.keys("ls")["keys"] if key["id"] == made["id"]]
        self.assertEqual([(key["name"], key["scopes"]) for key in listed], [("till 7", ["invoices:read"])])
        self.assertNotIn(made["key"], str(listed))
        at_rest = self.gateway.data / "api_keys.json"
        self.assertNotIn(made["key"], at_rest.read_text())
        self.assertEqual(at_rest.stat().st_mode & 0o777, 0o600)

        answer = self.gateway.request("POST", "/v1/invoices", self.asked(), {**bearer, "Idempotency-Key": "a"})
        self.assertIn("invoices:write", self.refused(answer, 403, "scope_missing")["detail"])
        run("peerpay-gateway", "keys", "revoke", made["id"], "--data", self.gateway.data)
        wait_until(lambda: status() == 401, "the key has ended", REVOKED_WITHIN_S)
        answer = self.gateway.request("GET", "/v1/invoices", headers=bearer)
        self.refused(answer, 401, "api_key_invalid")
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
        self.refused(self.gateway.request("GET", "/v1/invoices"), 401, "api_key_missing")

    def test_each_scope_opens_its_own_doors(self):
        doors = {
            "transactions:write": ("POST", "/v1/transactions"),
            "invoices:read": ("GET", "/v1/invoices"),
            "invoices:write": ("POST", "/v1/invoices"),
            "webhooks:read": ("GET", "/v1/webhook_endpoints"),
            "webhooks:write": ("POST", "/v1/webhook_endpoints"),
            "events:read": ("GET", "/v1/events"),
        }
        keys = {scope: self.keys("new", "--name", scope, "--scope", scope)["key"] for scope in doors}
        for scope, key in keys.items():
            headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid.uuid4())}
            wait_until(lambda: self.gateway.request("GET", "/v1/events", headers=headers).status != 401, "it works")
            opened = [other for other, (method, path) in doors.items()
                      if self.gateway.request(method, path, headers=headers).status != 403]
            self.assertEqual(opened, [scope])

    # ---- Idempotency ----

    def test_a_post_happens_once(self):
        headers = self.gateway.authorized()
        answer = self.gateway.request("POST", "/v1/invoices", self.asked(), headers)
        self.refused(answer, 400, "idempotency_key_required")

        key = str(uuid.uuid4())
        first = self.gateway.send("/v1/invoices", self.asked(), key)
        self.assertEqual((first.status, first.headers["Idempotent-Replayed"]), (201, None))
        self.assertEqual(first.headers["Location"], f"/v1/invoices/{first.json()['id']}")
        again = self.gateway.send("/v1/invoices", self.asked(), key)
        self.assertEqual((again.status, again.body), (201, first.body))
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        self.assertEqual(again.headers["Location"], first.headers["Location"])
        self.assertNotEqual(again.headers["Request-Id"], first.headers["Request-Id"])
        # The order of members and the quotes of the header mean nothing.
        turned = dict(reversed(self.asked().items()))
        self.assertEqual(self.gateway.send("/v1/invoices", turned, f'"{key}"').body, first.body)
        self.refused(self.gateway.send("/v1/invoices", self.asked("12.51"), key), 422, "idempotency_conflict")

        # Keys are apart by path and by API key; what was refused may be mended under the same key.
        void = f"/v1/invoices/{first.json()['id']}/void"
        self.assertEqual(self.gateway.send(void, None, key).status, 200)
        self.assertEqual(self.gateway.send(void, None, key).headers["Idempotent-Replayed"], "true")
        self.refused(self.gateway.send(void), 409, "invoice_not_open")
        other = {"Authorization": f"Bearer {self.gateway.new_key('other')}", "Idempotency-Key": key}
        wait_until(lambda: self.gateway.request("POST", "/v1/invoices", self.asked(), other).status == 201,
                   "the new key works")
        mended = str(uuid.uuid4())
        self.refused(self.gateway.send("/v1/invoices", self.asked("0"), mended), 400, "validation_error")
        self.assertEqual(self.gateway.send("/v1/invoices", self.asked("1"), mended).status, 201)

    def test_many_at_once_under_one_key_make_one(self):
        key = str(uuid.uuid4())
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: self.gateway.send("/v1/invoices", self.asked(), key), range(64)))
        made = [answer for answer in answers if answer.status == 201]
        self.assertEqual(len({answer.json()["id"] for answer in made}), 1)
        self.assertEqual(sum(answer.headers["Idempotent-Replayed"] is None for answer in made), 1)
        for answer in answers:
            if answer.status != 201:
                self.refused(answer, 409, "idempotency_in_flight")
                self.assertEqual(answer.headers["Retry-After"], "1")

    # ---- Invoices ----

    def test_partial_payments_add_up_and_late_ones_are_told(self):
        invoice = self.invoice("12.50", metadata={"order": "1042"})
        self.assertEqual(invoice["received"], {"value": "0.00", "asset": "USD"})
        self.pay(invoice, "5.00")
        part = wait_until(lambda: self.gateway.get(invoice["links"]["self"])["payments"] and
                          self.gateway.get(invoice["links"]["self"]), "the part is seen")
        self.assertEqual((part["status"], part["received"]["value"]), ("open", "5.00"))
        self.assertIn("amount=7.50", part["payment_uri"])
        self.pay(invoice, "7.50")
        paid = self.gateway.await_status(invoice, "paid")
        self.assertEqual([payment["amount"]["value"] for payment in paid["payments"]], ["5.00", "7.50"])
        self.assertEqual({payment["payer"] for payment in paid["payments"]}, {self.alice.address})
        self.assertEqual((paid["payment_uri"], paid["ended_at"]), (None, paid["payments"][-1]["paid_at"]))
        self.pay(invoice, "1.00")
        wait_until(lambda: len(self.types_of(invoice)) == 4, "the fourth event")
        self.assertEqual(self.types_of(invoice), [
            "invoice.opened", "invoice.payment_received", "invoice.paid", "invoice.payment_unexpected"])
        self.assertEqual(self.gateway.get(invoice["links"]["self"])["received"]["value"], "13.50")

    def test_an_invoice_expires_by_the_ledgers_time(self):
        invoice = self.invoice(expires_at=soon(seconds=2))
        expired = self.gateway.await_status(invoice, "expired", 2 + HEARTBEAT_S + 5)
        self.assertGreater(expired["ended_at"], expired["expires_at"])
        self.pay(invoice, "12.50")
        wait_until(lambda: len(self.types_of(invoice)) == 3, "the late payment is told")
        self.assertEqual(self.types_of(invoice)[1:], ["invoice.expired", "invoice.payment_unexpected"])
        self.assertEqual(self.gateway.get(invoice["links"]["self"])["status"], "expired")

    def test_a_void_invoice_tells_of_payments(self):
        invoice = self.invoice()
        void = self.gateway.post(f"{invoice['links']['self']}/void", expect=200)
        self.assertEqual((void["status"], void["payment_uri"]), ("void", None))
        self.pay(invoice, "12.50")
        wait_until(lambda: len(self.types_of(invoice)) == 3, "the payment is told")
        self.assertEqual(self.types_of(invoice)[1:], ["invoice.voided", "invoice.payment_unexpected"])

    def test_a_reference_is_used_once_for_ever(self):
        invoice = self.invoice(reference="ORDER-7")
        self.refused(self.gateway.send("/v1/invoices", self.asked(reference="ORDER-7")), 409, "reference_in_use")
        self.gateway.post(f"{invoice['links']['self']}/void", expect=200)
        self.refused(self.gateway.send("/v1/invoices", self.asked(reference="ORDER-7")), 409, "reference_in_use")

    def test_bodies_are_read_strictly(self):
        malformed = {
            '{"amount": {"value": "1", "asset": "USD"}, "amount": 1}': "/amount",
            '{"amount": 1.5}': "",
            '{"amount": 1e3}': "",
            '{"amount": ' + "[" * 17 + "]" * 17 + "}": "",
            "[]": "",
            "{": "",
        }
        for body in malformed:
            problem = self.refused(self.raw(body), 400, "json_malformed")
            self.assertTrue(problem["errors"], body)
        wrong = self.gateway.send("/v1/invoices", {
            "payee": "nobody", "amount": {"value": "1.234", "asset": "USD", "x": 1}, "reference": None,
            "colour": "red", "expires_at": "tomorrow"})
        pointers = {error["pointer"] for error in self.refused(wrong, 400, "validation_error")["errors"]}
        self.assertEqual(pointers, {"/payee", "/amount/value", "/amount/x", "/reference", "/colour", "/expires_at"})
        self.refused(self.raw('{"amount": {}}', "text/plain"), 415, "media_type_unsupported")
        self.refused(self.raw('{"description": "' + "x" * 65_536 + '"}'), 413, "body_too_large")
        longest = '{"envelope": "' + "A" * (TRANSACTION_BODY_BYTES_MAX - 16) + '"}'
        self.assertEqual(len(longest), TRANSACTION_BODY_BYTES_MAX)
        self.refused(self.raw(longest, path="/v1/transactions"), 422, "malformed")
        self.refused(self.announced("/v1/transactions", TRANSACTION_BODY_BYTES_MAX + 1), 413, "body_too_large")
        self.refused(self.announced("/v1/invoices", 65_537), 413, "body_too_large")
        # Nobody waits for the bytes of somebody without a key.
        self.refused(self.announced("/v1/transactions", TRANSACTION_BODY_BYTES_MAX), 401, "api_key_missing")
        query = self.gateway.request("GET", "/v1/invoices?colour=red", headers=self.gateway.authorized())
        self.assertEqual(self.refused(query, 400, "validation_error")["errors"][0]["pointer"], "query/colour")

    def announced(self, path, length):
        """A POST whose body is announced, and refused before it is sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=10)
        self.addCleanup(connection.close)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", length)
        connection.endheaders()
        return self.gateway.answer(connection)

    def raw(self, body, media_type="application/json", path="/v1/invoices"):
        """A POST, of an invoice, with exactly these bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", path, body, {
            **self.gateway.authorized(), "Idempotency-Key": str(uuid.uuid4()), "Content-Type": media_type})
        return self.gateway.answer(connection)

    # ---- Lists ----

    def test_pages_join_without_gap_or_overlap(self):
        made = [self.invoice("1.00")["id"] for _ in range(7)]
        for path in ("/v1/invoices?limit=3", "/v1/invoices?limit=3&status=open", "/v1/events?limit=3",
                     "/v1/events?limit=2&type=invoice.opened"):
            ids = [entry["id"] for entry in self.gateway.pages(path)]
            self.assertEqual(len(ids), len(set(ids)), path)
            whole = [entry["id"] for entry in self.gateway.pages(path.replace("limit=3", "limit=100").replace(
                "limit=2", "limit=100"))]
            self.assertEqual(ids, whole)
        newest = self.gateway.get("/v1/invoices?limit=7")["data"]
        self.assertEqual({invoice["id"] for invoice in newest}, set(made))
        times = [invoice["created_at"] for invoice in newest]
        self.assertEqual(times, sorted(times, reverse=True))
        page = self.gateway.request("GET", "/v1/events?limit=3", headers=self.gateway.authorized())
        cursor = page.json()["next_cursor"]
        self.assertEqual(page.headers["Link"], f'</v1/events?cursor={cursor}&limit=3>; rel="next"')
        self.assertEqual(cursor, page.json()["data"][-1]["cursor"])
        assets = [asset["code"] for asset in self.gateway.pages("/v1/assets?limit=1")]
        self.assertEqual(assets, ["USD", "EUR"])
        for bad in ("/v1/invoices?cursor=zz", "/v1/events?cursor=1", "/v1/assets?cursor=", "/v1/invoices?limit=101"):
            self.refused(self.gateway.request("GET", bad, headers=self.gateway.authorized()), 400, "validation_error")

    # ---- The ledger, without a key ----

    def test_anybody_reads_the_ledger(self):
        paid = self.alice.send(self.shop.address, "2.25")
        wait_until(lambda: self.gateway.get("/v1/ledger/head")["height"] >= paid["height"], "the block is followed")
        answer = self.gateway.request("GET", f"/v1/accounts/{self.shop.address}")
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        balance = f"{self.shop.balance() / 100:.2f}"
        self.assertEqual(answer.json()["balances"], [{"value": balance, "asset": "USD"}])
        newest = self.gateway.get(f"/v1/accounts/{self.shop.address}/transactions?limit=1")["data"][0]
        self.assertEqual((newest["id"], newest["status"]), (paid["id"], "final"))
        self.assertEqual(newest["operations"][0]["amount"], {"value": "2.25", "asset": "USD"})
        self.assertEqual(newest, self.gateway.get(f"/v1/transactions/{paid['id']}"))
        path = f"/v1/accounts/{self.alice.address}/transactions?limit=2"
        history = [entry["id"] for entry in self.gateway.pages(path)]
        self.assertEqual(len(history), len(set(history)))
        self.assertEqual(len(history), len(self.alice.history()))
        nobody = self.gateway.get(f"/v1/accounts/{self.network.wallet('nobody').address}")
        self.assertEqual((nobody["exists"], nobody["balances"]), (False, []))
        self.assertEqual(self.gateway.request("GET", f"/v1/transactions/{'0' * 64}").status, 404)

    def test_a_receipt_is_proof_for_those_who_have_the_genesis(self):
        paid = self.alice.send(self.shop.address, "1.75")
        path = f"/v1/transactions/{paid['id']}/receipt"
        raw = self.gateway.request("GET", path, headers={"Accept": "application/octet-stream"})
        self.assertEqual(raw.headers["Content-Type"], "application/octet-stream")
        self.assertEqual(base64.b64decode(self.gateway.get(path)["receipt"]), raw.body)
        file = self.network.directory / "shop.receipt"
        genesis = self.gateway.data / "genesis.bcs"
        file.write_bytes(raw.body)
        verified = run("peerpay", "--json", "receipt", "verify", file, "--genesis", genesis).json()
        self.assertEqual(verified["id"], paid["id"])
        file.write_bytes(raw.body[:-1] + bytes([raw.body[-1] ^ 1]))
        command = [str(BIN / "peerpay"), "receipt", "verify", str(file), "--genesis", str(genesis)]
        self.assertNotEqual(subprocess.run(command, capture_output=True, timeout=30).returncode, 0)

    def test_every_path_says_what_it_can(self):
        answer = self.gateway.request("DELETE", "/v1/invoices", headers=self.gateway.authorized())
        self.refused(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        self.assertEqual(self.gateway.request("OPTIONS", "/v1/assets").headers["Allow"], "GET, HEAD, OPTIONS")
        head = self.gateway.request("HEAD", "/v1/assets")
        self.assertEqual((head.status, head.body), (200, b""))
        self.refused(self.gateway.request("GET", "/v1/nothing"), 404, "not_found")
        self.refused(self.gateway.request("GET", "/docs/problems/nothing"), 404, "not_found")


class Transactions(unittest.TestCase):
    def test_the_same_bytes_happen_once_whatever_goes_wrong(self):
        with Network(validators=1) as network:
            alice, shop = network.wallet("alice"), network.wallet("shop")
            network.faucet().send(alice.address, "100.00", account="faucet")
            pay = lambda: [alice.run("send", shop.address, f"{n}.00", "USD", "--valid-for", "10m") for n in range(1, 5)]
            envelopes = signed_and_forgotten(network, alice, pay)
            self.assertEqual(shop.balance(), 0)
            with Gateway(network) as self.gateway:
                self.network, self.shop = network, shop
                plain, waited, doubtful, late = envelopes.items()
                self.is_pending_and_then_final(*plain)
                self.is_final_at_once(*waited)
                self.is_unknown_while_the_node_does_not_answer(*doubtful)
                self.is_not_passed_on_without_a_node(*late)
                self.is_refused(plain[1])
            self.assertEqual(shop.balance(), 1000)

    def submit(self, envelope, key=None, **headers):
        return self.gateway.send("/v1/transactions", {"envelope": envelope}, key, headers)

    def balance(self):
        balances = self.gateway.get(f"/v1/accounts/{self.shop.address}")["balances"]
        return balances[0]["value"] if balances else None

    def is_pending_and_then_final(self, identity, envelope):
        first = self.submit(envelope, "till-1")
        self.assertIn(first.status, (200, 202), first)
        self.assertEqual((first.json()["id"], first.json()["envelope"]), (identity, envelope))
        location = first.headers["Location"]
        self.assertEqual(location, f"/v1/transactions/{identity}")
        wait_until(lambda: self.gateway.get(location)["status"] == "final", "it is final")
        # Any key, any number of times: the answer is how it stands.
        again, other = self.submit(envelope, "till-1"), self.submit(envelope)
        self.assertEqual((again.status, again.headers["Idempotent-Replayed"]), (200, "true"))
        self.assertEqual((other.status, other.headers["Idempotent-Replayed"]), (200, None))
        self.assertEqual(again.json(), self.gateway.get(location))
        self.assertEqual(other.json(), again.json())

    def is_final_at_once(self, identity, envelope):
        answer = self.submit(envelope, Prefer="respond-async, wait=20")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Preference-Applied"], "wait=20")
        final = answer.json()
        self.assertEqual((final["id"], final["status"]), (identity, "final"))
        self.assertEqual(final["operations"][0]["amount"]["value"], "2.00")
        # Who was told reads what was told.
        self.assertEqual(self.balance(), "3.00")
        self.assertGreaterEqual(self.gateway.get("/v1/ledger/head")["height"], final["block"]["height"])

    def is_unknown_while_the_node_does_not_answer(self, identity, envelope):
        node = self.network.validators[0].process
        node.pause()
        try:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                both = pool.map(lambda _: self.submit(envelope, "till-3"), range(2))
                answer, second = sorted(both, key=lambda answer: answer.status)
        finally:
            node.resume()
        self.assertEqual((second.status, second.json()["code"]), (409, "idempotency_in_flight"), second)
        self.assertEqual(second.headers["Retry-After"], "1")
        self.assertEqual((answer.status, answer.json()["status"]), (202, "unknown"), answer)
        self.assertEqual(answer.json()["id"], identity)
        wait_until(lambda: self.submit(envelope, "till-3").json()["status"] == "final", "it is final")

    def is_not_passed_on_without_a_node(self, identity, envelope):
        node = self.network.validators[0]
        node.kill()
        wait_until(lambda: self.gateway.request("GET", "/readyz").status == 503, "the gateway has noticed")
        refused = self.submit(envelope, "till-4")
        self.assertEqual((refused.status, refused.json()["code"]), (503, "node_unreachable"), refused)
        self.assertTrue(refused.headers["Retry-After"])
        self.assertEqual(self.gateway.request("GET", f"/v1/accounts/{self.shop.address}").status, 503)
        self.assertEqual(self.gateway.request("GET", "/livez").status, 200)
        node.start()
        wait_until(self.gateway.is_ready, "the gateway is ready again")
        answer = self.submit(envelope, "till-4", Prefer="wait=20")
        final = answer.json()
        self.assertEqual((answer.status, final["status"], final["id"]), (200, "final", identity), answer)

    def is_refused(self, envelope):
        """What can't be a transaction, and one that somebody has changed."""
        for text, status, code in (("no base 64", 400, "validation_error"), ("AAAA", 422, "malformed")):
            answer = self.submit(text)
            self.assertEqual((answer.status, answer.json()["code"]), (status, code), answer)
        changed = bytearray(base64.b64decode(envelope))
        changed[-1] ^= 1
        answer = self.submit(base64.b64encode(changed).decode())
        self.assertEqual((answer.status, answer.json()["code"]), (422, "signature_invalid"), answer)
        self.assertEqual(answer.json()["retry"], "new_id")


class Ends(unittest.TestCase):
    def test_streams_do_not_hold_up_the_end(self):
        with Network(validators=1) as network, Gateway(network) as gateway:
            invoice = gateway.invoice(network.wallet("shop").address, "1.00")
            streams = [self.stream(gateway, f"/c/{invoice['id']}/events") for _ in range(STREAMS)]
            for stream in streams:
                received = b""
                while b"event: status" not in received:
                    received += stream.recv(4096) or self.fail(f"the stream has ended: {received}")
            gateway.stop()
            gateway.start()
            self.assertEqual(gateway.get(invoice["links"]["self"])["status"], "open")

    def stream(self, gateway, path):
        connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
        self.addCleanup(connection.close)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return connection


class Refusals(unittest.TestCase):
    """`run` ends by itself with the exit code of what is wrong, and names it."""

    @classmethod
    def setUpClass(cls):
        cls.network = cls.enterClassContext(Network(validators=1))

    def used(self):
        """A stopped gateway that has an invoice."""
        gateway = self.enterContext(Gateway(self.network))
        gateway.invoice(self.network.wallet(f"shop-{uuid.uuid4().hex[:8]}").address, "1.00")
        gateway.stop()
        return gateway

    def refuses(self, expect, data, *words, node=None, listen="127.0.0.1:0", mentions=""):
        refused = run("peerpay-gateway", "run", "--node", node or self.network.validators[0].client,
                      "--data", data, "--listen", listen, *words, expect=expect)
        self.assertIn(str(mentions), refused.err)
        return refused

    def test_the_port_and_the_directory_of_another(self):
        with Gateway(self.network) as gateway:
            self.refuses(DATA_IN_USE, gateway.data, mentions=gateway.data)
            self.refuses(ADDRESS_IN_USE, self.network.directory / "second", listen=f"127.0.0.1:{gateway.port}",
                         mentions=gateway.port)
            self.assertTrue(gateway.is_ready())

    def test_a_damaged_store(self):
        gateway = self.used()
        (gateway.data / "store" / "CURRENT").write_text("MANIFEST-000042\n")
        self.refuses(DATA_CORRUPT, gateway.data)

    def test_a_damaged_genesis(self):
        gateway = self.used()
        file = gateway.data / "genesis.bcs"
        file.write_bytes(file.read_bytes()[:-1])
        self.refuses(DATA_CORRUPT, gateway.data, mentions="genesis.bcs")

    def test_damaged_keys(self):
        gateway = self.used()
        (gateway.data / "api_keys.json").write_text("{")
        self.refuses(DATA_CORRUPT, gateway.data, mentions="api_keys.json")

    def test_damaged_keys_do_not_lock_a_running_shop_out(self):
        with Gateway(self.network) as gateway:
            (gateway.data / "api_keys.json").write_text("{")
            wait_until(lambda: gateway.get("/v1/invoices") and "api_keys.json" in gateway.process.last_lines(),
                       "the gateway has noticed")
            gateway.get("/v1/invoices")

    def test_a_store_of_another_network(self):
        gateway = self.used()
        with Network(validators=1) as other:
            client = other.validators[0].client
            gateway.process = self.network.spawn("peerpay-gateway", "run", "--node", client, "--data", gateway.data,
                                                 "--listen", f"127.0.0.1:{gateway.port}")
            wait_until(lambda: "network" in self.reason(gateway), "the gateway says why it is not ready")
            # What that node says is true, of another ledger.
            treasury = other.faucet().address
            for path in ("/v1/ledger/head", f"/v1/accounts/{treasury}", f"/v1/accounts/{treasury}/transactions",
                         f"/v1/transactions/{'0' * 64}", f"/v1/transactions/{'0' * 64}/receipt"):
                answer = gateway.request("GET", path)
                self.assertEqual((answer.status, answer.json()["code"]), (503, "node_unreachable"), answer)
                self.assertTrue(answer.headers["Retry-After"])
            self.assertEqual(gateway.request("GET", "/v1/assets").status, 200)

    def reason(self, gateway):
        try:
            answer = gateway.request("GET", "/readyz")
        except OSError:
            return ""
        self.assertEqual(answer.status, 503)
        return answer.json()["reason"]

    def test_no_node_at_the_first_start(self):
        self.refuses(NODE_UNREACHABLE, self.network.directory / "third", node="127.0.0.1:9", mentions="127.0.0.1:9")

    def test_sigterm_ends_the_wait_for_a_node(self):
        process = self.network.spawn("peerpay-gateway", "run", "--node", "127.0.0.1:9",
                                     "--data", self.network.directory / "fourth", "--listen", "127.0.0.1:0")
        wait_until(lambda: "asking node" in process.last_lines(), "it asks the node")
        self.assertEqual(process.terminate(2.0), 0)

    def test_mistakes_on_the_command_line(self):
        data = self.network.directory / "fifth"
        self.refuses(USAGE, data, listen="0.0.0.0:8080", mentions="--behind-proxy")
        self.refuses(USAGE, data, "--payee", "nobody", mentions="payee")
        self.refuses(USAGE, data, "--public-url", "corner.shop", mentions="public URL")
        run("peerpay-gateway", "keys", "new", "--name", "x", "--scope", "everything", "--data", data, expect=USAGE)


if __name__ == "__main__":
    unittest.main()
