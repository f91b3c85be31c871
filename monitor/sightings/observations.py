"""Observations of a post before a notice, written down; and what ends with a post that was deleted."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.observations import Observation
from db.models.sightings import Sighting
from db.models.sources import Source
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.check import CheckRecord
from monitor.model.records.observation import ObservationRecord
from monitor.model.records.observed import DELETED, address_of
from monitor.model.records.sighting import SightingRecord

OBSERVED = "observed"
GONE = "gone"
"""The platform says that there is no such post."""
FRESH = timedelta(hours=1)
"""How long an observation serves every notice about the same copy."""


async def observed_lately(session: AsyncSession, context: DomainContext, sighting_id: str) -> bool:
    """Was the post of this copy seen within the hour?"""
    since = context.now() - FRESH
    query = select(Observation.id).where(
        Observation.sighting_id == sighting_id, Observation.outcome == OBSERVED, Observation.at > since
    )
    return await session.scalar(query.limit(1)) is not None


async def write_observation(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    *,
    notice_id: str | None,
    outcome: str,
    record: ObservationRecord | None,
) -> None:
    """Write down what was seen, or why nothing was. `outcome`: OBSERVED, GONE, or a code."""
    row_id, case_id = new_id(), sighting.case_id
    source = await session.get_one(Source, sighting.source_id)
    session.add(
        Observation(
            id=row_id,
            case_id=case_id,
            sighting_id=sighting.id,
            notice_id=notice_id,
            at=context.now(),
            outcome=outcome[:64],
            content=None if record is None else context.seal_record(case_id, row_id, record),
        )
    )
    await session.flush()
    await context.record(
        session,
        case_id,
        EntryKind.POST_OBSERVED,
        observation=row_id,
        sighting=sighting.id,
        notice=notice_id,
        outcome=outcome,
        evidence=None if record is None else record.for_ledger(source.platform),
    )


async def forget_text(session: AsyncSession, context: DomainContext, sighting: Sighting) -> None:
    """The post was deleted: its text and names go, where the platform's terms want that; ids, times and hashes stay.

    Of a locked sighting.
    """
    source = await session.get_one(Source, sighting.source_id)
    if source.platform in context.keeps_deleted_text:
        return
    case_id, changed = sighting.case_id, False
    evidence = context.open_record(SightingRecord, case_id, sighting.id, sighting.evidence)
    bare = evidence.without_text(source.platform, sighting.post_id)
    if bare != evidence:
        sighting.evidence, changed = context.seal_record(case_id, sighting.id, bare), True
    rows = select(Observation).where(Observation.sighting_id == sighting.id, Observation.content.is_not(None))
    for row in await session.scalars(rows.order_by(Observation.id)):
        seen = context.open_record(ObservationRecord, case_id, row.id, row.content or b"")
        if seen.observed.response_left_out != DELETED:
            row.content, changed = context.seal_record(case_id, row.id, seen.without_text(source.platform)), True
    if sighting.last_check is not None:
        check = context.open_record(CheckRecord, case_id, sighting.id, sighting.last_check)
        nameless = check.model_copy(update={"url": address_of(source.platform, check.url, check.post_id), "handle": ""})
        sighting.last_check = context.seal_record(case_id, sighting.id, nameless)
    if changed:
        await session.flush()
        await context.record(session, case_id, EntryKind.TEXT_DESTROYED, sighting=sighting.id)
