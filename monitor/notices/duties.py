"""A centre's duty to tell the police of a minor's picture: its clock, as data that an operator's counsel corrects.

One TOML file a country in `duties/`; those in the folder `duties` of the operator's routes folder take their place.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitor.core.errors import RouteFileError
from monitor.notices.route import Confidence, Words

OUR_FOLDER = Path(__file__).parent / "duties"
_KEYS = frozenset({"name", "countries", "met_by", "hours", "law", "words", "in_use", "sources"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty. A duty is not ours to judge: the page says what is not certain about it."""

    name: str
    countries: frozenset[str]
    """Where the centre is; where nobody told that, where the person is."""
    met_by: tuple[str, ...]
    """Routes: filing one of them meets it."""
    hours: int
    """From when the copy was confirmed."""
    law: str
    words: Words
    doubts: tuple[str, ...]
    """Its facts that no source confirms."""

    def due_at(self, since: datetime) -> datetime:
        """When it should be done at the latest."""
        return since + timedelta(hours=self.hours)


class DutyTable(Mapping[str, Duty]):
    """Every duty by name; filled once, at start."""

    def __init__(self, duties: Mapping[str, Duty]) -> None:
        self._duties = dict(duties)

    def __getitem__(self, name: str) -> Duty:
        return self._duties[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._duties)

    def __len__(self) -> int:
        return len(self._duties)

    def use(self, folder: Path | None) -> None:
        """Take the operator's files over ours. Raises RouteFileError and then changes nothing."""
        self._duties = duties_over(folder)

    def of(self, centre_country: str, person_country: str) -> Duty | None:
        """The duty of a centre in this country."""
        country = (centre_country or person_country).strip().upper()
        return next((one for one in self._duties.values() if country in one.countries), None)


def duties_over(folder: Path | None) -> dict[str, Duty]:
    """Ours, with those of the operator's routes folder over them. Raises RouteFileError."""
    theirs = None if folder is None else folder / "duties"
    return load_duties(OUR_FOLDER, *([theirs] if theirs is not None and theirs.is_dir() else []))


def load_duties(*folders: Path) -> dict[str, Duty]:
    """The duties of all folders; a later folder's file of the same name changes the keys that it names.

    A file with `in_use = false` ends the duty. Raises RouteFileError with a line for each problem.
    """
    raw: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for folder in folders:
        for file in sorted(folder.glob("*.toml")):
            try:
                values = tomllib.loads(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                problems.append(f"{file}: this is not TOML that can be read: {error}")
                continue
            below = raw.get(file.stem, {})
            raw[file.stem] = {**below, **values, "sources": {**below.get("sources", {}), **values.get("sources", {})}}
            problems += [f"{file}: {line}" for line in _wrong(file.stem, raw[file.stem])]
    if problems:
        raise RouteFileError("\n".join(problems))
    return {name: _duty(values) for name, values in raw.items() if values.get("in_use", True)}


def _wrong(name: str, values: Mapping[str, Any]) -> Iterable[str]:
    for key in sorted(set(values) - _KEYS):
        yield f"{key} is not a known key; allowed: {', '.join(sorted(_KEYS))}"
    if values.get("name") != name:
        yield "name is wrong; allowed: the file's own name"
    for key in ("countries", "met_by"):
        held = values.get(key)
        if not isinstance(held, list) or not held or not all(isinstance(one, str) for one in held):
            yield f"{key} is wrong; allowed: a list of texts"
    hours = values.get("hours")
    if not isinstance(hours, int) or isinstance(hours, bool) or hours < 0:
        yield "hours is wrong; allowed: a whole number from 0"
    if not isinstance(values.get("law"), str):
        yield "law is wrong; allowed: a text"
    words = values.get("words")
    if not isinstance(words, dict) or set(words) != {"en", "ko"}:
        yield "words is wrong; allowed: a text for each of en, ko"
    for key, source in values["sources"].items():
        if not isinstance(source, dict) or source.get("confidence") not in set(Confidence):
            yield f"sources.{key} is wrong; allowed: source, date, confidence ({', '.join(Confidence)})"
    for key in {"law", "hours", "met_by"} - set(values["sources"]):
        yield f"sources.{key} is missing; allowed: source, date, confidence"


def _duty(values: Mapping[str, Any]) -> Duty:
    doubts = [key for key, one in values["sources"].items() if one["confidence"] == Confidence.UNCONFIRMED]
    return Duty(
        name=values["name"],
        countries=frozenset(values["countries"]),
        met_by=tuple(values["met_by"]),
        hours=values["hours"],
        law=values["law"],
        words=MappingProxyType(dict(values["words"])),
        doubts=tuple(sorted(doubts)),
    )


DUTIES = DutyTable(load_duties(OUR_FOLDER))
