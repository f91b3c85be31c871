"""Reads contacts from TOML files and says what is wrong with one: the file, the contact, the key, what is allowed."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from monitor.model.facts import AgeGroup
from monitor.notices.opening_hours import Hours, read_hours
from monitor.notices.route import Confidence
from monitor.notices.texts import LANGUAGES, Words

CONTACTS_FOLDER = Path(__file__).parent / "contacts"
EVERYWHERE = "everywhere"
"""The file of what helps in any country."""

_KEYS = frozenset(
    {"order", "ages", "name", "note", "ways", "open", "first_for", "removes", "source", "date", "confidence", "in_use"}
)
_WAY_KEYS = frozenset({"channel", "to", "label", "open"})
_KEY = re.compile(r"[a-z][a-z0-9_]{1,31}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_NUMBER = re.compile(r"[+#*]?[0-9][0-9 \-]{0,24}")
_MAILBOX = re.compile(r"[^\s@,;:<>()\"\\]{1,64}@[^\s@,;:<>()\"\\]{1,255}")
_PAGE = re.compile(r"https://[^\s\"<>]{3,300}")


class FirstFor(StrEnum):
    """When a contact is called before all others."""

    DANGER = "danger"
    CRISIS = "crisis"
    """Thoughts of not wanting to live."""


class WayChannel(StrEnum):
    """How a contact is reached."""

    CALL = "call"
    TEXT = "text"
    """By SMS."""
    CHAT = "chat"
    MAIL = "mail"
    WEB = "web"
    """A page or a form."""

    @property
    def spoken(self) -> bool:
        """A person answers at once, within the hours."""
        return self in (WayChannel.CALL, WayChannel.TEXT, WayChannel.CHAT)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a contact. `to` is empty only where `label` says how (an account inside an app)."""

    channel: WayChannel
    to: str
    label: Words | None
    hours: Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One contact as its file has it."""

    key: str
    country: str
    """ISO 3166-1 alpha-2; empty for every country."""
    order: int
    ages: frozenset[AgeGroup]
    name: Words
    note: Words
    ways: tuple[Way, ...]
    first_for: FirstFor | None = None
    removes: bool = False
    """They help people of their own country to have a picture removed anywhere."""
    source: str = field(repr=False)
    date: str
    confidence: Confidence

    @property
    def confirmed(self) -> bool:
        """A source says so, or it is likely; otherwise the page asks to check it."""
        return self.confidence is not Confidence.UNCONFIRMED


class _Wrong(Exception):
    """A value is not what its key needs; the text says what would be."""


def read_contacts(*folders: Path) -> tuple[dict[str, Entry], list[str]]:
    """The contacts of all folders and a line for each problem. A later folder's table changes the keys that it names.

    A file's name is its country, or `everywhere`. `in_use = false` takes a contact away.
    """
    raw: dict[str, tuple[Path, str, str, dict[str, Any]]] = {}
    problems: list[str] = []
    for folder in folders:
        for file in sorted(folder.glob("*.toml")):
            try:
                values = tomllib.loads(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                problems.append(f"{file}: this is not TOML that can be read: {error}")
                continue
            country = "" if file.stem == EVERYWHERE else file.stem
            if country and not _COUNTRY.fullmatch(country):
                problems.append(f"{file}: its name is wrong; allowed: a country's code such as KR, or {EVERYWHERE}")
                continue
            zone = values.pop("zone", None)
            if not _is_zone(zone):
                problems.append(f"{file}: zone is wrong; allowed: a time zone's name such as Asia/Seoul")
                continue
            for key, table in values.items():
                if not _KEY.fullmatch(key) or not isinstance(table, dict):
                    problems.append(f"{file}: {key} is wrong; allowed: a table [name] with a-z, 0-9 and _, up to 32")
                    continue
                below = raw[key][3] if key in raw else {}
                raw[key] = (file, country, zone, {**below, **table})
    entries: dict[str, Entry] = {}
    for key, (file, country, zone, table) in raw.items():
        try:
            if (entry := _entry(key, country, zone, table)) is not None:
                entries[key] = entry
        except _Wrong as wrong:
            problems.append(f"{file}: {key}.{wrong}")
    return entries, problems


def _entry(key: str, country: str, zone: str, table: Mapping[str, Any]) -> Entry | None:
    for name in table:
        if name not in _KEYS:
            close = difflib.get_close_matches(name, _KEYS, 1)
            raise _Wrong(f"{name} is not a known key{f', did you mean {close[0]}?' if close else ''}")
    if table.get("in_use", True) is False:
        return None
    hours = _hours(zone, table.get("open", []))
    ways = table.get("ways")
    if not isinstance(ways, list) or not ways:
        raise _Wrong("ways is wrong; allowed: at least one table of channel and to")
    order = table.get("order", 50)
    if not isinstance(order, int) or isinstance(order, bool):
        raise _Wrong("order is wrong; allowed: a whole number")
    date, confidence = table.get("date"), table.get("confidence")
    if not isinstance(date, str) or not _DATE.fullmatch(date):
        raise _Wrong("date is wrong; allowed: a date such as 2026, 2026-02 or 2026-02-24")
    first_for = table.get("first_for")
    if first_for is not None and first_for not in tuple(FirstFor):
        raise _Wrong(f"first_for is wrong; allowed: {', '.join(FirstFor)}")
    removes = table.get("removes", False)
    if not isinstance(removes, bool):
        raise _Wrong("removes is wrong; allowed: true or false")
    if confidence not in tuple(Confidence):
        raise _Wrong(f"confidence is wrong; allowed: {', '.join(Confidence)}")
    return Entry(
        key=key,
        country=country,
        order=order,
        ages=_ages(table.get("ages", ["adult", "minor"])),
        name=_words("name", table.get("name")),
        note=_words("note", table.get("note")),
        ways=tuple(_way(one, zone, hours) for one in ways),
        first_for=None if first_for is None else FirstFor(first_for),
        removes=removes,
        source=_line("source", table.get("source")),
        date=date,
        confidence=Confidence(confidence),
    )


def _way(value: Any, zone: str, hours: Hours) -> Way:
    if not isinstance(value, dict) or not value.keys() <= _WAY_KEYS or value.get("channel") not in tuple(WayChannel):
        raise _Wrong(f"ways is wrong; allowed: tables of channel ({', '.join(WayChannel)}), to, label, open")
    channel, to = WayChannel(value["channel"]), value.get("to", "")
    label = _words("ways.label", value["label"]) if "label" in value else None
    shapes = {
        WayChannel.CALL: (_NUMBER, "a telephone number"),
        WayChannel.TEXT: (_NUMBER, "a telephone number"),
        WayChannel.MAIL: (_MAILBOX, "one e-mail address"),
        WayChannel.WEB: (_PAGE, "an address that starts with https://"),
        WayChannel.CHAT: (_PAGE, "an address that starts with https://, or only a label"),
    }
    shape, allowed = shapes[channel]
    bare = channel is WayChannel.CHAT and to == "" and label is not None
    if not bare and (not isinstance(to, str) or not shape.fullmatch(to)):
        raise _Wrong(f"ways.to is wrong; allowed: {allowed}")
    return Way(channel, to, label, _hours(zone, value["open"]) if "open" in value else hours)


def _hours(zone: str, lines: Any) -> Hours:
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise _Wrong("open is wrong; allowed: a list of lines such as mon-fri 10:00-16:00")
    try:
        return read_hours(zone, lines)
    except ValueError as error:
        raise _Wrong(f"open is wrong; allowed: {error}") from None


def _ages(value: Any) -> frozenset[AgeGroup]:
    known = (AgeGroup.ADULT.value, AgeGroup.MINOR.value)
    if not isinstance(value, list) or not value or not set(value) <= set(known):
        raise _Wrong(f"ages is wrong; allowed: a list of {', '.join(known)}")
    return frozenset(AgeGroup(one) for one in value)


def _words(key: str, value: Any) -> Words:
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        raise _Wrong(f"{key} is wrong; allowed: a text for each of {', '.join(LANGUAGES)}")
    return MappingProxyType({language: _line(key, text) for language, text in value.items()})


def _line(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _Wrong(f"{key} is wrong; allowed: a text of one line")
    return value.strip()


def _is_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and ZoneInfo(value) is not None
    except (KeyError, ValueError, OSError):
        return False
