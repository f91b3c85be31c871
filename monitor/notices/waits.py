"""Why a notice that is ready must not leave now: its case rests, or somebody whose word it rests on is stopped."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.mandates import Mandate
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.stops import ADVOCATE_STOPPED, any_stopped, why_paused
from monitor.cases.entered import read_entered
from monitor.context.context import DomainContext
from monitor.model.states import CaseState


async def why_waits(session: AsyncSession, context: DomainContext, notice: Notice) -> str | None:
    """Its case's reason, or that an advocate who answers for it is stopped; None where it may leave."""
    paused = await why_paused(session, notice.case_id)
    if paused is not None:
        return paused
    decided_by = (await session.get_one(Sighting, notice.sighting_id)).decided_by
    answering = {one for one in (notice.created_by, decided_by) if one is not None}
    answering |= await _speaking_for_the_person(session, context, await session.get_one(Case, notice.case_id))
    return ADVOCATE_STOPPED if await any_stopped(session, answering) else None


async def _speaking_for_the_person(session: AsyncSession, context: DomainContext, case: Case) -> set[str]:
    """Who entered what counts under a mandate and the person has not confirmed, and who saw that mandate."""
    if case.state != CaseState.VOUCHED:
        return set()  # it is withdrawn anyway, and of an erased case nothing opens
    resting = [one for one in read_entered(context, case).unconfirmed.values() if one.in_effect and one.mandate]
    mandates = [await session.get(Mandate, one.mandate) for one in resting]
    return {*(one.by for one in resting), *(one.seen_by for one in mandates if one is not None)}
