"""Reads routes from TOML files and says what is wrong with one: the file, the key, what is allowed."""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from monitor.model.facts import PictureKind, PostedWith
from monitor.notices.fields import BROUGHT, COMMON_FIELDS, FIELDS
from monitor.notices.route import Audience, Channel, Confidence, DialogueStep, Route, Sender, Source, Start, Words
from monitor.platforms.base import PlatformName

OUR_FOLDER = Path(__file__).parent / "routes"

_SOURCED = (
    "law",
    "recipient",
    "senders",
    "required",
    "deadline_hours",
    "starts",
    "block_days",
    "poster_learns",
    "elsewhere",
)
"""Facts that need a source where a route states them."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_ADDRESS = re.compile(r"[^\s@,;:<>()\"\\]{1,64}@[^\s@,;:<>()\"\\]{1,255}")
_LANGUAGES = ("en", "ko")
Choice = TypeVar("Choice", bound=StrEnum)


class _Wrong(Exception):
    """A value is not what its key needs; the text says what would be."""


def read_routes(*folders: Path) -> tuple[dict[str, Route], list[str]]:
    """The routes of all folders and a line for each problem. A later folder's file changes the keys that it names.

    A file for a route that an earlier folder has may hold just `name`, the keys that differ, and their `sources`.
    """
    raw: dict[str, dict[str, Any]] = {}
    files: dict[str, Path] = {}
    problems: list[str] = []
    for folder in folders:
        try:
            found = sorted(folder.glob("*.toml")) if folder.is_dir() else None
        except OSError:
            found = None
        if found is None:
            problems.append(f"{folder}: there is no such folder of routes")
            continue
        for file in found:
            try:
                values = tomllib.loads(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                problems.append(f"{file}: this is not TOML that can be read: {error}")
                continue
            name = values.get("name")
            if not isinstance(name, str) or not _NAME.fullmatch(name) or name != file.stem:
                problems.append(f"{file}: name is wrong; allowed: the file's own name, a-z, 0-9 and _, up to 32")
                continue
            raw[name] = _over(raw.get(name, {}), values)
            files[name] = file
    routes = {}
    for name, values in raw.items():
        reader = _Reader(values)
        route = reader.route(name)
        problems += [f"{files[name]}: {line}" for line in reader.problems]
        if route is not None:
            routes[name] = (reader.order, route)
    ordered = {name: route for name, (_, route) in sorted(routes.items(), key=lambda one: (one[1][0], one[0]))}
    for name, route in ordered.items():
        unknown = [step for step in route.on_lapse if step not in raw]
        problems += [f"{files[name]}: on_lapse names {step}, which is not a route" for step in unknown]
    return ordered, problems


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = {**below, **above}
    if isinstance(below.get("sources"), dict) and isinstance(above.get("sources"), dict):
        merged["sources"] = {**below["sources"], **above["sources"]}
    return merged


class _Reader:
    """One file's keys, each taken once; what is left over is a problem."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._left = dict(values)
        self._stated = frozenset(values)
        self.problems: list[str] = []
        self.order = 0

    def route(self, name: str) -> Route | None:
        """None where the file is wrong; `problems` then says how."""
        take = self._take
        self._left.pop("name", None)
        self.order = take("order", _whole, 1000)
        form = take("form", _rows(_form_row), ())
        values: dict[str, Any] = {
            "title": take("title", _words, None),
            "about": take("about", _words, {}),
            "channel": take("channel", _choice(Channel), None),
            "platforms": take("platforms", _set(_choice(PlatformName)), None),
            "recipient": take("recipient", _text, ""),
            "recipients": take("recipients", _by(PlatformName, _text), {}),
            "audience": take("audience", _choice(Audience), None),
            "kinds": take("kinds", _set(_choice(PictureKind)), frozenset(PictureKind)),
            "senders": take("senders", _set(_choice(Sender)), None),
            "person_countries": take("person_countries", _set(_country), frozenset()),
            "centre_countries": take("centre_countries", _set(_country), frozenset()),
            "home_countries": take("home_countries", _set(_country), frozenset()),
            "country_first": take("country_first", _switch, False),
            "elsewhere": take("elsewhere", _words, {}),
            "posted_with": take("posted_with", _set(_choice(PostedWith)), frozenset()),
            "required": take("required", _fields, None),
            "in_body": take("in_body", _fields, ()),
            "minor_kinds": take("minor_kinds", _set(_choice(PictureKind)), frozenset(PictureKind)),
            "minor_fields": take("minor_fields", _fields, ()),
            "by_person": take("by_person", _list(_one_of(BROUGHT)), ()),
            "deadline_hours": take("deadline_hours", _whole, None),
            "starts": take("starts", _choice(Start), Start.RECEIPT),
            "recheck_hours": take("recheck_hours", _list(_whole), ()),
            "file_within_days": take("file_within_days", _whole, None),
            "block_days": take("block_days", _whole, None),
            "renew_days_before": take("renew_days_before", _whole, None),
            "on_lapse": take("on_lapse", _list(_text), ()),
            "first": take("first", _switch, True),
            "strength": take("strength", _whole, 0),
            "law": take("law", _text, None),
            "sources": take("sources", _sources, {}),
            "poster_learns": take("poster_learns", _words, {}),
            "warning": take("warning", _words, {}),
            "default_off": take("default_off", _switch, False),
            "counsel": take("counsel", _rows(_words), ()),
            "in_app": take("in_app", _switch, False),
            "several": take("several", _switch, False),
            "in_use": take("in_use", _switch, True),
            "enabled": take("enabled", _switch, True),
            "languages": take("languages", _list(_one_of(_LANGUAGES)), ("en",)),
            "value_language": take("value_language", _one_of(_LANGUAGES), ""),
            "template": take("template", _text, ""),
            "menu": take("menu", _by(PictureKind, _list(_text)), {}),
            "form": form,
            "dialogue": take("dialogue", _rows(_dialogue_step), ()),
        }
        for key in self._left:
            close = difflib.get_close_matches(key, values, 1)
            hint = f", did you mean {close[0]}?" if close else ""
            self.problems.append(f"{key} is not a known key{hint}; allowed: order, {', '.join(values)}")
        if self.problems:
            return None
        route = Route(name=name, **values)
        self.problems += _unsound(route, self._stated)
        return None if self.problems else route

    def _take(self, key: str, read: Callable[[Any], Any], default: Any) -> Any:
        """The value of a key, or its default; a key whose default is None is needed, but for the numbers."""
        if key not in self._left:
            if default is None and read is not _whole:
                self.problems.append(f"{key} is missing")
            return default
        try:
            return read(self._left.pop(key))
        except _Wrong as wrong:
            self.problems.append(f"{key} is wrong; allowed: {wrong}")
            return default


def is_one_address(text: str) -> bool:
    """One e-mail address and nothing beside it: no name, no second one."""
    return _ADDRESS.fullmatch(text) is not None


def _unsound(route: Route, stated: Iterable[str]) -> list[str]:
    """What fits the keys one by one, and not together."""
    found = []
    if (route.channel is Channel.TELEGRAM_REPORT) is bool(route.recipient or route.recipients):
        found.append("recipient is wrong; allowed: an address, and none for a telegram-report")
    if route.channel is Channel.EMAIL and not all(map(is_one_address, (route.goes_to(one) for one in route.platforms))):
        found.append("recipient is wrong; allowed: one e-mail address for an email")
    if not route.languages:
        found.append("languages is wrong; allowed: at least one of " + ", ".join(_LANGUAGES))
    if not _NAME.fullmatch(route.texts):
        found.append("template is wrong; allowed: the name of a folder with texts, a-z, 0-9 and _, up to 32")
    if any(not route.goes_to(platform) for platform in route.platforms) and route.recipients:
        found.append("recipients is wrong; allowed: one for each of platforms, or a recipient for the others")
    if route.channel is Channel.TELEGRAM_REPORT and not all(route.menu.get(kind) for kind in route.kinds):
        found.append("menu is wrong; allowed: a list of texts for each of kinds")
    if (route.channel is Channel.ASSISTED) is not bool(route.dialogue):
        found.append("dialogue is wrong; allowed: at least one step for an assisted-dialogue, and none for others")
    asked = {*route.required, "authority_document", "body"}
    if extra := [name for name in route.in_body if name not in asked]:
        found.append(f"in_body is wrong; allowed: fields of required; these are not: {', '.join(extra)}")
    copied = [step.copy_field for step in route.dialogue if step.copy_field]
    if extra := [name for name in (*copied, *(name for name, _ in route.form)) if name not in asked]:
        found.append(f"form or dialogue is wrong; allowed: fields of required; these are not: {', '.join(extra)}")
    keys = [key for key in _SOURCED if key in stated or (key == "recipient" and "recipients" in stated)]
    bare = [key for key in keys if key not in route.sources]
    found += [f"sources.{key} is missing; allowed: source, date, confidence" for key in bare]
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _Wrong("a text of one line")
    return value.strip()


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100_000:
        raise _Wrong("a whole number from 0")
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _country(value: Any) -> str:
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
        raise _Wrong("codes of two capital letters, such as KR")
    return value


def _one_of(allowed: Iterable[str]) -> Callable[[Any], str]:
    known = tuple(allowed)

    def read(value: Any) -> str:
        if value not in known:
            raise _Wrong(", ".join(known))
        return str(value)

    return read


def _choice(kind: type[Choice]) -> Callable[[Any], Choice]:
    def read(value: Any) -> Choice:
        return kind(_one_of(kind)(value))

    return read


def _list(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Wrong("a list")
        return tuple(dict.fromkeys(read(one) for one in value))

    return read_all


def _set(read: Callable[[Any], Any]) -> Callable[[Any], frozenset[Any]]:
    def read_all(value: Any) -> frozenset[Any]:
        if not value:
            raise _Wrong("a list with at least one of what is known")
        return frozenset(_list(read)(value))

    return read_all


def _fields(value: Any) -> tuple[str, ...]:
    """`common` stands for what every notice holds."""
    names = _list(_one_of(("common", *FIELDS)))(value)
    spread = [name for one in names for name in (COMMON_FIELDS if one == "common" else (one,))]
    return tuple(dict.fromkeys(spread))


def _words(value: Any) -> Words:
    if not isinstance(value, dict) or set(value) != set(_LANGUAGES):
        raise _Wrong(f"a text for each of {', '.join(_LANGUAGES)}")
    return MappingProxyType({language: _text(text) for language, text in value.items()})


def _by(kind: type[Choice], read: Callable[[Any], Any]) -> Callable[[Any], Mapping[Choice, Any]]:
    def read_all(value: Any) -> Mapping[Choice, Any]:
        if not isinstance(value, dict):
            raise _Wrong(f"a table with keys of {', '.join(kind)}")
        return MappingProxyType({_choice(kind)(key): read(one) for key, one in value.items()})

    return read_all


def _rows(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Wrong("a list of tables")
        return tuple(read(one) for one in value)

    return read_all


def _form_row(value: Any) -> tuple[str, str]:
    if not isinstance(value, dict) or set(value) != {"field", "label"}:
        raise _Wrong("rows of field and label")
    return _one_of(FIELDS)(value["field"]), _text(value["label"])


def _dialogue_step(value: Any) -> DialogueStep:
    if not isinstance(value, dict) or not {"en", "ko"} <= set(value) <= {"en", "ko", "copy", "copy_field", "button"}:
        raise _Wrong("steps with en and ko, and where needed copy, copy_field, button")
    words = _words({language: value[language] for language in _LANGUAGES})
    extra = {key: _text(value[key]) for key in ("copy", "copy_field", "button") if key in value}
    return DialogueStep(words=words, **extra)


def _sources(value: Any) -> Mapping[str, Source]:
    if not isinstance(value, dict):
        raise _Wrong("a table: fact = { source, date, confidence }")
    return MappingProxyType({key: _source(one) for key, one in value.items()})


def _source(value: Any) -> Source:
    if not isinstance(value, dict) or set(value) != {"source", "date", "confidence"}:
        raise _Wrong("for each fact source, date and confidence")
    if not isinstance(value["date"], str) or not _DATE.fullmatch(value["date"]):
        raise _Wrong("a date such as 2026, 2026-02 or 2026-02-24")
    return Source(_text(value["source"]), value["date"], _choice(Confidence)(value["confidence"]))
