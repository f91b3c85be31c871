"""Collect every text of the pages: `python -m api.translating` writes new ones into both catalogues.

A text that is not translated yet stays empty in the Korean catalogue; a test then names it.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.i18n import LANGUAGES, catalogue_file

HERE = Path(__file__).parent
_METHODS = [("**/*.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract"), ("static/**.mjs", "javascript")]
_OPTIONS = {"templates/**.html": {"silent": "false", "extensions": "jinja2.ext.i18n", "trimmed": "true"}}
_KEYWORDS = {**DEFAULT_KEYWORDS, "t": None, "mark": None}
"""`t` is gettext in our scripts; `mark` names a text that a table holds and a page translates."""


def collect() -> Catalog:
    """Every text with the file it stands in."""
    catalogue = Catalog()
    for name, _line, text, _comments, _context in _found():
        catalogue.add(text, locations=[(f"api/{name}", 0)])
    return catalogue


def _found() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    return extract_from_dir(HERE, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS)


def bring_up_to_date(language: str) -> None:
    """Add new texts to a catalogue, drop the ones that no page says any more, keep the rest."""
    path = catalogue_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = collect()
    known = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    texts = Catalog(locale=language)
    for message in fresh:
        if not message.id:
            continue
        old = known.get(message.id)
        said = old.string if old is not None and old.string else (message.id if language == "en" else "")
        texts.add(message.id, said, locations=[(name, 0) for name in sorted({n for n, _ in message.locations})])
    with path.open("wb") as file:
        write_po(file, texts, sort_output=True, omit_header=True, width=0, include_lineno=False)


if __name__ == "__main__":
    for each in LANGUAGES:
        bring_up_to_date(each)
