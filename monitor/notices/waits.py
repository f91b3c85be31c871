"""Why a notice that is ready must not leave now: its case rests, or somebody whose word it rests on is stopped."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.stops import ADVOCATE_STOPPED, any_stopped, why_paused
from monitor.context.context import DomainContext
from monitor.notices.hands import speaking_for_person


async def why_waits(session: AsyncSession, context: DomainContext, notice: Notice) -> str | None:
    """Its case's reason, or that an advocate who answers for it is stopped; None where it may leave."""
    paused = await why_paused(session, notice.case_id)
    if paused is not None:
        return paused
    decided_by = (await session.get_one(Sighting, notice.sighting_id)).decided_by
    answering = {one for one in (notice.created_by, decided_by) if one is not None}
    answering |= await speaking_for_person(session, context, await session.get_one(Case, notice.case_id))
    return ADVOCATE_STOPPED if await any_stopped(session, answering) else None
