"""Every sentence that our scripts say stands in the catalogues, however it is written there."""

import json
import re
from pathlib import Path

from api.i18n import LANGUAGES, browser_texts, translations

STATIC = Path(__file__).parents[2] / "api" / "static"
SAID = re.compile(r"\bt\(\s*(\"(?:[^\"\\]|\\.)*\")")
UNREADABLE = re.compile(r"(?<!function )\bt\(\s*[`'a-z(]")
"""What the collector of texts cannot read: a template, a variable."""


def said() -> list[tuple[str, str]]:
    """File and sentence of each."""
    files = sorted(STATIC.rglob("*.mjs"))
    found = [(file.name, json.loads(text)) for file in files for text in SAID.findall(file.read_text("utf-8"))]
    assert len(found) > 150
    return found


def test_every_sentence_of_a_script_is_in_the_catalogues() -> None:
    """The collector does not look into a template literal: what stood there was said in English to everybody."""
    for language in LANGUAGES:
        known = browser_texts(language)
        assert [(name, text) for name, text in said() if text not in known] == []


def test_every_sentence_of_a_script_is_translated() -> None:
    gettext = translations("ko").gettext
    assert [text for _, text in said() if gettext(text) == text] == []


def test_no_sentence_is_put_together_where_nobody_translates_it() -> None:
    wrong = [
        f"{file.name}: {line.strip()}"
        for file in sorted(STATIC.rglob("*.mjs"))
        for line in file.read_text("utf-8").splitlines()
        if UNREADABLE.search(line)
    ]
    assert wrong == []
