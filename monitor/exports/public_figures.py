"""The figures of the whole installation as anybody may see them. Pure.

What is smaller than LEAST, or of fewer persons than LEAST_CASES, is left out; what is shown is rounded down to fives,
and hours are told by the next of a few steps: so that no number tells of one person, neither by itself nor as what is
left of a total, nor by what it was yesterday.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.model.route_figures import RouteFigures

LEAST = 10
LEAST_CASES = 5
"""Persons behind a row: a hundred notices can be of one."""
STEP = 5
_HOURS = (1, 2, 3, 6, 12, 24, 48, 72)
"""Steps that hours are told by; beyond them whole days. An exact hour would tell of the one removal that took it."""


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
    """Rows with at least LEAST notices of LEAST_CASES persons, by platform and route.

    No totals, from which the rest would follow.
    """
    return tuple(_rows(sorted(figures.items())))


def _rows(figures: Iterable[tuple[tuple[str, str], RouteFigures]]) -> Iterable[PublicRow]:
    for (platform, route), one in figures:
        sent = shown(one.sent)
        if sent is None or one.cases < LEAST_CASES:
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
            median_hours=_within(one.median_hours) if enough else None,
            p90_hours=_within(one.p90_hours) if enough else None,
            reupload_percent=_percent(one),
        )


def shown(number: int) -> int | None:
    """The number rounded down; None where it is too small to be shown, zero included."""
    return None if number < LEAST else number - number % STEP


def _within(hours: int | None) -> int | None:
    """The next step at or above these hours."""
    if hours is None:
        return None
    return next((step for step in _HOURS if hours <= step), -(-hours // 24) * 24)


def _percent(one: RouteFigures) -> int | None:
    """Of the removed copies, how many came back: from the rounded counts, and only where both are shown."""
    again, removed = shown(one.reuploaded), shown(one.removed)
    if again is None or removed is None:
        return None
    percent = 100 * again // removed
    return min(100, percent - percent % STEP)
