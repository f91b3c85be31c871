"""An advocate decides that a sighting is nothing to act on, or takes that back."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.people import Advocate
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import Dismissal, SightingState, move_sighting


async def dismiss(
    session: AsyncSession, context: DomainContext, sighting: Sighting, advocate: Advocate, *, reason: Dismissal
) -> None:
    """This is not the person's picture, or nothing is to be done about it."""
    sighting.state = move_sighting(sighting.state, SightingState.DISMISSED)
    sighting.decided_at, sighting.decided_by, sighting.dismissal = context.now(), advocate.id, reason
    await context.record(
        session, sighting.case_id, EntryKind.SIGHTING_DISMISSED, sighting=sighting.id, by=advocate.id, reason=reason
    )


async def reopen(session: AsyncSession, context: DomainContext, sighting: Sighting, advocate: Advocate) -> None:
    """Undo a dismissal."""
    sighting.state = move_sighting(sighting.state, SightingState.OPEN)
    sighting.decided_at = sighting.decided_by = sighting.dismissal = None
    await context.record(session, sighting.case_id, EntryKind.SIGHTING_REOPENED, sighting=sighting.id, by=advocate.id)
