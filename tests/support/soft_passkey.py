"""A passkey made in software, as a browser's authenticator answers: Web Authentication level 3, section 6.5.4."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from webauthn.helpers import bytes_to_base64url, encode_cbor

from monitor.cases.accounts.passkeys import Party

PRESENT, VERIFIED, WITH_KEY = 1, 4, 64
"""Bits of an authenticator's data: somebody was there, they proved who they are, a new key follows."""


def new_passkey(challenge: bytes, party: Party) -> str:
    """The answer to `navigator.credentials.create()` for a challenge, as JSON."""
    point = generate_private_key(SECP256R1()).public_key().public_numbers()
    x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
    public_key = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # COSE: elliptic curve, ES256, P-256
    credential = secrets.token_bytes(32)
    told = hashlib.sha256(party.host.encode()).digest() + bytes([PRESENT | VERIFIED | WITH_KEY]) + bytes(4)
    told += bytes(16) + len(credential).to_bytes(2, "big") + credential + public_key
    seen = {"type": "webauthn.create", "challenge": bytes_to_base64url(challenge), "origin": party.origin}
    answer = {
        "clientDataJSON": bytes_to_base64url(json.dumps(seen).encode()),
        "attestationObject": bytes_to_base64url(encode_cbor({"fmt": "none", "attStmt": {}, "authData": told})),
    }
    name = bytes_to_base64url(credential)
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": answer})
