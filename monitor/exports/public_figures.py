"""The figures of the whole installation as anybody may see them. Pure.

What is smaller than LEAST is left out, and what is shown is rounded down to fives: so that no number tells of one
person, neither by itself nor as what is left of a total, nor by what it was yesterday.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.model.route_figures import RouteFigures

LEAST = 10
STEP = 5


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One route to one platform. None: fewer than LEAST, or nothing that could be told without them."""

    platform: str
    route: str
    sent: int
    acknowledged: int | None
    removed: int | None
    refused: int | None
    silent: int | None
    median_hours: int | None
    p90_hours: int | None
    reupload_percent: int | None


def public_rows(figures: Mapping[tuple[str, str], RouteFigures]) -> tuple[PublicRow, ...]:
    """Rows with at least LEAST notices, by platform and route; no totals, from which the rest would follow."""
    return tuple(_rows(sorted(figures.items())))


def _rows(figures: Iterable[tuple[tuple[str, str], RouteFigures]]) -> Iterable[PublicRow]:
    for (platform, route), one in figures:
        sent = shown(one.sent)
        if sent is None:
            continue
        removed = shown(one.removed)
        enough = removed is not None
        yield PublicRow(
            platform=platform,
            route=route,
            sent=sent,
            acknowledged=shown(one.acknowledged),
            removed=removed,
            refused=shown(one.refused),
            silent=shown(one.silent),
            median_hours=one.median_hours if enough else None,
            p90_hours=one.p90_hours if enough else None,
            reupload_percent=_percent(one),
        )


def shown(number: int) -> int | None:
    """The number rounded down; None where it is too small to be shown, zero included."""
    return None if number < LEAST else number - number % STEP


def _percent(one: RouteFigures) -> int | None:
    """Of the removed copies, how many came back: from the rounded counts, and only where both are shown."""
    again, removed = shown(one.reuploaded), shown(one.removed)
    if again is None or removed is None:
        return None
    percent = 100 * again // removed
    return min(100, percent - percent % STEP)
