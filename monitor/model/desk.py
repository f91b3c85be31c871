"""How a centre names its cases and finds them again. Pure.

A name and tags are the advocate's own words for a case, told to nobody outside the centre. What is looked for is
compared in one width and case, and anywhere in a word, so that half of a Korean name finds the whole.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model.names import plain

LONGEST_NAME, LONGEST_TAG, MOST_TAGS = 80, 30, 8
LONGEST_NOTE, MOST_NOTES = 3000, 500


class NoteKind(StrEnum):
    """The values are stored: add, never rename."""

    NOTE = "note"
    HAND_OVER = "hand-over"


class Waits(StrEnum):
    """What somebody can do in a case now."""

    DECIDE = "decide"
    """Possible copies."""
    NOTICES = "notices"
    """Notices that need a person."""
    MESSAGES = "messages"
    """The person wrote, and nobody read it."""
    TAKEN = "taken"
    """It was handed over to the one who asks, and not opened since."""


class Standing(StrEnum):
    """The states that a list of cases can be narrowed to."""

    VOUCHED = "vouched"
    IN_HAND = "in-hand"
    ON_HOLD = "on-hold"
    RESTS = "rests"
    """The person paused everything."""
    ERASING = "erasing"


class Order(StrEnum):
    """How a list of cases is ordered."""

    WAITS = "waits"
    """What waits first, and of that what ends first."""
    CLOCK = "clock"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Called:
    """The centre's own words for a case."""

    name: str = field(default="", repr=False)
    tags: tuple[str, ...] = field(default=(), repr=False)

    @property
    def version(self) -> str:
        """Stands for just this name and these tags: who changes them brings it back, so that nothing newer is lost."""
        return hashlib.sha256("\n".join((self.name, *self.tags)).encode()).hexdigest()[:32]


def tags_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: without `#`, in one line, each once whatever its case; the first spelling counts."""
    found: dict[str, str] = {}
    for text in texts:
        tag = " ".join(text.strip().lstrip("#").split())
        if tag:
            found.setdefault(plain(tag), tag)
    return tuple(found.values())


def looked_for(text: str) -> str:
    """What somebody typed, as it is compared."""
    return " ".join(plain(text).split())


def place_looked_for(text: str) -> str:
    """The same as a channel's or an account's name: without `@`, and without the address around it."""
    told = looked_for(text).removeprefix("https://").removeprefix("http://").removeprefix("www.")
    for host in ("t.me/s/", "t.me/", "telegram.me/", "x.com/", "twitter.com/"):
        told = told.removeprefix(host)
    return told.lstrip("@").split("/")[0].split("?")[0]


def is_called(called: Called, text: str) -> bool:
    """Does this stand in the name or in a tag?"""
    words: Sequence[str] = (called.name, *called.tags)
    return any(text.lstrip("#") in looked_for(word) for word in words if word)


def has_tag(called: Called, tag: str) -> bool:
    """Is this one of its tags, whatever the case?"""
    return any(looked_for(one) == tag.lstrip("#") for one in called.tags)
