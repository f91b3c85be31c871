"""Notices about a confirmed copy, by the routes asked for. A route that cannot be taken stops no other one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.notices.writing import Skipped, queue_notices

_OF_EVERY_ROUTE = (
    Refusal.NOT_CONFIRMED,
    Refusal.CASE_CLOSED,
    Refusal.COPY_CLOSED,
    Refusal.ROUTE_UNKNOWN,
    Refusal.OWN_PAGE,
)
"""Refusals that are not about one route: nothing is written then."""


@dataclass(frozen=True, slots=True)
class RoutesTaken:
    """The notices that were written, and the routes that were not taken, each with its reason."""

    notices: tuple[Notice, ...] = ()
    skipped: tuple[Skipped, ...] = ()


async def take_routes(
    session: AsyncSession, context: DomainContext, sighting: Sighting, routes: Sequence[str] | None, *, by: str
) -> RoutesTaken:
    """Write them; None: by the first route that may be taken. `by`: the advocate's id."""
    written: list[Notice] = []
    skipped: list[Skipped] = []
    # One route at a time, each in a savepoint: a text that a route refuses stops that route only.
    for wanted in [None] if routes is None else [(route,) for route in dict.fromkeys(routes)]:
        try:
            async with session.begin_nested():
                notices, left = await queue_notices(session, context, sighting, routes=wanted, by=by)
        except RuleBroken as error:
            if error.reason in _OF_EVERY_ROUTE:
                raise
            skipped.append(Skipped("" if wanted is None else wanted[0], error.reason, error.detail))
            continue
        written += notices
        skipped += left
    return RoutesTaken(tuple(written), tuple(skipped))
