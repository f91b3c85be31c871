"""A decision about a copy is taken back: a dismissal, or a confirmation with everything that followed from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.copies import CopyClosing, Filing
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.copies import filings_of
from db.queries.queue import HeldItem, copies_of_item
from db.queries.tenants import SourceName
from monitor.actions.access import get_sighting
from monitor.actions.held_item import MOST_AT_ONCE, held_item
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState
from monitor.model.records.filing import FilingRecord
from monitor.model.records.receipts import DeliveryRecord
from monitor.model.states import SightingState, move_sighting
from monitor.notices.corresponding import retract_all
from monitor.notices.letters import RetractReason
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.sightings.following import end_receipt
from monitor.sightings.identical import closed_as_mistakes, rests_on_another, without_ground
from monitor.sightings.review import reopen


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about copies, as somebody was shown it: what is decided together bears one moment."""

    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StandingFiling:
    """What a person filed or submitted about a copy that is confirmed no more: no program can take it back."""

    step: str
    filed_at: datetime
    reference: str = field(repr=False)


async def filings_left(
    session: AsyncSession, context: DomainContext, sighting: Sighting, notices: Sequence[Notice]
) -> tuple[StandingFiling, ...]:
    """What stands with its recipients although the confirmation does not, for whoever puts it right: the filings, and
    the notices that no letter can follow. `notices`: those about it."""
    if sighting.state == SightingState.CONFIRMED:
        return ()
    found = []
    for row, _ in await filings_of(session, sighting.id):
        record = context.open_record(FilingRecord, sighting.case_id, row.id, row.content)
        found.append(StandingFiling(row.step, row.filed_at, record.reference))
    for notice in notices:
        retracted = notice.state == NoticeState.WITHDRAWN and notice.reason == Refusal.RETRACTED
        if notice.sent_at is None or not retracted or ROUTES[notice.route].channel is Channel.EMAIL:
            continue
        said = None
        if notice.receipt is not None:
            said = context.open_record(DeliveryRecord, notice.case_id, notice.id, notice.receipt).reference
        found.append(StandingFiling(notice.route, notice.sent_at, said or ""))
    return tuple(found)


async def left_of_copies(
    session: AsyncSession, context: DomainContext, copies: Sequence[Sighting]
) -> tuple[StandingFiling, ...]:
    """The same of several copies."""
    ids = [row.id for row in copies]
    filed = set((await session.scalars(select(Filing.sighting_id).where(Filing.sighting_id.in_(ids)))).all())
    query = select(Notice).where(Notice.sighting_id.in_(ids), Notice.sent_at.is_not(None))
    notices = (await session.scalars(query.order_by(Notice.created_at, Notice.id))).all()
    left = list[StandingFiling]()
    for row in copies:
        about = [one for one in notices if one.sighting_id == row.id]
        if about or row.id in filed:
            left += await filings_left(session, context, row, about)
    return tuple(left)


async def left_of_item(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, sighting_id: str
) -> tuple[StandingFiling, ...]:
    """The same of the item that a sighting belongs to."""
    rows = await copies_of_item(session, actor, sighting_id, None, limit=MOST_AT_ONCE)
    return await left_of_copies(session, context, [one.row for one in rows if one.may_be_left])


async def reopen_sighting(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    *,
    reason: RetractReason | None = None,
    shown: Decision | None = None,
) -> tuple[Sighting, SourceName, Case]:
    """Open again what was decided. Of a confirmed copy, notices that have not left are withdrawn, those that left are
    retracted for `reason`, its hashes leave the watch, and the person no longer sees its place. So too of one that is
    gone: its recipients may put the post back, and its receipt counts no more. With the last confirmation of a picture
    go those of its copies that were confirmed only because they are identical.

    `shown`: the decision that the advocate was shown. RuleBroken: ALREADY_DECIDED for one that is open, ITEM_CHANGED
    where another decision stands, REASON_NEEDED, TRY_AGAIN while one of its notices is leaving at this moment.
    """
    held = await held_item(session, actor, sighting_id)
    found = await get_sighting(session, actor, sighting_id)
    row = found[0]
    if shown is not None and row.state != SightingState.OPEN and (row.state, row.decided_at) != (shown.state, shown.at):
        raise RuleBroken(Refusal.ITEM_CHANGED, "it was decided anew")
    for row in await with_what_rests(session, held, [found[0]]):
        await reopen_held(session, context, actor, row, held.fingerprints, reason=reason)
    return found


async def with_what_rests(session: AsyncSession, held: HeldItem, taken_back: Sequence[Sighting]) -> Sequence[Sighting]:
    """These of an item; and what rests on them, where no other is confirmed for a reason of its own. However many: a
    notice about what was left would stand with its recipient, and nobody would come back for it."""
    if not any(row.state == SightingState.CONFIRMED and not rests_on_another(row) for row in taken_back):
        return taken_back
    return [*taken_back, *without_ground(held.copies, taken_back, await closed_as_mistakes(session, held.copies))]


async def reopen_held(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting: Sighting,
    fingerprints: Sequence[Fingerprint],
    *,
    reason: RetractReason | None,
) -> None:
    """The same of a copy that the caller holds, with its case, its notices, and what joined by it (among others)."""
    if sighting.state != SightingState.CONFIRMED:
        await reopen(session, context, sighting, by=actor.id)
        return
    if reason is None:
        raise RuleBroken(Refusal.REASON_NEEDED, "say why the confirmation was wrong")
    withdrawn, retracted = await retract_all(session, context, sighting, reason, by=actor.id)
    for row in fingerprints:
        if row.sighting_id != sighting.id:
            continue
        row.removed_at = context.now()
        facts = {"fingerprint": row.id, "origin": row.origin}
        await context.record(session, sighting.case_id, EntryKind.FINGERPRINT_REMOVED, **facts)
    sighting.state = move_sighting(sighting.state, SightingState.OPEN)
    removed_at = sighting.removed_at
    if removed_at is not None:
        await end_receipt(session, context, sighting, taken_back_for=reason)
    sighting.decided_at = sighting.decided_by = sighting.basis = sighting.released_at = None
    closing = await session.get(CopyClosing, sighting.id)
    if closing is not None:  # decided about anew, it stands as any other; the ledger keeps why it was closed
        await session.delete(closing)
    told = {"sighting": sighting.id, "by": actor.id, "reason": reason, "withdrawn": withdrawn, "retracted": retracted}
    if removed_at is not None:
        told["removed_at"] = removed_at.isoformat()
    await context.record(session, sighting.case_id, EntryKind.SIGHTING_REOPENED, **told)
