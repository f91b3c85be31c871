"""Encrypting a package to whom it is for, with age (https://age-encryption.org): a public key, or a passphrase."""

import re

import pyrage

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal

_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")


def check_key(text: str) -> str:
    """An age public key as it is used. Raises RuleBroken(RECIPIENT_KEY) for anything else, a secret key above all."""
    key = text.strip().lower()
    if not _KEY.fullmatch(key):
        raise RuleBroken(Refusal.RECIPIENT_KEY, "an age public key begins with age1 and has 62 characters")
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        raise RuleBroken(Refusal.RECIPIENT_KEY, "this age public key has a wrong character in it") from None
    return key


def encrypted_to(data: bytes, key: str) -> bytes:
    """`data` that only the holder of the secret key opens: `age --decrypt -i KEYFILE`."""
    sealed: bytes = pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(check_key(key))])
    return sealed


def encrypted_with(data: bytes, passphrase: str) -> bytes:
    """`data` that whoever is told the passphrase opens: `age --decrypt`. Takes a second on purpose."""
    sealed: bytes = pyrage.passphrase.encrypt(data, passphrase)
    return sealed
