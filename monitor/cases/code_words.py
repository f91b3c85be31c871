"""A one-time code as six words, for paper: 12 letters hold 60 bits, each word ten of them.

Fixed: words printed on paper must lead to the same code tomorrow, so the lists are the first 1,024 words of BIP-39 in
either language without those that may hurt somebody who was hurt. A test holds their hash.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from mnemonic import Mnemonic

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without l, o, 0 and 1, which are mixed up on the telephone: 32 letters."""
LETTERS, WORDS = 12, 6
_SIZE = 1024
_LISTS = {"en": "english", "ko": "korean"}
_FILLERS = "\u115f\u1160"
"""Letters to Unicode, a gap to the eye."""
_DIGITS = re.compile(r"\d+")
_LEFT_OUT = Path(__file__).with_name("code_words_left_out.txt")


@lru_cache(2)
def word_list(language: str) -> tuple[str, ...]:
    """1,024 words, in Korean for "ko" and in English for anything else."""
    left_out = frozenset(_LEFT_OUT.read_text(encoding="utf-8").split())
    every = Mnemonic(_LISTS.get(language, "english")).wordlist
    kept = (unicodedata.normalize("NFC", word) for word in every)
    return tuple(word for word in kept if word not in left_out)[:_SIZE]


def words_of(code: str, language: str) -> str:
    """Six words that stand for a code of the form `xxxx-xxxx-xxxx`."""
    number, words = 0, word_list(language)
    for letter in code.replace("-", ""):
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return " ".join(words[(number >> shift) & (_SIZE - 1)] for shift in range(10 * (WORDS - 1), -1, -10))


def code_typed(text: str) -> str:
    """The code that was typed, as letters or as words of either list, with any spaces, dashes, signs and width.

    What is neither comes back as it was: whoever looks it up says that it is wrong.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Mn", "Me")).casefold()
    plain = "".join(letter if letter.isalnum() and letter not in _FILLERS else " " for letter in plain)
    parts = unicodedata.normalize("NFC", plain).split()
    # No word holds a digit: whoever wrote them down may have numbered them.
    words = _DIGITS.sub(" ", " ".join(parts)).split()
    for language in _LISTS:
        numbers = _numbers(words, word_list(language))
        if numbers is not None:
            return _letters(numbers)
    return "".join(parts)


def _numbers(parts: list[str], words: tuple[str, ...]) -> list[int] | None:
    places = {word: place for place, word in enumerate(words)}
    found = [places.get(part) for part in parts]
    if len(found) != WORDS:
        found = [places.get(part) for part in _split("".join(parts), places)]
    return [one for one in found if one is not None] if len(found) == WORDS and None not in found else None


def _split(text: str, places: dict[str, int]) -> list[str]:
    """Six words written without spaces, where that can be read in one way only."""
    ways: list[list[str]] = []

    def go(rest: str, taken: list[str]) -> None:
        if len(taken) == WORDS:
            ways.extend([taken] if not rest else [])
            return
        for end in range(1, min(len(rest), 8) + 1):
            if rest[:end] in places and len(ways) < 2:
                go(rest[end:], [*taken, rest[:end]])

    go(text, [])
    return ways[0] if len(ways) == 1 else []


def _letters(numbers: list[int]) -> str:
    value = 0
    for number in numbers:
        value = value * _SIZE + number
    letters = "".join(ALPHABET[(value >> shift) & 31] for shift in range(5 * (LETTERS - 1), -1, -5))
    return "-".join((letters[:4], letters[4:8], letters[8:]))
