"""Who signed two votes that exclude each other is proved guilty by the file alone, made here without any code of
the node: votes, hashes and BIP-340 signatures as docs/spec/consensus.md and the BIP say."""

import hashlib
import json
import tempfile
import unittest
from pathlib import Path

from harness import run

DATA_CORRUPT, USAGE = 10, 2

# secp256k1.
P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def tagged_hash(tag, message):
    digest = hashlib.sha256(tag.encode()).digest()
    return hashlib.sha256(digest + digest + message).digest()


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and a[1] != b[1]:
        return None
    slope = (3 * a[0] * a[0] * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(scalar):
    out, doubled = None, G
    while scalar:
        if scalar & 1:
            out = add(out, doubled)
        doubled = add(doubled, doubled)
        scalar >>= 1
    return out


def sign(secret, message):
    """BIP-340 with 32 zero bytes of auxiliary randomness: the public key and the signature."""
    point = times(secret)
    secret = secret if point[1] % 2 == 0 else N - secret
    key = point[0].to_bytes(32, "big")
    masked = secret ^ int.from_bytes(tagged_hash("BIP0340/aux", bytes(32)), "big")
    nonce = int.from_bytes(tagged_hash("BIP0340/nonce", masked.to_bytes(32, "big") + key + message), "big") % N
    r = times(nonce)
    nonce = nonce if r[1] % 2 == 0 else N - nonce
    r = r[0].to_bytes(32, "big")
    challenge = int.from_bytes(tagged_hash("BIP0340/challenge", r + key + message), "big") % N
    return key, r + ((nonce + challenge * secret) % N).to_bytes(32, "big")


class Evidence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.net = Path(cls.folder.name) / "net"
        run("peerpayd", "testnet", "--output", cls.net)
        cls.homes = sorted(path.parent for path in cls.net.rglob("validator.key"))
        cls.genesis = cls.homes[0] / "genesis.bcs"
        cls.chain = tagged_hash("peerpay/genesis", cls.genesis.read_bytes())
        cls.secrets = [int((home / "validator.key").read_text().strip(), 16) for home in cls.homes]
        cls.names = [f"validator-{i}" for i in range(len(cls.homes))]

    def statement(self, signer, digest, view=7):
        """A notarize vote."""
        subject = bytes([0]) + view.to_bytes(8, "little") + (view - 1).to_bytes(8, "little") + digest
        message = tagged_hash("peerpay/vote/notarize", self.chain + bytes(8) + subject)
        _, signature = sign(self.secrets[signer], message)
        return {"bytes": (subject + signer.to_bytes(4, "little") + signature).hex(), "type": "vote",
                "kind": "notarize", "view": view, "parent": view - 1, "digest": digest.hex(),
                "signers": [self.names[signer]], "signatures": [signature.hex()]}

    def verify(self, first, second, expect, *options, accused=2):
        validators = [{"name": name, "key": sign(secret, bytes(32))[0].hex()}
                      for name, secret in zip(self.names, self.secrets)]
        path = Path(self.folder.name) / "evidence.json"
        path.write_text(json.dumps({
            "format": "peerpay-evidence-1", "sentence": "whatever it says", "network": "devnet",
            "chain_id": self.chain.hex(), "epoch": 0, "validators": validators, "accused": [self.names[accused]],
            "first": first, "second": second}, indent=2))
        return run("peerpayd", "evidence", "verify", path, "--genesis", self.genesis, *options, expect=expect)

    def test_two_notarize_votes_prove_their_signer_guilty(self):
        a, b = bytes([0xAA] * 32), bytes([0xBB] * 32)
        first, second = self.statement(2, a), self.statement(2, b)
        said = self.verify(first, second, 0).out
        self.assertEqual(said, f"Proved: {self.names[2]} signed both notarize of {a.hex()} in view 7 and notarize of "
                               f"{b.hex()} in view 7, which no honest validator does.\n")
        self.assertEqual(self.verify(first, second, 0, "--json").json()["guilty"], [self.names[2]])

    def test_what_proves_nothing_says_why(self):
        first, second = self.statement(2, bytes([0xAA] * 32)), self.statement(2, bytes([0xBB] * 32))
        twice = self.verify(first, first, DATA_CORRUPT)
        self.assertIn("proves nothing: an honest validator may sign both", twice.err)
        forged = dict(second, bytes=second["bytes"][:-2] + "00", signatures=[second["signatures"][0][:-2] + "00"])
        self.assertIn("proves nothing: the signature of a vote is wrong", self.verify(first, forged, DATA_CORRUPT).err)
        other = self.verify(first, dict(second, view=8), DATA_CORRUPT)
        self.assertIn('its "second" is not what the bytes', other.err)
        slandered = self.verify(first, second, DATA_CORRUPT, accused=1)
        self.assertIn('its "accused" is not what the bytes', slandered.err)

    def test_a_file_that_is_not_there(self):
        run("peerpayd", "evidence", "verify", "/nowhere", "--genesis", self.genesis, expect=USAGE)
        run("peerpayd", "evidence", expect=USAGE)


if __name__ == "__main__":
    unittest.main()
