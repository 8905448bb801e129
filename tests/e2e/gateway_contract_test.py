"""The gateway does what api/openapi.yaml says: judged by linters and a fuzzer that nobody here wrote."""

import json
import os
import subprocess
import unittest
from pathlib import Path

import yaml

from gateway_harness import Gateway, soon
from harness import Network
from tools import npm_program, python_program

API = Path(__file__).resolve().parents[2] / "api"
CONTRACT = API / "openapi.yaml"
HOOKS = Path(__file__).with_name("contract_hooks.py")
LINTERS = ("lint", "@redocly/cli@2.77.0", "@stoplight/spectral-cli@6.16.3")
SCHEMATHESIS = ("contract", "schemathesis==4.32.5")
SEED = "20261122"
EXAMPLES = "50"
REDOCLY_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

# Valid as far as the contract's types can say, and yet refused: lengths in bytes, cursors that no page gave, bytes that
# are no transaction, URLs that are not to be called.
UNDECIDABLE = ("createInvoice", "listInvoices", "listEvents", "listWebhookEndpoints", "listAccountTransactions",
               "listAssets", "submitTransaction", "createWebhookEndpoint")
# Never ends while an invoice is open: checkout_test.py reads it.
ENDLESS = "streamCheckout"

# A refusal is a refusal: what is too long for the contract may be too long for the framing gate before.
SETTINGS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "404", "409"]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "409", "413", "414", "415", "422", "431"]
""" + "".join(f"""
[[operations]]
include-operation-id = "{operation}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "409", "422"]
""" for operation in UNDECIDABLE)

OPEN_ENUM = "x-extensible-enum"


def run_tool(*command, environment=None, folder=None, timeout_s=300):
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=timeout_s, env=environment,
                          cwd=folder)
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def closed(node):
    """The contract as it stands today: clients must expect more, but this server must send nothing else."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: closed(member) for name, member in node.items()}
    if node.get("additionalProperties") is True:
        node["additionalProperties"] = False
    if isinstance(node.get(OPEN_ENUM), list):
        node["enum"] = node.pop(OPEN_ENUM)
    return node


def with_real_things(contract, shop, network, gateway):
    """It names what exists here: so each operation can succeed."""
    invoice = gateway.invoice(shop, "12.50")
    paid = network.faucet().send(shop, "12.50", account="faucet")
    payment = gateway.get(f"/v1/transactions/{paid['id']}")
    parameters = contract["components"]["parameters"]
    submitted = contract["paths"]["/v1/transactions"]["post"]["requestBody"]["content"]["application/json"]
    renamed = {
        parameters["InvoiceId"]["example"]: invoice["id"],
        parameters["TransactionId"]["example"]: payment["id"],
        parameters["Address"]["example"]: shop,
        submitted["examples"]["envelope"]["value"]["envelope"]: payment["envelope"],
    }
    one_of = lambda *texts: {"type": "string", "enum": texts}
    parameters["Address"]["schema"] = one_of(shop)
    creation = contract["components"]["schemas"]["InvoiceCreation"]["properties"]
    creation["payee"] = one_of(shop)
    creation["expires_at"] = one_of(soon(3600))
    creation["amount"] = {
        "type": "object", "required": ["value", "asset"], "additionalProperties": False, "properties": {
            "value": {"type": "string", "pattern": r"^(0\.0[1-9]|0\.[1-9][0-9]?|[1-9][0-9]{0,12}(\.[0-9]{1,2})?)$"},
            "asset": one_of("USD", "EUR")}}
    text = json.dumps(contract)
    for example, real in renamed.items():
        text = text.replace(example, real)
    return text


class Contract(unittest.TestCase):
    def test_redocly_has_nothing_to_say(self):
        redocly = npm_program(LINTERS[0], "redocly", *LINTERS[1:])
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(redocly.parent), **REDOCLY_QUIET}
        code, said = run_tool(redocly, "lint", "--config", API / "redocly.yaml", CONTRACT, environment=environment)
        self.assertEqual(code, 0, said)

    def test_spectral_has_nothing_to_say(self):
        spectral = npm_program(LINTERS[0], "spectral", *LINTERS[1:])
        code, said = run_tool(spectral, "lint", "--fail-severity", "hint", "-r", API / ".spectral.yaml", CONTRACT)
        self.assertEqual(code, 0, said)

    def test_the_server_serves_the_contract_and_its_page(self):
        with Network(validators=1) as network, Gateway(network) as gateway:
            served = gateway.request("GET", "/openapi.yaml")
            self.assertEqual(served.body, CONTRACT.read_bytes())
            page = gateway.request("GET", "/docs")
            self.assertIn(b'id="problem-reference_in_use"', page.body)
            moved = gateway.request("GET", "/docs/problems/reference_in_use")
            self.assertEqual((moved.status, moved.headers["Location"]), (303, "/docs#problem-reference_in_use"))

    def test_schemathesis_finds_no_answer_outside_the_contract(self):
        schemathesis = python_program(SCHEMATHESIS[0], "schemathesis", *SCHEMATHESIS[1:])
        with Network(validators=1) as network, Gateway(network) as gateway:
            shop = network.wallet("shop").address
            gateway.stop()
            gateway.start("--payee", shop)
            contract = network.directory / "closed.json"
            contract.write_text(with_real_things(closed(yaml.safe_load(CONTRACT.read_text())), shop, network, gateway))
            settings = network.directory / "schemathesis.toml"
            settings.write_text(SETTINGS)
            environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)}
            code, said = run_tool(
                schemathesis, "--config-file", settings, "run", contract, "--url", gateway.origin, "--checks", "all",
                "--exclude-operation-id", ENDLESS, "--max-examples", EXAMPLES,
                "--seed", SEED, "--continue-on-failure", "--no-color", "--request-timeout", "40",
                "--header", f"Authorization: Bearer {gateway.key}", environment=environment, folder=network.directory)
            self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
