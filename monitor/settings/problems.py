"""What is wrong with a configuration, one line a problem: the key, the file, what is allowed. Never a value."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.core.errors import ConfigError
from monitor.settings.model import Settings
from monitor.settings.value_types import Section


def keys_of(section: str) -> dict[str, FieldInfo]:
    """The keys of a section as they are written in the file; none where there is no such section."""
    annotation = Settings.model_fields[section].annotation if section in Settings.model_fields else None
    named = (annotation, *get_args(annotation))  # a section that may be absent is a union with None
    models = [one for one in named if isinstance(one, type) and issubclass(one, Section)]
    return {field.alias or name: field for model in models for name, field in model.model_fields.items()}


def config_error(file: Path, problems: Sequence[str]) -> ConfigError:
    """One error for all problems, one line each."""
    return ConfigError("\n".join(f"{file}: {problem}" for problem in problems))


def described(error: ValidationError, extra_keys: Mapping[str, Iterable[str]]) -> list[str]:
    """One line for each problem. `extra_keys`: keys that the loader takes besides the models' own, by section."""
    lines = [_line(detail, extra_keys) for detail in error.errors(include_url=False, include_input=False)]
    return list(dict.fromkeys(lines))  # one key may fail every branch of a union: say it once


def _line(detail: ErrorDetails, extra_keys: Mapping[str, Iterable[str]]) -> str:
    section, *path = (str(part) for part in detail["loc"]) if detail["loc"] else ("",)
    if detail["type"] == "rule":
        context = detail.get("ctx", {})
        where = f"[{section}] {context['key']}" if section else str(context["key"])
        return f"{where} {context['message']}"
    if not path:
        return _section_line(section, detail)
    key = path[0]
    where = f"[{section}] {key}"
    known = keys_of(section)
    allowed = [*known, *extra_keys.get(section, ())]
    if detail["type"] == "extra_forbidden":
        return f"{where} is not a known key{did_you_mean(key, allowed)}; allowed: {', '.join(allowed)}"
    expected = known[key].description if key in known else None
    ending = f"; allowed: {expected}" if expected else ""
    if detail["type"] == "missing":
        return f"{where} is missing{ending}"
    return f"{where} is wrong: {detail['msg'].removeprefix('Value error, ')}{ending}"


def _section_line(section: str, detail: ErrorDetails) -> str:
    sections = list(Settings.model_fields)
    if detail["type"] == "extra_forbidden":
        listed = ", ".join(f"[{name}]" for name in sections)
        return f"[{section}] is not a known section{did_you_mean(section, sections, '[{}]')}; allowed: {listed}"
    return f"[{section}] must be a section with keys, not a value of its own; allowed: {', '.join(keys_of(section))}"


def did_you_mean(word: str, known: Iterable[str], shape: str = "{}") -> str:
    """A hint such as `, did you mean api_id?`, or nothing when no known word is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {shape.format(close[0])}?" if close else ""
