"""Korean and English: gettext catalogues, compiled in memory at start, and the choice of language for a request.

The source text is English; `locales/ko` translates it. `python -m api.translating` brings both catalogues up to date.
"""

import io
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date, format_skeleton, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("ko", "en")
"""The first is spoken to those whose browser asks for neither."""
LOCALES = Path(__file__).parent / "locales"


def mark(text: str) -> str:
    """Name a text for the catalogues; whoever shows it translates it."""
    return text


def catalogue_file(language: str) -> Path:
    """Where a language's texts are kept."""
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


@lru_cache
def translations(language: str) -> Translations:
    """The texts of a language, ready for gettext."""
    compiled = io.BytesIO()
    with catalogue_file(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache
def browser_texts(language: str) -> Mapping[str, str]:
    """The texts that our own scripts say: those that the catalogue found in a .mjs file."""
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        str(message.id): str(message.string or message.id)
        for message in catalogue
        if message.id and any(name.endswith(".mjs") for name, _line in message.locations)
    }


def city_of(zone: str, language: str) -> str:
    """The city by whose clocks a zone goes; the zone itself where it has none."""
    return get_timezone_location(zone, locale=language, return_city=True)


def on_clocks_of(words: str, zone: str, language: str) -> str:
    """A day and an hour with the city by whose clocks they are told: "Monday 10:00 in Seoul"."""
    text = translations(language).gettext(mark("%(when)s in %(city)s"))
    return text % {"when": words, "city": city_of(zone, language)}


def day_words(day: str, language: str) -> str:
    """A day, a month or a year, as data writes it (2026-11-28, 2026-11, 2026), as people do."""
    parts = [int(part) for part in day.split("-")]
    first = date(parts[0], *[*parts[1:], 1, 1][:2])
    if len(parts) == len("ymd"):
        return format_date(first, "medium", locale=language)
    return format_skeleton("yMMMM" if parts[1:] else "y", first, locale=language)


def choose(asked: str | None, remembered: str | None, accept_language: str | None) -> str:
    """The language: asked for in the address, else remembered in the cookie, else the browser's preference."""
    for code in (asked, remembered):
        if code in LANGUAGES:
            return code
    wanted = sorted(_preferences(accept_language or ""), key=lambda pair: -pair[1])
    return next((code for code, weight in wanted if code in LANGUAGES and weight > 0), LANGUAGES[0])


def _preferences(header: str) -> list[tuple[str, float]]:
    """Accept-Language as (primary language, weight); what cannot be read counts as not wanted."""
    found = []
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        weight = parameter.strip().removeprefix("q=") or "1"
        try:
            found.append((tag.strip().lower().partition("-")[0], float(weight)))
        except ValueError:
            continue
    return found
