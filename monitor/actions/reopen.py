"""A decision about a copy is taken back: a dismissal, or a confirmation with everything that followed from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one, lock_rows
from db.models.cases import Case, Fingerprint
from db.models.copies import CopyClosing
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.copies import filings_of
from db.queries.tenants import SourceName
from monitor.actions.access import get_sighting
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.filing import FilingRecord
from monitor.model.states import SightingState, move_sighting
from monitor.notices.corresponding import retract_all
from monitor.notices.letters import RetractReason
from monitor.notices.sending import refuse_where_gone
from monitor.sightings.review import reopen


@dataclass(frozen=True, slots=True)
class StandingFiling:
    """What a person filed about a copy that is confirmed no more: no program can take it back."""

    step: str
    filed_at: datetime
    reference: str = field(repr=False)


async def filings_left(session: AsyncSession, context: DomainContext, sighting: Sighting) -> tuple[StandingFiling, ...]:
    """The filings that stand with their bodies although the confirmation does not, for whoever puts them right."""
    if sighting.state == SightingState.CONFIRMED:
        return ()
    found = []
    for row, _ in await filings_of(session, sighting.id):
        record = context.open_record(FilingRecord, sighting.case_id, row.id, row.content)
        found.append(StandingFiling(row.step, row.filed_at, record.reference))
    return tuple(found)


async def reopen_sighting(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    *,
    reason: RetractReason | None = None,
) -> tuple[Sighting, SourceName, Case]:
    """Open again what was decided. Of a confirmed copy, notices that have not left are withdrawn, those that left are
    retracted for `reason`, its hashes leave the watch, and the person no longer sees its place.

    RuleBroken: ALREADY_DECIDED for one that is open, REASON_NEEDED, COPY_GONE where it was removed, TRY_AGAIN while
    one of its notices is leaving at this moment.
    """
    _, _, case = await get_sighting(session, actor, sighting_id)
    # Cases and fingerprints come before sightings in the order of locks.
    await lock_one(session, Case, case.id)
    joined = select(Fingerprint).where(Fingerprint.sighting_id == sighting_id, Fingerprint.removed_at.is_(None))
    fingerprints = await lock_rows(session, joined)
    found = await get_sighting(session, actor, sighting_id, lock=True)
    await reopen_held(session, context, actor, found[0], fingerprints, reason=reason)
    return found


async def reopen_held(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting: Sighting,
    fingerprints: Sequence[Fingerprint],
    *,
    reason: RetractReason | None,
) -> None:
    """The same of a copy that the caller holds, with its case, what joined by it (`fingerprints`) and its notices."""
    if sighting.state != SightingState.CONFIRMED:
        await reopen(session, context, sighting, by=actor.id)
        return
    if reason is None:
        raise RuleBroken(Refusal.REASON_NEEDED, "say why the confirmation was wrong")
    refuse_where_gone(sighting)
    withdrawn, retracted = await retract_all(session, context, sighting, reason, by=actor.id)
    for row in fingerprints:
        row.removed_at = context.now()
        facts = {"fingerprint": row.id, "origin": row.origin}
        await context.record(session, sighting.case_id, EntryKind.FINGERPRINT_REMOVED, **facts)
    sighting.state = move_sighting(sighting.state, SightingState.OPEN)
    sighting.decided_at = sighting.decided_by = sighting.basis = sighting.released_at = None
    closing = await session.get(CopyClosing, sighting.id)
    if closing is not None:  # decided about anew, it stands as any other; the ledger keeps why it was closed
        await session.delete(closing)
    told = {"sighting": sighting.id, "by": actor.id, "reason": reason, "withdrawn": withdrawn, "retracted": retracted}
    await context.record(session, sighting.case_id, EntryKind.SIGHTING_REOPENED, **told)
