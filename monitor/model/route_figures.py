"""What came of the notices of one route: counts, and how long it took. Pure.

Every notice that left is one of `removed`, `refused`, `bounced`, `silent`, `retracted` and `waiting`. `acknowledged`
says how many of them were answered at all, so it overlaps with the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

Hours = Mapping[int, int]
"""Whole hours, rounded up -> how many took that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFigures:
    """The notices of one route to one platform, or of several together."""

    sent: int = 0
    """That left, and did not leave in vain: one that came back and was sent again counts once."""
    acknowledged: int = 0
    """Of which the platform said that it has them, or answered in any other way."""
    removed: int = 0
    """About copies that two checks found gone. Where several notices were about one copy, it counts for each."""
    refused: int = 0
    """To which the platform said no, while the copy stands."""
    bounced: int = 0
    """That came back: they never arrived."""
    silent: int = 0
    """Whose time is over without an answer and without a removal."""
    reuploaded: int = 0
    """Of the removed ones, those whose picture was found again later."""
    retracted: int = 0
    """That were taken back after they had left."""
    wrong: int = 0
    """About copies that somebody decided wrongly about: they are not confirmed any more."""
    cases: int = 0
    """In how many persons' cases, at least. Shown nowhere: what is published must be of several."""
    hours: Hours = field(default_factory=dict)
    """From leaving until the copy was first found gone."""

    @property
    def waiting(self) -> int:
        """In time, or answered and not done: nothing final is known."""
        ended = self.removed + self.refused + self.bounced + self.silent + self.retracted
        return max(0, self.sent - ended)

    @property
    def median_hours(self) -> int | None:
        """Half of the removals took at most that long; None where nothing was removed."""
        return percentile(self.hours, 50)

    @property
    def p90_hours(self) -> int | None:
        """Nine of ten removals took at most that long."""
        return percentile(self.hours, 90)

    @property
    def removed_share(self) -> float | None:
        """Of those of which something final is known, how many were removed, 0 to 1; None where nothing is known."""
        return _share(self.removed, self.sent - self.waiting)

    @property
    def reupload_rate(self) -> float | None:
        """Of the removed copies, how many came back, 0 to 1."""
        return _share(self.reuploaded, self.removed)

    @property
    def retracted_per_100(self) -> float | None:
        """Notices taken back, of a hundred that left."""
        return _per_100(self.retracted, self.sent)

    @property
    def wrong_per_100(self) -> float | None:
        """Wrong decisions, of a hundred notices that left."""
        return _per_100(self.wrong, self.sent)


def percentile(hours: Hours, percent: int) -> int | None:
    """The nearest-rank percentile: the least number of hours within which `percent` % of them were done."""
    total = sum(hours.values())
    if total == 0:
        return None
    rank, seen = -(-total * percent // 100), 0
    for value in sorted(hours):
        seen += hours[value]
        if seen >= rank:
            return value
    raise AssertionError("a rank is never beyond the last value")


def together(several: Iterable[RouteFigures]) -> RouteFigures:
    """The figures of several routes, or of one route on several platforms, as those of one."""
    counts: dict[str, int] = {}
    hours: dict[int, int] = {}
    for one in several:
        # Who is in one may be in the other.
        counts["cases"] = max(counts.get("cases", 0), one.cases)
        for each in fields(RouteFigures):
            if each.name not in ("hours", "cases"):
                counts[each.name] = counts.get(each.name, 0) + getattr(one, each.name)
        for value, number in one.hours.items():
            hours[value] = hours.get(value, 0) + number
    return RouteFigures(**counts, hours=hours)


def _share(part: int, whole: int) -> float | None:
    return None if whole <= 0 else min(1.0, part / whole)


def _per_100(part: int, whole: int) -> float | None:
    return None if whole <= 0 else round(100 * part / whole, 1)
