"""The gateway does what api/openapi.yaml says: judged by linters and a fuzzer that nobody here wrote."""

import json
import os
import subprocess
import unittest
from pathlib import Path

import yaml

from gateway_harness import Gateway
from harness import Network
from tools import npm_program, python_program

API = Path(__file__).resolve().parents[2] / "api"
CONTRACT = API / "openapi.yaml"
HOOKS = Path(__file__).with_name("contract_hooks.py")
LINTERS = ("lint", "@redocly/cli@2.77.0", "@stoplight/spectral-cli@6.16.3")
SCHEMATHESIS = ("contract", "schemathesis==4.32.5")
SEED = "20261122"
EXAMPLES = "20"
REDOCLY_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

# What the contract's types can't say makes valid requests look refused: the checksum of an address, the assets of
# this network, lengths in bytes, references and ids that must be new or must exist.
UNDECIDABLE = "positive_data_acceptance"
# Never ends while an invoice is open: checkout_test.py reads it.
ENDLESS = "streamCheckout"

# A refusal is a refusal: what is too long for the contract may be too long for the framing gate before.
SETTINGS = """
[checks]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "409", "413", "414", "415", "422", "431"]
"""

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


def with_real_things(contract, network, gateway):
    """Its examples name what exists here, an invoice, a payment and an account: so each operation can succeed."""
    shop = network.wallet("shop")
    invoice = gateway.invoice(shop.address, "12.50")
    paid = network.faucet().send(shop.address, "12.50", account="faucet")
    payment = gateway.get(f"/v1/transactions/{paid['id']}")
    parameters = contract["components"]["parameters"]
    submitted = contract["paths"]["/v1/transactions"]["post"]["requestBody"]["content"]["application/json"]
    renamed = {
        parameters["InvoiceId"]["example"]: invoice["id"],
        parameters["TransactionId"]["example"]: payment["id"],
        parameters["Address"]["example"]: shop.address,
        submitted["examples"]["envelope"]["value"]["envelope"]: payment["envelope"],
    }
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
            contract = network.directory / "closed.json"
            contract.write_text(with_real_things(closed(yaml.safe_load(CONTRACT.read_text())), network, gateway))
            settings = network.directory / "schemathesis.toml"
            settings.write_text(SETTINGS)
            environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)}
            code, said = run_tool(
                schemathesis, "--config-file", settings, "run", contract, "--url", gateway.origin, "--checks", "all",
                "--exclude-checks", UNDECIDABLE, "--exclude-operation-id", ENDLESS, "--max-examples", EXAMPLES,
                "--seed", SEED, "--continue-on-failure", "--no-color", "--request-timeout", "40",
                "--header", f"Authorization: Bearer {gateway.key}", environment=environment, folder=network.directory)
            self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
