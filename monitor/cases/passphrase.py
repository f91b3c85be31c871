"""Passphrases of seven words, and argon2id for everything that is checked against a hash."""

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from mnemonic import Mnemonic

from monitor.cases.hashing import HashingPool
from monitor.keys.envelope import HASHER

WORDS = 7
"""2,048 words each: 77 bits, which argon2id and the throttle on log-ins make ample."""

_LISTS = {"en": "english", "ko": "korean"}


@lru_cache(2)
def _word_list(language: str) -> tuple[str, ...]:
    return tuple(Mnemonic(_LISTS.get(language, "english")).wordlist)


def new_passphrase(language: str) -> str:
    """Seven random words in the person's language, separated by spaces."""
    words = _word_list(language)
    return unicodedata.normalize("NFC", " ".join(secrets.choice(words) for _ in range(WORDS)))


def normalise(passphrase: str) -> str:
    """What is hashed: case, spaces, hyphens and the way Hangul was composed do not matter."""
    return " ".join(unicodedata.normalize("NFKC", passphrase).casefold().replace("-", " ").split())


HASHING = HashingPool()
"""One for the whole process: what it bounds is the process's memory."""


async def hash_secret(secret: str, hasher: PasswordHasher = HASHER, *, origin: str = "") -> str:
    """The argon2id hash. `origin`: who causes the work. Raises Overloaded where too many wait."""
    return await HASHING.run(lambda: hasher.hash(secret), lane=origin)


async def matches(secret: str, hashed: str, *, origin: str = "") -> bool:
    """Does the secret fit the hash? The hash itself says how much work that takes. Raises Overloaded."""

    def verify() -> bool:
        try:
            return HASHER.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    return await HASHING.run(verify, lane=origin)
