"""The figures of notices by platform and route: counted in the database, put together here."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.figures import RouteCounts, count_routes
from db.queries.tenants import OrganisationTenant
from monitor.model.route_figures import Hours, RouteFigures, together


async def figures_by_platform_and_route(
    session: AsyncSession, tenant: OrganisationTenant | None, *, now: datetime, since: datetime | None = None
) -> Mapping[tuple[str, str], RouteFigures]:
    """(platform, route) -> figures of what left since then, or ever: notices, and what people filed themselves.

    `tenant` None: everybody's, see db.queries. One statement, whatever there is.
    """
    counted = await count_routes(session, tenant, since=since, now=now)
    told = _figures(counted.notices, counted.removal_hours)
    for key, one in _figures(counted.filings, counted.filing_hours).items():
        told[key] = together([told[key], one]) if key in told else one
    return dict(sorted(told.items()))


def _figures(
    rows: Sequence[RouteCounts], hours: Mapping[tuple[str, str], Hours]
) -> dict[tuple[str, str], RouteFigures]:
    return {
        (row.platform, row.route): RouteFigures(
            sent=row.sent,
            acknowledged=row.acknowledged,
            removed=row.removed,
            refused=row.refused,
            bounced=row.bounced,
            silent=row.silent,
            reuploaded=row.reuploaded,
            retracted=row.retracted,
            wrong=row.wrong,
            cases=row.cases,
            hours=hours.get((row.platform, row.route), {}),
        )
        for row in rows
    }


async def figures_by_route(
    session: AsyncSession, tenant: OrganisationTenant | None, *, now: datetime, since: datetime | None = None
) -> Mapping[str, RouteFigures]:
    """Route -> figures over its platforms: what worked before. A route by which nothing left is not in it."""
    found: dict[str, list[RouteFigures]] = {}
    for (_platform, route), one in (await figures_by_platform_and_route(session, tenant, now=now, since=since)).items():
        found.setdefault(route, []).append(one)
    return {route: together(several) for route, several in found.items()}
