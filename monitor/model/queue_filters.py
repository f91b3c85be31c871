"""What of the queue is asked for, as it stands in an address. Pure: what is not known is told, never passed over."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.model.case_numbers import is_whole_number, normal_number
from monitor.model.states import SightingState
from monitor.platforms.base import PlatformName

VERDICTS = ("confident", "review")
AGES: Mapping[str, tuple[timedelta | None, timedelta | None]] = {
    "1d": (timedelta(days=1), None),
    "7d": (timedelta(days=7), None),
    "30d": (timedelta(days=30), None),
    "over-1d": (None, timedelta(days=1)),
    "over-3d": (None, timedelta(days=3)),
    "over-7d": (None, timedelta(days=7)),
}
"""How long ago the copy was found: at most, and more than."""
FILTERS = ("state", "case", "source", "verdict", "age", "fingerprint")
PLACE_IN_LIST = ("page", "item")
_ID = re.compile(r"[a-z2-7]{26}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which items, and where in their list."""

    state: SightingState = SightingState.OPEN
    case: str = ""
    source: str = ""
    """platform:name, or a name alone."""
    verdict: str = ""
    age: str = ""
    fingerprint: str = ""
    page: int = 1
    item: str = ""

    @property
    def narrowed(self) -> bool:
        """Not everything in its state is asked for."""
        return bool(self.case or self.source or self.verdict or self.age or self.fingerprint)

    @property
    def place(self) -> tuple[str | None, str]:
        """Platform, where one was named, and name of the channel or account."""
        platform, mark, handle = self.source.partition(":")
        return (platform, handle) if mark else (None, platform)

    def address(self, **changed: str | int) -> dict[str, str]:
        """What stands in the address of this list, with changes; what is the same without it is left out."""
        values: dict[str, str | int] = {
            "state": "" if self.state is SightingState.OPEN else self.state.value,
            **{name: getattr(self, name) for name in FILTERS[1:]},
            "page": self.page if self.page > 1 else "",
            "item": self.item,
            **changed,
        }
        if values["page"] == 1:
            values["page"] = ""
        return {name: str(value) for name, value in values.items() if value not in ("", 0)}

    def at(self, **changed: str | int) -> "QueueFilter":
        """The same elsewhere in the list."""
        return replace(self, **changed)  # type: ignore[arg-type]  # names and types are the fields' own


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of the address that means nothing here."""

    name: str
    value: str = ""
    """Empty: the name itself is not known."""


def read_filter(
    asked: Iterable[tuple[str, str]], beside: Iterable[str] = ()
) -> tuple[QueueFilter, tuple[Unknown, ...]]:
    """What an address asks for, and what of it nobody knows. `beside`: names that other parts of a page use."""
    found, unknown, others = QueueFilter(), list[Unknown](), set(beside)
    for name, value in asked:
        text = value.strip()
        if name in others or (name in (*FILTERS, *PLACE_IN_LIST) and not text):
            continue  # an empty field of the form asks for nothing
        if name not in (*FILTERS, *PLACE_IN_LIST):
            unknown.append(Unknown(name))
            continue
        read = _read(name, text)
        if read is None:
            unknown.append(Unknown(name, text))
        else:
            found = found.at(**{name: read})
    return found, tuple(unknown)


def _read(name: str, text: str) -> str | int | None:
    """The value as it is kept; None where it is none."""
    match name:
        case "state":
            return SightingState(text) if text in list(SightingState) else None
        case "case":
            number = normal_number(text)
            return number if is_whole_number(number) else None
        case "source":
            return _source(text)
        case "verdict":
            return text if text in VERDICTS else None
        case "age":
            return text if text in AGES else None
        case "page":
            return int(text) if _NUMBER.fullmatch(text) else None
        case _:
            return text if _ID.fullmatch(text) else None


def _source(text: str) -> str | None:
    platform, mark, handle = text.lower().rpartition(":")
    handle = handle.strip().removeprefix("@")
    if not _HANDLE.fullmatch(handle) or (mark and platform not in list(PlatformName)):
        return None
    return f"{platform}:{handle}" if mark else handle
