"""What a person can do themselves at places that are not watched: each place's own route, as data with source and date.

`self_help/places.toml` is ours; a file `self_help.toml` in the operator's routes folder goes over it, table by table.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitor.core.errors import RouteFileError
from monitor.model.facts import AgeGroup
from monitor.notices.route import Confidence
from monitor.notices.texts import LANGUAGES, Words, in_language
from monitor.platforms.base import PlatformName

_HOST = re.compile(r"(?:https?://)?(?:[^/?#\s]*@)?(?P<host>[^/?#:@\s]+)", re.IGNORECASE)
OUR_FILE = Path(__file__).parent / "self_help" / "places.toml"
THEIR_FILE = "self_help.toml"
ELSEWHERE, ROOMS = "elsewhere", "rooms"
_KEYS = frozenset(
    {"order", "hosts", "name", "steps", "pages", "with", "desk", "source", "date", "confidence", "in_use"}
)
HELPERS: Mapping[str, tuple[str, frozenset[AgeGroup]]] = MappingProxyType(
    {
        "stopncii": ("stopncii", frozenset({AgeGroup.ADULT})),
        "ncmec": ("ncmec_take_it_down", frozenset({AgeGroup.MINOR})),
        "iwf": ("iwf", frozenset({AgeGroup.MINOR})),
        "d4u": ("kr_d4u", frozenset({AgeGroup.ADULT, AgeGroup.MINOR})),
        "commission": ("kr_commission", frozenset({AgeGroup.ADULT, AgeGroup.MINOR})),
        "police": ("kr_police", frozenset({AgeGroup.ADULT, AgeGroup.MINOR})),
    }
)
"""Who can help besides the place itself: the key of a contact, and for whom."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the place's own."""

    to: str
    label: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfHelp:
    """One place, or one kind of place."""

    key: str
    order: int
    hosts: tuple[str, ...]
    name: Words
    steps: tuple[Words, ...]
    pages: tuple[Page, ...]
    helpers: tuple[str, ...]
    desk: str
    """The language that whoever gets a report there reads; empty: its form asks, and takes no letter."""
    source: str = field(repr=False)
    date: str
    confidence: Confidence

    @property
    def confirmed(self) -> bool:
        """A source says so, or it is likely; otherwise the page asks to check it."""
        return self.confidence is not Confidence.UNCONFIRMED


class SelfHelpTable(Mapping[str, SelfHelp]):
    """Every place by key, in order; filled once, at start."""

    def __init__(self, places: Mapping[str, SelfHelp]) -> None:
        self._places = dict(places)

    def __getitem__(self, key: str) -> SelfHelp:
        return self._places[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def use(self, folder: Path | None) -> None:
        """Take the operator's file over ours. Raises RouteFileError and then changes nothing."""
        self._places = self_help_over(folder)

    def of(self, address: str, platform: str | None, links: Sequence[str]) -> SelfHelp | None:
        """What fits a link or a name that a person knows; None where it is a public post that is read here. `links`:
        those in it, as monitor.platforms.links finds them."""
        if platform is not None:
            return self._places.get(ROOMS)
        found = _HOST.match(links[0] if links else address.strip())
        host = "" if found is None else found["host"].lower()
        fitting = (one for one in self._places.values() if any(_is_at(host, known) for known in one.hosts))
        # What is no address at all is a room's title.
        return next(fitting, self._places.get(ELSEWHERE if links else ROOMS))


def self_help_over(folder: Path | None) -> dict[str, SelfHelp]:
    """Ours, with the operator's over it. Raises RouteFileError with a line for each problem."""
    raw: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for file in (OUR_FILE, *([folder / THEIR_FILE] if folder is not None and (folder / THEIR_FILE).is_file() else [])):
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            problems.append(f"{file}: this is not TOML that can be read: {error}")
            continue
        for key, table in tables.items():
            values = {**raw.get(key, {}), **table} if isinstance(table, dict) else {}
            problems += [f"{file}: {key}.{line}" for line in _wrong(values)]
            raw[key] = values
    if problems:
        raise RouteFileError("\n".join(problems))
    found = {key: _place(key, values) for key, values in raw.items() if values.get("in_use", True)}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))


def _wrong(values: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(values) - _KEYS):
        yield f"{key} is not a known key; allowed: {', '.join(sorted(_KEYS))}"
    if not _is_words(values.get("name")):
        yield f"name is wrong; allowed: a text for each of {', '.join(LANGUAGES)}"
    steps = values.get("steps")
    if not isinstance(steps, list) or not steps or not all(map(_is_words, steps)):
        yield f"steps is wrong; allowed: a list of texts for each of {', '.join(LANGUAGES)}"
    pages = values.get("pages", [])
    if not isinstance(pages, list) or not all(map(_is_page, pages)):
        yield "pages is wrong; allowed: tables of to (https://...) and label"
    if not set(values.get("with", [])) <= set(HELPERS):
        yield f"with is wrong; allowed: a list of {', '.join(HELPERS)}"
    if values.get("desk", "") not in ("", *LANGUAGES):
        yield f"desk is wrong; allowed: {', '.join(LANGUAGES)}"
    hosts = values.get("hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(one, str) and "/" not in one for one in hosts):
        yield "hosts is wrong; allowed: a list of hosts such as example.com"
    if not all(isinstance(values.get(key), str) and values[key] for key in ("source", "date")):
        yield "source or date is missing"
    if values.get("confidence") not in tuple(Confidence):
        yield f"confidence is wrong; allowed: {', '.join(Confidence)}"


def _place(key: str, values: Mapping[str, Any]) -> SelfHelp:
    return SelfHelp(
        key=key,
        order=int(values.get("order", 50)),
        hosts=tuple(values.get("hosts", [])),
        name=MappingProxyType(values["name"]),
        steps=tuple(MappingProxyType(step) for step in values["steps"]),
        pages=tuple(Page(page["to"], MappingProxyType(page["label"])) for page in values.get("pages", [])),
        helpers=tuple(values.get("with", [])),
        desk=values.get("desk", ""),
        source=values["source"],
        date=values["date"],
        confidence=Confidence(values["confidence"]),
    )


def _is_words(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == set(LANGUAGES) and all(map(str.strip, value.values()))


def _is_page(value: Any) -> bool:
    return isinstance(value, dict) and str(value.get("to", "")).startswith("https://") and _is_words(value.get("label"))


def _is_at(host: str, known: str) -> bool:
    return host == known or host.endswith(f".{known}")


SELF_HELP = SelfHelpTable(self_help_over(None))


def self_help_key(address: str, platform: str | None, links: Sequence[str], *, public: bool) -> str | None:
    """Which part of the page about other places fits; None for a public post on a platform that is read here."""
    if public and platform in tuple(PlatformName):
        return None
    found = SELF_HELP.of(address, platform, links)
    return None if found is None else found.key


def place_name(key: str | None, language: str) -> str:
    """What a place is called; empty for none."""
    found = SELF_HELP.get(key or "")
    return "" if found is None else in_language(found.name, language)
