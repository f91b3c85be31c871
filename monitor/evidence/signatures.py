"""Signing heads, and telling whether a seal was signed with our key."""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from monitor.evidence.chain import Head, Seal, seal_message

Sign = Callable[[Head, str], Seal]
"""Makes the seal of a head; the text is the hash of the line before it."""


def signer(key: Ed25519PrivateKey, *, restored: bool = False) -> Sign:
    """Signs with `key`."""

    def sign(head: Head, previous: str) -> Seal:
        signature = key.sign(seal_message(head, previous, restored=restored))
        return Seal(head, previous, signature.hex(), restored)

    return sign


def genuine(seal: Seal, public_key: Ed25519PublicKey) -> bool:
    """True when the seal is in form and its signature holds."""
    if seal.malformed():
        return False
    try:
        message = seal_message(seal.head, seal.previous, restored=seal.restored)
        public_key.verify(bytes.fromhex(seal.signature), message)
    except InvalidSignature:
        return False
    return True
