"""The guide for advocates as a page, in the reader's language: the text of `docs/advocates.md`, which is made of it.

Open without a log-in, as somebody who lost their phone must be able to read it, and about nobody. No pictures: the
reader has the pages themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute
from api.pages.rendering import language_of, render_page

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

FOLDER = Path(__file__).parent.parent / "guide"
SECTIONS = ("first-day", "people", "deciding", "sending", "in-doubt", "minors", "police", "wellbeing", "lost-phone")
"""Addresses of the sections, in the order in which they stand in every language."""

_INLINE = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*]+)\*|`(?P<code>[^`]+)`|\[(?P<a>[^]]+)\]\((?P<to>[^)]+)\)")
_ITEM = re.compile(r"(?:-|\d+\.) (?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. `kind`: text, strong, em, code or a."""

    kind: str
    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (p), a list (ul, ol) with its items, or a picture (img), whose one item is its name."""

    kind: str
    items: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading. `anchor` is empty for what comes before the first."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@router.get("/help")
async def show_guide(request: Request) -> Response:
    """For everybody."""
    return render_page(request, "advocate/help.html", {"sections": guide(language_of(request))})


@cache
def guide(language: str) -> tuple[Section, ...]:
    """The whole of it: the part before the headings first."""
    text = (FOLDER / f"{language}.md").read_text(encoding="utf-8")
    first, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, before = first.removeprefix("# ").partition("\n")
    sections = [Section("", title, tuple(_blocks(before)))]
    for anchor, part in zip(SECTIONS, rest, strict=True):
        title, _, body = part.partition("\n")
        sections.append(Section(anchor, title, tuple(_blocks(body))))
    return tuple(sections)


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.splitlines()
        if paragraph.startswith("!["):
            yield Block("img", ((Piece("text", paragraph[2:].partition("]")[0]),),))
        elif _ITEM.match(paragraph):
            items: list[str] = []
            for line in lines:
                found = _ITEM.match(line)
                if found is None:
                    items[-1] += f" {line.strip()}"
                else:
                    items.append(found["text"])
            yield Block("ul" if paragraph.startswith("-") else "ol", tuple(tuple(pieces(one)) for one in items))
        elif paragraph:
            yield Block("p", (tuple(pieces(" ".join(lines))),))


def pieces(text: str) -> Iterator[Piece]:
    """Plain text, and what is marked in it."""
    at = 0
    for found in _INLINE.finditer(text):
        if found.start() > at:
            yield Piece("text", text[at : found.start()])
        kind = next(name for name in ("strong", "em", "code", "a") if found[name] is not None)
        yield Piece(kind, found[kind], found["to"] or "")
        at = found.end()
    if at < len(text):
        yield Piece("text", text[at:])


def as_document() -> str:
    """`docs/advocates.md`: both languages one after the other, with the pictures; addresses of pages become words."""
    parts = [(FOLDER / f"{language}.md").read_text(encoding="utf-8") for language in ("ko", "en")]
    told = "<!-- Made from api/guide/ by `python -m tests.support.guide_pictures`; change it there. -->\n\n"
    return told + "\n".join(re.sub(r"\[([^]]+)\]\(/[^)]*\)", r"**\1**", part) for part in parts)
