"""One-time codes as they stand on paper: six words, letters, and a square that leads to the page with the code in it.

The code stands behind the # of the address: a browser sends that to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import segno
from markupsafe import Markup

from monitor.cases.code_words import words_of


@dataclass(frozen=True, slots=True)
class CodeCard:
    """One code, to be cut out and handed over."""

    letters: str = field(repr=False)
    words: str = field(repr=False)
    square: Markup = field(repr=False)
    """A QR code as SVG."""
    page: str
    """Where it is entered."""
    until: datetime


def code_cards(codes: Sequence[str], language: str, public_url: str, *, made_at: datetime, days: int) -> list[CodeCard]:
    """`language`: of the words."""
    page = f"{public_url.rstrip('/')}/case"
    until = made_at + timedelta(days=days)
    return [CodeCard(code, words_of(code, language), _square(f"{page}#code={code}"), page, until) for code in codes]


def _square(text: str) -> Markup:
    # White under it: on a dark page no camera reads black on black.
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=3, border=4, light="#fff", omitsize=False)
    return Markup(drawn)  # noqa: S704  # made of squares alone
