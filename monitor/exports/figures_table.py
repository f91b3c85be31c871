"""The figures of one centre as they are shown and handed out: a row a platform and route, and other people's hours."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.figures import published_hours, published_span, standing_hours
from db.queries.tenants import OrganisationTenant
from monitor.exports.route_figures import figures_by_platform_and_route
from monitor.model.route_figures import Hours, RouteFigures, percentile

PERIODS: Mapping[str, timedelta | None] = {
    "90": timedelta(days=90),
    "365": timedelta(days=365),
    "all": None,
}
"""How far back notices count, by the word in an address."""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route to one platform."""

    platform: str
    route: str
    figures: RouteFigures


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How long copies stood, from posting until they were gone, by one source of figures."""

    platform: str
    whose: str
    """`ours`; of the EU's database `noticed`, where somebody had given notice, and `unasked`."""
    copies: int
    median_hours: int | None
    p90_hours: int | None


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """All of it."""

    routes: Sequence[RouteRow]
    standing: Sequence[StandingRow]
    since: datetime | None
    published_from: datetime | None
    published_until: datetime | None
    """The days of the EU's database that were loaded; None: nothing was."""


async def figures_table(
    session: AsyncSession, tenant: OrganisationTenant | None, *, now: datetime, period: timedelta | None
) -> FiguresTable:
    """Five statements, whatever there is."""
    since = None if period is None else now - period
    routes = await figures_by_platform_and_route(session, tenant, now=now, since=since)
    ours = await standing_hours(session, tenant, since=since)
    theirs = await published_hours(session)
    first, last = await published_span(session)
    platforms = sorted({*ours, *(platform for platform, _ in theirs)})
    told = ((False, "unasked"), (True, "noticed"))
    standing = [
        row
        for platform in platforms
        for row in (
            _standing(platform, "ours", ours.get(platform, {})),
            *(_standing(platform, name, theirs.get((platform, flag), {})) for flag, name in reversed(told)),
        )
        if row.copies
    ]
    rows = [RouteRow(platform, route, figures) for (platform, route), figures in routes.items()]
    return FiguresTable(rows, standing, since, first, last)


def _standing(platform: str, whose: str, hours: Hours) -> StandingRow:
    return StandingRow(platform, whose, sum(hours.values()), percentile(hours, 50), percentile(hours, 90))


CSV_COLUMNS = (
    *("platform", "route", "sent", "acknowledged", "removed", "refused", "bounced", "silent", "retracted", "waiting"),
    *("median_hours", "p90_hours", "removed_share", "reupload_rate", "retracted_per_100", "wrong_per_100"),
)


def as_csv(routes: Sequence[RouteRow]) -> str:
    """RFC 4180, one row a platform and route; an empty field where there is nothing to count."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in routes:
        writer.writerow([row.platform, row.route, *(_plain(getattr(row.figures, name)) for name in CSV_COLUMNS[2:])])
    return out.getvalue()


def _plain(value: int | float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}".rstrip("0").rstrip(".")
