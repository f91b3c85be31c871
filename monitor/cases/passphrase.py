"""Passphrases of seven words, and argon2id for everything that is checked against a hash."""

import re
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.cases.hashing import HashingPool
from monitor.cases.word_lists import known_words, word_list
from monitor.keys.envelope import HASHER

WORDS = 7
"""2,048 words each: 77 bits, which argon2id and the throttle on log-ins make ample."""

_MOST_READINGS = 3
"""Of words without spaces between them: each costs argon2id's work."""
_MOST_OPEN = 64
"""Beginnings that are followed at one place, whatever somebody makes up."""


def new_passphrase(language: str) -> str:
    """Seven random words in the person's language, separated by spaces."""
    words = word_list(language)
    return unicodedata.normalize("NFC", " ".join(secrets.choice(words) for _ in range(WORDS)))


def normalise(passphrase: str) -> str:
    """What is hashed: case, width, what stands between the words and the way Hangul was composed do not matter."""
    plain = unicodedata.normalize("NFKC", passphrase).casefold()
    seen = "".join(char for char in plain if unicodedata.category(char) not in _UNSEEN)
    return " ".join("".join(char if char.isalnum() and char not in _FILLERS else " " for char in seen).split())


_UNSEEN = ("Cf", "Mn", "Me")
"""Zero-width characters, soft hyphens, byte order marks, variation selectors."""
_FILLERS = "\u115f\u1160"
"""Letters to Unicode, a gap to the eye."""
_DIGITS = re.compile(r"\d+")
"""No word has one: whoever wrote them down may have numbered them."""


def readings(passphrase: str) -> tuple[str, ...]:
    """What may have been meant, to be tried in turn: as it was typed; else the seven words that its letters make, for
    a keyboard or an app may have put spaces elsewhere, or none."""
    typed = normalise(passphrase)
    words = _DIGITS.sub(" ", typed).split()
    for language in ("ko", "en"):
        known = known_words(language)
        if len(words) == WORDS and all(word in known for word in words):
            return (" ".join(words),)
        found = _made_of("".join(words), known)
        if found:
            return tuple(found)
    return (typed,)


def _made_of(letters: str, known: frozenset[str]) -> list[str]:
    """The ways to read letters as seven known words, a few at the most."""
    longest = max(map(len, known))
    if not letters or len(letters) > WORDS * longest:
        return []
    ends: list[list[list[str]]] = [[] for _ in range(len(letters) + 1)]
    ends[0].append([])
    for at in range(len(letters)):
        for words in ends[at][:_MOST_OPEN]:
            if len(words) == WORDS:
                continue
            for length in range(2, longest + 1):
                if letters[at : at + length] in known and at + length <= len(letters):
                    ends[at + length].append([*words, letters[at : at + length]])
    return [" ".join(words) for words in ends[-1] if len(words) == WORDS][:_MOST_READINGS]


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


async def any_matches(readings_of: tuple[str, ...], hashed: str, *, origin: str = "") -> bool:
    """Does one of them fit the hash? In turn: mostly there is one. Raises Overloaded."""
    for one in readings_of:
        if await matches(one, hashed, origin=origin):
            return True
    return False
