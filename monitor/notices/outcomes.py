"""What became of an attempt to send: it left, nobody can know, or it failed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.delivery.base import Receipt
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.receipts import DeliveryRecord
from monitor.notices.deadlines import lapse_at, scheduled_check
from monitor.notices.keeping_time import start_clocks
from monitor.notices.platform_calls import CallEvent, call_platforms
from monitor.notices.route_table import ROUTES
from monitor.notices.under_age import counts_as_minor, tell_advocates
from monitor.work import tasks


async def mark_sent(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    receipt: Receipt,
    *,
    left_at: datetime | None = None,
) -> None:
    """It left, now or at `left_at`. Its clock runs from then, and the first check is queued in the same transaction."""
    now = context.now()
    sent_at = now if left_at is None else left_at
    notice.state, notice.reason = move(notice.state, NoticeState.SENT), None
    notice.sent_at, notice.deadline_at = sent_at, lapse_at(ROUTES[notice.route], sent_at)
    await call_platforms(session, context, notice, CallEvent.SENT)
    record = DeliveryRecord.of(receipt.reference, receipt.facts)
    notice.receipt = context.seal_record(notice.case_id, notice.id, record)
    facts = {"notice": notice.id, "attempt": notice.attempt, "left_at": sent_at.isoformat()}
    if notice.one_hand:
        facts["one_hand"] = True
    if notice.together_id is not None:
        facts["carried_by"] = notice.together_id
    await context.record(session, notice.case_id, EntryKind.NOTICE_SENT, **facts, receipt=record.content())
    await start_clocks(session, notice)
    case = await session.get_one(Case, notice.case_id)
    if counts_as_minor(context, case, await session.get_one(Sighting, notice.sighting_id)):
        await tell_advocates(session, context, notice, case)
    # What was due meanwhile, of a notice that left before it was known, is made up for by one check at once.
    planned = scheduled_check(sent_at, sent_at, notice.deadline_at)
    notice.due_at = None if planned is None else max(planned, now)
    if notice.due_at is None:
        return
    # Not the first check where it came back and was sent again: numbers are used once.
    task = tasks.verify(notice.id, notice.look + 1, delay=context.clock.real_seconds(notice.due_at - now))
    await context.enqueue(session, task)


async def doubt(
    session: AsyncSession, context: DomainContext, notice: Notice, reason: str, *, mates: Sequence[Notice] = ()
) -> None:
    """Nobody can know whether it arrived. A person decides; nothing resends itself. `mates`: its message carried them
    too; one alert stands for all."""
    for one in mates:
        one.state, one.reason, one.due_at = move(one.state, NoticeState.IN_DOUBT), reason[:64], None
        await context.record(session, one.case_id, EntryKind.NOTICE_IN_DOUBT, notice=one.id, reason=reason)
    notice.state, notice.reason, notice.due_at = move(notice.state, NoticeState.IN_DOUBT), reason[:64], None
    await context.record(session, notice.case_id, EntryKind.NOTICE_IN_DOUBT, notice=notice.id, reason=reason)
    await alert_about(session, context, AlertKind.NOTICE_IN_DOUBT, notice, reason[:64])


async def fail(
    session: AsyncSession, context: DomainContext, notice: Notice, reason: str, *, mates: Sequence[Notice] = ()
) -> None:
    """It could not be handed over, and `mates`, which its message carried, with it; one alert stands for all."""
    for one in mates:
        one.state, one.reason, one.due_at = move(one.state, NoticeState.FAILED), reason[:64], None
        await context.record(session, one.case_id, EntryKind.NOTICE_FAILED, notice=one.id, reason=reason)
    notice.state, notice.reason, notice.due_at = move(notice.state, NoticeState.FAILED), reason[:64], None
    await context.record(session, notice.case_id, EntryKind.NOTICE_FAILED, notice=notice.id, reason=reason)
    await alert_about(session, context, AlertKind.NOTICE_FAILED, notice, reason[:64])


async def alert_about(
    session: AsyncSession, context: DomainContext, kind: AlertKind, notice: Notice, reason: str
) -> None:
    """Ask somebody of the case's organisation to look at a notice."""
    case = await session.get_one(Case, notice.case_id)
    await context.alert(session, kind, notice.id, reason, organisation_id=case.organisation_id)
