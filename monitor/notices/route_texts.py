"""The texts of routes, looked at before any notice is written: each is there, can be read, and asks for what there is.

An operator's own text that is missing, or that asks for a name nobody fills in, is told at start, and not when a person
waits for their notice.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from jinja2 import Environment, TemplateError, meta

from monitor.notices.fields import FIELDS
from monitor.notices.render import FOLDER
from monitor.notices.route import Route

FILES = ("subject.txt", "body.txt")
MORE_NAMES = frozenset(
    {
        *("a_kind", "agent", "designated", "kind_intimate", "platform", "posted_at", "dated"),
        *("restricted", "last_check_at", "deadline_at"),
    }
)
"""What a text may ask for beside the fields: filled in by `compose` and by `escalation` alike."""

_reader = Environment(autoescape=False)  # noqa: S701  only read, never filled in


def text_problems(routes: Mapping[str, Route], *folders: Path) -> list[str]:
    """A line for each fault. `folders`: where texts are, the first before the others; ours need not be named."""
    places = (*folders, FOLDER)
    known = {*FIELDS, *MORE_NAMES}
    problems = []
    for name, route in routes.items():
        for language in route.languages if route.enabled and not route.by_police else ():
            for file in FILES:
                path = f"{route.texts}/{language}/{file}"
                problems += [f"{name}: {line}" for line in _faults(path, places, known)]
    return list(dict.fromkeys(problems))


def _faults(path: str, places: Iterable[Path], known: set[str]) -> list[str]:
    found = next((place / path for place in places if (place / path).is_file()), None)
    if found is None:
        return [f"its text {path} is missing"]
    try:
        asked = meta.find_undeclared_variables(_reader.parse(found.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, TemplateError) as error:
        return [f"{found} is no text that can be filled in: {error}"]
    unknown = sorted(asked - known)
    return [f"{found} asks for {', '.join(unknown)}; allowed: {', '.join(sorted(known))}"] if unknown else []
