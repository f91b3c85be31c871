"""A case's number as people give it: in groups, in capitals, read aloud, with digits taken for letters. Pure."""

import re
import unicodedata

SHORTEST_END = 4
"""Signs of a case's number by which its end is looked for."""
_SEEN_AS = str.maketrans("018", "olb")
"""Digits that no case number holds, taken for the letters that they look like."""
_WHOLE = re.compile(r"[a-z2-7]{26}")


def normal_number(number: str) -> str:
    """A case number as it was given: width, case, spaces and hyphens do not matter."""
    plain = unicodedata.normalize("NFKC", number).casefold()
    return "".join(char for char in plain if char.isascii() and char.isalnum()).translate(_SEEN_AS)


def end_of_number(text: str) -> str:
    """A whole number, or its end, in what somebody looks for; empty: it is too short, or holds letters of no number."""
    if any(char.isalnum() and not char.isascii() for char in unicodedata.normalize("NFKC", text)):
        return ""
    number = normal_number(text)
    return number if len(number) >= SHORTEST_END else ""


def is_whole_number(number: str) -> bool:
    """Has this the form of a whole number? `number`: as `normal_number` gives it."""
    return _WHOLE.fullmatch(number) is not None
