"""Which item a copy belongs to: an item is one picture, its copies are known by a confirmed post's own hashes."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.sightings import Sighting
from db.queries.items import confirmed_with, first_copies, first_notice
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.sighting import SightingRecord
from monitor.sightings.same_picture import identical_records
from monitor.work import tasks

MOST_ITEMS = 300
"""Items of a case that a confirmed copy is compared with: each is opened for it, in the decision's transaction."""


async def known_item(session: AsyncSession, case_id: str, fingerprint_id: str | None, *, identical: bool) -> str | None:
    """The item that a new sighting is a re-upload of: only an identical copy of what was confirmed is one."""
    if not identical or fingerprint_id is None:
        return None
    known = await confirmed_with(session, case_id, fingerprint_id)
    return None if known is None else known.item_id or known.id


async def note_reupload(
    session: AsyncSession, context: DomainContext, case_id: str, sighting_id: str, item: str
) -> None:
    """A sighting that was just found, or confirmed, is a copy of a known item: the first notice is named with it."""
    first = await first_notice(session, item)
    told = {} if first is None or first.sent_at is None else {"first_sent_at": first.sent_at.isoformat()}
    await context.record(
        session,
        case_id,
        EntryKind.REUPLOAD_FOUND,
        sighting=sighting_id,
        item=item,
        first_notice=None if first is None else first.id,
        **told,
    )


async def ask_to_resend(session: AsyncSession, context: DomainContext, case_id: str, sighting_id: str) -> None:
    """Where person and advocate both switched it on, a job asks whether the re-upload may be reported by itself."""
    case = await session.get_one(Case, case_id)
    if case.resend_person_at is not None and case.resend_advocate_at is not None:
        await context.enqueue(session, tasks.resend(sighting_id))


async def join_item(
    session: AsyncSession, context: DomainContext, sighting: Sighting, evidence: SightingRecord
) -> None:
    """A copy is confirmed: it stays with the item it was found for, joins that of an identical copy, or begins one."""
    if sighting.item_id is not None:
        return
    for first in await first_copies(session, sighting.case_id, limit=MOST_ITEMS):
        known = context.open_record(SightingRecord, first.case_id, first.id, first.evidence)
        if first.id != sighting.id and identical_records(known, evidence):
            sighting.item_id = first.id
            await note_reupload(session, context, sighting.case_id, sighting.id, first.id)
            return
    sighting.item_id = sighting.id
