"""Why what is ready must not leave now: its case rests, or somebody whose word it rests on is stopped."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Letter, Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.queries.stops import ADVOCATE_STOPPED, any_stopped, why_paused
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.model.notice_states import FOLLOWED
from monitor.notices.hands import speaking_for_person
from monitor.notices.letters import Purpose

FOR_A_STOP = frozenset({Refusal.CASE_FROZEN, Refusal.WORK_STOPPED, Refusal.ADVOCATE_STOPPED})
"""Reasons that `why_waits` gives: over when work goes on."""
PUTS_RIGHT = frozenset({Purpose.RETRACTION, Purpose.REVISION})
"""Letters by which a colleague puts right what is out already: who is stopped for it must not keep them back."""


async def why_waits(session: AsyncSession, context: DomainContext, notice: Notice) -> str | None:
    """Its case's reason, or that an advocate who answers for it is stopped; None where it may leave.

    What left is looked after whoever is stopped.
    """
    paused = await why_paused(session, notice.case_id)
    if paused is not None or notice.state in FOLLOWED:
        return paused
    return await _why_stopped(session, context, notice, rests_on_it=True)


async def why_letter_waits(session: AsyncSession, context: DomainContext, notice: Notice, row: Letter) -> str | None:
    """The same of a letter after a notice."""
    paused = await why_paused(session, row.case_id)
    if paused is not None:
        return paused
    return await _why_stopped(session, context, notice, row.created_by, rests_on_it=row.purpose not in PUTS_RIGHT)


async def _why_stopped(
    session: AsyncSession, context: DomainContext, notice: Notice, *by: str, rests_on_it: bool
) -> str | None:
    """`by`: who else answers for what is to leave. `rests_on_it`: it says again what the notice says."""
    answering, spoke = set(by), set[str]()
    if rests_on_it:
        decided_by = (await session.get_one(Sighting, notice.sighting_id)).decided_by
        answering |= {one for one in (notice.created_by, decided_by) if one is not None}
        spoke = await speaking_for_person(session, context, await session.get_one(Case, notice.case_id))
    # What the centre before decided, the one that has the case now answers for. What it had written does not leave.
    now_at = select(Case.organisation_id).where(Case.id == notice.case_id).scalar_subquery()
    elsewhere = select(Advocate.id).where(Advocate.id.in_(answering), Advocate.organisation_id != now_at)
    answering -= set(await session.scalars(elsewhere))
    return ADVOCATE_STOPPED if await any_stopped(session, answering | spoke) else None
