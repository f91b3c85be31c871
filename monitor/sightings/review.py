"""An advocate decides that a sighting is nothing to act on, or takes that back."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import Dismissal, SightingState, move_sighting


async def dismiss(
    session: AsyncSession, context: DomainContext, sighting: Sighting, *, by: str, reason: Dismissal
) -> None:
    """This is not the person's picture, or nothing is to be done about it. `by`: the advocate's id."""
    sighting.state = move_sighting(sighting.state, SightingState.DISMISSED)
    sighting.decided_at, sighting.decided_by, sighting.dismissal = context.now(), by, reason
    await context.record(
        session, sighting.case_id, EntryKind.SIGHTING_DISMISSED, sighting=sighting.id, by=by, reason=reason
    )


async def reopen(session: AsyncSession, context: DomainContext, sighting: Sighting, *, by: str) -> None:
    """Undo a dismissal. A confirmation is taken back by monitor.actions.reopen, with what followed from it."""
    if sighting.state != SightingState.DISMISSED:
        raise RuleBroken(Refusal.ALREADY_DECIDED, f"this sighting is {sighting.state}")
    sighting.state = move_sighting(sighting.state, SightingState.OPEN)
    sighting.decided_at = sighting.decided_by = sighting.dismissal = None
    await context.record(session, sighting.case_id, EntryKind.SIGHTING_REOPENED, sighting=sighting.id, by=by)
