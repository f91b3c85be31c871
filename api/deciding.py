"""After a confirmation: notices by the routes asked for. A route that cannot be taken never undoes the decision."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.notices import SkippedView, Written, WrittenNotice
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.notices.writing import queue_notices


async def decide_routes(
    session: AsyncSession, context: DomainContext, sighting: Sighting, routes: Sequence[str] | None, *, by: str
) -> Written:
    """Write the notices; None: the first route that may be taken. What was not taken comes back with its reason."""
    written: list[WrittenNotice] = []
    skipped: list[SkippedView] = []
    # One route at a time, each in a savepoint: a text that a route refuses stops that route only.
    for wanted in [None] if routes is None else [(route,) for route in dict.fromkeys(routes)]:
        try:
            async with session.begin_nested():
                notices, left = await queue_notices(session, context, sighting, routes=wanted, by=by)
        except RuleBroken as error:
            if error.reason in ("not-confirmed", "case-closed"):
                raise
            skipped.append(
                SkippedView(route="" if wanted is None else wanted[0], reason=error.reason, detail=error.detail)
            )
            continue
        written += [WrittenNotice(notice_id=one.id, route=one.route, state=one.state) for one in notices]
        skipped += [SkippedView(route=one.route, reason=one.reason, detail=one.detail) for one in left]
    return Written(notices=written, skipped=skipped)
