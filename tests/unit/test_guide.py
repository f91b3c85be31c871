"""The guide for advocates: whole in both languages, its document made of it, and a page's help for each page."""

import re
from pathlib import Path

import pytest

from api.i18n import LANGUAGES
from api.pages.guide import SECTIONS, as_document, guide
from api.pages.help_texts import HELP, help_for

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "advocates.md"
TEMPLATES = ROOT / "api" / "templates" / "advocate"
MOST_BYTES = 60_000
"""Of a picture."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_says_something_in_every_language(language: str) -> None:
    sections = guide(language)
    assert tuple(one.anchor for one in sections) == ("", *SECTIONS)
    for one in sections:
        assert one.title and one.blocks
        texts = [piece for block in one.blocks for item in block.items for piece in item]
        assert all(piece.text.strip() for piece in texts if piece.kind != "text")
        assert not any(re.search(r"[*`\[\]]|\]\(", piece.text) for piece in texts), "a mark that was not understood"


def test_both_languages_have_the_same_lists_and_pictures() -> None:
    korean, english = ([[block.kind for block in one.blocks] for one in guide(code)] for code in ("ko", "en"))
    assert korean == english


def test_the_document_is_made_of_the_guide() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == as_document(), "python -m tests.support.guide_pictures --text-only"


def test_every_picture_of_the_document_is_there_and_small() -> None:
    names = re.findall(r"!\[[^]]+\]\(([^)]+)\)", DOCUMENT.read_text(encoding="utf-8"))
    assert len(names) == len(set(names)) == 2 * 4
    for name in names:
        assert 0 < (DOCUMENT.parent / name).stat().st_size < MOST_BYTES, name


def test_every_page_of_an_advocate_has_its_help() -> None:
    framed = {
        path.stem
        for path in TEMPLATES.glob("*.html")
        if '{% extends "advocate/frame.html" %}' in path.read_text(encoding="utf-8")
    }
    assert framed - set(HELP) == set(), "write two sentences in api/pages/help_texts.py"
    assert set(HELP) - framed == set()
    assert {one.section for one in HELP.values()} <= set(SECTIONS)
    for name in framed:
        told = help_for(f"advocate/{name}.html")
        assert told is not None and 1 <= len(re.findall(r"[.!?](?:\s|$)", told.text)) <= 2
    assert help_for("person/case.html") is None
