"""A confirmed copy is followed whether or not a notice is out: its first look, those after its receipt, its return."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Escalation, Notice, PastReceipt, RemovalReceipt
from db.models.sightings import Sighting
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.mailbox.report import ReportKind
from monitor.model.following import FIRST_LOOK, look_after_receipt
from monitor.model.notice_states import NoticeState, has_bounced, move
from monitor.platforms.base import Presence
from monitor.work import tasks

CAME_BACK = "came-back"
"""The reason of a notice whose copy stands there again, and of the alert about it."""


async def begin_following(session: AsyncSession, context: DomainContext, sighting: Sighting) -> None:
    """It was just confirmed: the first look is due soon, unless a notice follows it by then."""
    await follow_at(session, context, sighting, context.now() + FIRST_LOOK)


async def follow_at(session: AsyncSession, context: DomainContext, sighting: Sighting, at: datetime | None) -> None:
    """The copy's next own look, in place of any that waits; None: there is none. Call it with the copy locked."""
    sighting.follow_due_at = at
    if at is not None:
        delay = context.clock.real_seconds(at - context.now())
        await context.enqueue(session, tasks.follow(sighting.id, sighting.follow_look + 1, delay=delay))


async def be_removed(session: AsyncSession, context: DomainContext, sighting: Sighting) -> None:
    """Two checks found it gone: from now on it is only looked at to see whether it comes back."""
    now = context.now()
    sighting.removed_at = now
    sighting.follow_look += 1  # a look that is waiting finds that its number has passed
    await follow_at(session, context, sighting, look_after_receipt(now, now))
    await context.resolve(session, AlertKind.COPY_BACK, sighting.id)


async def lock_notices_of(session: AsyncSession, removed: Sequence[Sighting]) -> None:
    """Lock the notices about these copies, before the transaction's first ledger entry: they may have to reopen."""
    if removed:
        await lock_rows(session, select(Notice).where(Notice.sighting_id.in_([row.id for row in removed])))


async def come_back(session: AsyncSession, context: DomainContext, sighting: Sighting, presence: Presence) -> None:
    """A removed copy stands there again: its item is open once more, and the receipt stays as history.

    Call it with the copy and the notices about it locked. Nothing is sent: an advocate is told.
    """
    now, removed_at = context.now(), sighting.removed_at
    await end_receipt(session, context, sighting)
    sighting.presence, sighting.came_back_at = presence, now
    query = select(Notice).where(Notice.sighting_id == sighting.id, Notice.state == NoticeState.REMOVED)
    reopened = (await session.scalars(query.order_by(Notice.id))).all()
    case = await session.get_one(Case, sighting.case_id)
    for notice in reopened:
        if has_bounced(notice.reason):
            await _fail(session, context, notice, case)
            continue
        await _reopen(session, context, notice)
        await _tell_claim(session, context, notice, case, removed_at)
    sighting.follow_look += 1
    await follow_at(session, context, sighting, now + FIRST_LOOK)
    await context.record(
        session,
        sighting.case_id,
        EntryKind.COPY_CAME_BACK,
        sighting=sighting.id,
        presence=presence,
        removed_at=None if removed_at is None else removed_at.isoformat(),
        notices=[notice.id for notice in reopened],
    )
    await context.alert(
        session,
        AlertKind.COPY_BACK,
        sighting.id,
        CAME_BACK,
        organisation_id=case.organisation_id,
        advocate_id=sighting.decided_by,
    )


async def end_receipt(
    session: AsyncSession, context: DomainContext, sighting: Sighting, *, taken_back_for: str | None = None
) -> None:
    """It stands as gone no more, and its receipt is history. `taken_back_for`: see PastReceipt; call it before the
    person is kept from seeing the copy."""
    sighting.removed_at = sighting.gone_since = None
    sighting.gone_looks = 0
    receipt = await session.get(RemovalReceipt, sighting.id)
    if receipt is None:
        return
    session.add(
        PastReceipt(
            id=new_id(),
            case_id=receipt.case_id,
            sighting_id=receipt.sighting_id,
            content=receipt.content,
            written_at=receipt.written_at,
            came_back_at=context.now(),
            taken_back_for=taken_back_for,
            was_shown=taken_back_for is not None and sighting.released_at is not None,
        )
    )
    await session.execute(delete(RemovalReceipt).where(RemovalReceipt.sighting_id == sighting.id))


async def _reopen(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """It asks for a removal that does not stand. Its next check is due at once, and tells what its clock says now."""
    steps = select(Escalation.id).where(Escalation.notice_id == notice.id).limit(1)
    before = NoticeState.SENT if await session.scalar(steps) is None else NoticeState.LAPSED
    notice.state, notice.reason = move(notice.state, before), CAME_BACK
    notice.look += 1
    notice.due_at = context.now()
    await context.enqueue(session, tasks.verify(notice.id, notice.look + 1, delay=0))


async def _fail(session: AsyncSession, context: DomainContext, notice: Notice, case: Case) -> None:
    """Its mail came back while the copy was gone: it never arrived, so nobody is silent, and a person mends it."""
    notice.state = move(notice.state, NoticeState.FAILED)
    notice.look += 1
    notice.due_at = notice.deadline_at = None
    reason, home = notice.reason or "", case.organisation_id
    await context.alert(session, AlertKind.NOTICE_BOUNCED, notice.id, reason, organisation_id=home)


async def _tell_claim(
    session: AsyncSession, context: DomainContext, notice: Notice, case: Case, removed_at: datetime | None
) -> None:
    """Somebody said that it did not arrive while the copy was gone, and nobody was told: now it matters."""
    about = [one for one in (notice.id, notice.together_id) if one]
    query = select(NoticeMail.reason).where(NoticeMail.notice_id.in_(about), NoticeMail.kind == ReportKind.CLAIM)
    if removed_at is not None:
        query = query.where(NoticeMail.at >= removed_at)
    reason = await session.scalar(query.order_by(NoticeMail.at, NoticeMail.id).limit(1))
    if reason is not None:
        home = case.organisation_id
        await context.alert(session, AlertKind.BOUNCE_CLAIMED, notice.id, reason, organisation_id=home)
