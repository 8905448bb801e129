"""A real gateway beside a real network: for tests. Ends with the network that it was made for.

    with Network(validators=1) as network, Gateway(network) as gateway:
        invoice = gateway.invoice(payee=alice.address, value="12.50")
"""

import base64
import datetime
import http.client
import json
import shutil
import uuid

from harness import DEADLINE_S, free_ports, run, wait_until

REQUEST_S = 40.0  # above the longest Prefer: wait


def soon(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signed_and_forgotten(network, wallet, pay):
    """Envelopes, in base64, of payments that `pay` made with the wallet and that the network of one validator has
    forgotten: it goes back to what it was before them."""
    validator = network.validators[0]
    before = network.directory / "before"
    validator.stop()
    shutil.copytree(validator.home, before)
    validator.start()
    network.await_ready()
    identities = [paid["id"] for paid in pay()]
    validator.stop()
    shutil.rmtree(validator.home)
    before.rename(validator.home)
    validator.start()
    network.await_ready()
    return {name: base64.b64encode((wallet.home / "sent" / f"{name}.bcs").read_bytes()).decode() for name in identities}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status}\n{self.headers}{self.body.decode(errors='replace')}"


class Gateway:
    """`options` are further words for `peerpay-gateway run`."""

    def __init__(self, network, node=0, options=()):
        self.network = network
        self.data = network.directory / f"gateway-{uuid.uuid4().hex[:8]}"
        self.port = free_ports(1)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.key = None
        self.process = None
        self._node = network.validators[node].client
        self._options = options

    def __enter__(self):
        self.key = self.new_key("test")
        self.start()
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()

    def new_key(self, name, *scopes):
        words = [word for scope in scopes for word in ("--scope", scope)]
        made = run("peerpay-gateway", "keys", "new", "--name", name, *words, "--data", self.data, "--json")
        return made.json()["key"]

    def start(self, *more):
        self.process = self.network.spawn("peerpay-gateway", "run", "--node", self._node, "--listen",
                                          f"127.0.0.1:{self.port}", "--data", self.data, *self._options, *more)
        wait_until(self.is_ready, "the gateway is ready")

    def kill(self):
        """SIGKILL: as a power cut for the process."""
        self.process.kill()

    def stop(self):
        """SIGTERM; an orderly end takes no longer than two seconds."""
        code = self.process.terminate(2.0)
        assert code == 0, f"the gateway ended with {code}:\n{self.process.last_lines()}"

    def is_ready(self):
        assert self.process.is_running(), f"the gateway has ended:\n{self.process.last_lines()}"
        try:
            return self.request("GET", "/readyz").status == 200
        except OSError:
            return False

    def request(self, method, path, body=None, headers=()):
        """One request on a connection of its own, without a key."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_S)
        try:
            content = None if body is None else json.dumps(body)
            given = dict(headers)
            if content is not None:
                given.setdefault("Content-Type", "application/json")
            connection.request(method, path, content, given)
            return self.answer(connection)
        finally:
            connection.close()

    @staticmethod
    def answer(connection):
        return Answer(connection.getresponse())

    def authorized(self):
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, path, expect=200):
        return self._expected(self.request("GET", path, headers=self.authorized()), expect)

    def send(self, path, body=None, key=None, headers=()):
        """A POST with this Idempotency-Key, or a new one; the answer, whatever it is."""
        given = {**self.authorized(), "Idempotency-Key": key or str(uuid.uuid4()), **dict(headers)}
        return self.request("POST", path, body, given)

    def post(self, path, body=None, expect=201):
        return self._expected(self.send(path, body), expect)

    def pages(self, path):
        """Every entry of a list, page after page."""
        separator = "&" if "?" in path else "?"
        page = self.get(path)
        yield from page["data"]
        while page["has_more"]:
            page = self.get(f"{path}{separator}cursor={page['next_cursor']}")
            yield from page["data"]

    def events(self, kind=None):
        return list(self.pages(f"/v1/events?limit=100{f'&type={kind}' if kind else ''}"))

    def _expected(self, answer, status):
        assert answer.status == status, f"{status} was expected:\n{answer}"
        return answer.json()

    def invoice(self, payee, value, asset="USD", **members):
        return self.post("/v1/invoices", {"payee": payee, "amount": {"value": value, "asset": asset}, **members})

    def await_status(self, invoice, status, deadline_s=DEADLINE_S):
        """The invoice, once it has the status."""

        def reached():
            now = self.get(f"/v1/invoices/{invoice['id']}")
            return now if now["status"] == status else None

        return wait_until(reached, f"the invoice is {status}", deadline_s)
