"""Where the parts of a plot stand, in the units of its drawing. Pure: templates draw it, a table says the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from monitor.exports.figures_table import RouteRow

WIDTH = 360
"""As wide as a phone; a larger screen enlarges it."""
ROW, BAR = 44, 18
"""Height of a row with its label, and of the bar in it."""
OUTCOMES = ("removed", "refused", "bounced", "silent", "retracted", "waiting")
_TEXT_FITS = 16
"""A part at least this wide says its number."""
TICKS = (1, 6, 24, 24 * 7, 24 * 30, 24 * 365)
"""Hours at which there are lines."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar."""

    kind: str
    x: float
    width: float
    number: int
    says: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """What came of the notices of one row."""

    row: RouteRow
    y: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """From nothing to nine of ten, with the half marked."""

    y: int
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Hours:
    """Rows of spans over one axis of hours, on which each tenfold is as wide."""

    spans: tuple[Span, ...]
    ticks: tuple[tuple[float, int], ...]
    height: int


def bars(rows: Sequence[RouteRow]) -> tuple[Bar, ...]:
    """One bar a row, as long as the others: shares of what left."""
    return tuple(Bar(row, place * ROW, _parts(row)) for place, row in enumerate(rows) if row.figures.sent)


def hours(values: Sequence[tuple[int, int]]) -> Hours:
    """(median, p90) of each row, in hours."""
    longest = max([24, *(p90 for _, p90 in values)])
    spans = tuple(
        Span(place * ROW, _along(median, longest), _along(p90, longest)) for place, (median, p90) in enumerate(values)
    )
    ticks = tuple((_along(tick, longest), tick) for tick in TICKS if tick <= longest)
    return Hours(spans, ticks, len(values) * ROW)


def _parts(row: RouteRow) -> tuple[Part, ...]:
    found, x = [], 0.0
    for kind in OUTCOMES:
        number: int = getattr(row.figures, kind)
        width = WIDTH * number / row.figures.sent
        if number:
            found.append(Part(kind, round(x, 1), round(width, 1), number, width >= _TEXT_FITS))
        x += width
    return tuple(found)


def _along(value: int, longest: int) -> float:
    return round(WIDTH * log10(value + 1) / log10(longest + 1), 1)
