"""Cases as one actor may see them. A case of somebody else is not there."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.ledger import LedgerEntry
from db.models.notices import Notice, PastReceipt, RemovalReceipt
from db.models.sightings import Sighting
from db.queries.actors import Actor, AdvocateActor, PersonActor
from db.queries.pool import waits
from db.queries.sightings import visible
from db.queries.stops import at_work


def owned(actor: Actor) -> ColumnElement[bool]:
    """The condition that a case exists for this actor. An erased one exists for nobody."""
    mine = Case.id == actor.case_id if isinstance(actor, PersonActor) else Case.organisation_id == actor.organisation_id
    return mine & (Case.state != "erased")


async def find_case(session: AsyncSession, actor: Actor, case_id: str, *, lock: bool = False) -> Case | None:
    """The case, when it exists for this actor; `lock` keeps others from changing it until the transaction ends.

    One that waits to be vouched for is there for every advocate who knows its number: it belongs to nobody yet.
    """
    there = owned(actor) if isinstance(actor, PersonActor) else owned(actor) | waits()
    query = select(Case).where(Case.id == case_id, there)
    return next(iter(await lock_rows(session, query) if lock else await session.scalars(query)), None)


async def find_case_of_fingerprint(
    session: AsyncSession, actor: Actor, fingerprint_id: str, *, lock: bool = False
) -> Case | None:
    """The case that a fingerprint belongs to, as `find_case`."""
    query = select(Fingerprint.case_id).join(Case, Case.id == Fingerprint.case_id)
    case_id = await session.scalar(query.where(Fingerprint.id == fingerprint_id, owned(actor)))
    return None if case_id is None else await find_case(session, actor, case_id, lock=lock)


async def cases_of(
    session: AsyncSession,
    actor: AdvocateActor,
    *,
    state: str | None,
    limit: int,
    after: str | None = None,
    offset: int = 0,
) -> tuple[Sequence[Case], int]:
    """A page of the organisation's cases, the longest waiting first, and how many there are."""
    mine = owned(actor) if state is None else owned(actor) & (Case.state == state)
    query = select(Case).where(mine).order_by(Case.opened_at, Case.id).limit(limit).offset(offset)
    if after is not None:
        last = await session.scalar(select(Case).where(owned(actor), Case.id == after))
        if last is not None:
            query = query.where(tuple_(Case.opened_at, Case.id) > (last.opened_at, last.id))
    total = await session.scalar(select(func.count()).select_from(Case).where(mine))
    return (await session.scalars(query)).all(), total or 0


async def links_of(session: AsyncSession, case_id: str) -> Sequence[KnownLink]:
    """The links that the person entered and did not take out, in order."""
    query = select(KnownLink).where(KnownLink.case_id == case_id, KnownLink.state != "removed")
    return (await session.scalars(query.order_by(KnownLink.entered_at, KnownLink.id))).all()


async def links_to_read(session: AsyncSession) -> Sequence[KnownLink]:
    """Links of every case that wait to be read, and may be."""
    at_rest = Case.watching_paused_at.is_not(None)
    mine = (KnownLink.state == "entered", KnownLink.public, Case.state == "vouched", at_work(), ~at_rest)
    query = select(KnownLink).join(Case, Case.id == KnownLink.case_id).where(*mine)
    return (await session.scalars(query.order_by(KnownLink.id))).all()


async def receipts_of(session: AsyncSession, actor: Actor, case_id: str) -> Sequence[RemovalReceipt]:
    """Removal receipts of a case of this actor; for the person only of copies whose place was released."""
    query = select(RemovalReceipt).where(RemovalReceipt.case_id == case_id)
    if isinstance(actor, PersonActor):
        query = query.join(Sighting, Sighting.id == RemovalReceipt.sighting_id).where(Sighting.released_at.is_not(None))
    return (await session.scalars(query.order_by(RemovalReceipt.written_at))).all()


async def receipts_taken_back(session: AsyncSession, actor: Actor, case_id: str) -> Sequence[PastReceipt]:
    """Receipts that count no more, because the confirmation was wrong; for the person only those that they had."""
    query = select(PastReceipt).where(PastReceipt.case_id == case_id, PastReceipt.taken_back_for.is_not(None))
    if isinstance(actor, PersonActor):
        query = query.where(PastReceipt.was_shown)
    return (await session.scalars(query.order_by(PastReceipt.came_back_at, PastReceipt.id))).all()


async def ledger_entries_of(session: AsyncSession, case_id: str) -> Sequence[LedgerEntry]:
    """The entries of a case's ledger, in order."""
    query = select(LedgerEntry).where(LedgerEntry.case_id == case_id).order_by(LedgerEntry.seq)
    return (await session.scalars(query)).all()


async def counts_of(session: AsyncSession, actor: Actor, case_id: str) -> dict[str, int]:
    """How much a case holds for this actor: `fingerprints` that the person registered, `links`, and of what the actor
    sees `released`, `removed`, `sightings-STATE` and `notices-STATE`. Nothing else is counted."""

    async def count(query: ColumnElement[bool], model: type[Fingerprint | KnownLink]) -> int:
        return await session.scalar(select(func.count()).select_from(model).where(query)) or 0

    mine = (Fingerprint.case_id == case_id) & Fingerprint.removed_at.is_(None) & (Fingerprint.origin == "registered")
    shown = visible(actor) & (Case.id == case_id)
    copies = select(func.count()).select_from(Sighting).join(Case, shown)
    released = (Sighting.state == "confirmed", Sighting.released_at.is_not(None))
    found = {
        "fingerprints": await count(mine, Fingerprint),
        "links": await count((KnownLink.case_id == case_id) & (KnownLink.state != "removed"), KnownLink),
        "released": await session.scalar(copies.where(*released)) or 0,
        "removed": await session.scalar(copies.where(Sighting.removed_at.is_not(None))) or 0,
    }
    sightings = select(Sighting.state, func.count()).select_from(Sighting).join(Case, shown)
    notices = select(Notice.state, func.count()).select_from(Notice)
    notices = notices.join(Sighting, Sighting.id == Notice.sighting_id).join(Case, shown)
    for query, by_state, word in ((sightings, Sighting.state, "sightings"), (notices, Notice.state, "notices")):
        rows = await session.execute(query.group_by(by_state))
        found |= {f"{word}-{state}": number for state, number in rows}
    return found
