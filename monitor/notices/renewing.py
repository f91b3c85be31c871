"""A form that a person submitted is submitted again: the block that it brought ends, or nobody answered."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Letter, Notice
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.receipts import DeliveryRecord
from monitor.notices.corresponding import refuse_where_forbidden
from monitor.notices.form import answer_given, reference_number, submission_time
from monitor.notices.keeping_time import renew_clocks
from monitor.notices.letters import Purpose
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import check_hands

MAY_RENEW = frozenset({NoticeState.SENT, NoticeState.LAPSED})
"""It is out, and was neither taken back nor led to the copy's removal."""


async def record_renewal(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    *,
    reference: str,
    by: str,
    submitted_at: datetime | None = None,
) -> Letter:
    """The same form was submitted again, now or at `submitted_at`: it stands among what followed the notice, and its
    clocks run anew. What the first one was answered stays.

    RuleBroken: NOTICE_STATE unless it was submitted by hand, is out and open, REFERENCE_INVALID, SUBMITTED_IN_FUTURE,
    SUBMITTED_TOO_EARLY, and whatever forbids the notice now. Call it with the notice locked.
    """
    channel = ROUTES[notice.route].channel
    if not channel.by_hand or notice.state not in MAY_RENEW or notice.sent_at is None:
        raise RuleBroken(Refusal.NOTICE_STATE, "only a form that was submitted can be submitted again")
    await refuse_where_forbidden(session, context, notice)
    await check_hands(session, context, notice, by)
    said = answer_given(reference) if channel is Channel.ASSISTED else reference_number(reference)
    now = context.now()
    at = now if submitted_at is None else submission_time(submitted_at, notice.sent_at, now)
    number = 2 + (await session.scalar(select(func.count()).where(Letter.notice_id == notice.id)) or 0)
    row = Letter(
        id=new_id(),
        case_id=notice.case_id,
        notice_id=notice.id,
        number=number,
        purpose=Purpose.REFILING,
        state=NoticeState.SENT,
        attempt=1,
        message_id="",
        content=b"",
        created_by=by,
        created_at=now,
        sent_at=at,
    )
    record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    receipt = DeliveryRecord.of(said, {"submitted_by": by})
    row.content = context.seal_record(row.case_id, row.id, record)
    row.receipt = context.seal_record(row.case_id, row.id, receipt)
    session.add(row)
    await session.flush()
    told = {"notice": notice.id, "letter": row.id, "number": number, "purpose": row.purpose, "by": by}
    sent = {"state": row.state, "attempt": 1, "reason": None, "submitted_at": at.isoformat()}
    await context.record(session, row.case_id, EntryKind.LETTER_ENDED, **told, **sent, receipt=receipt.content())
    await renew_clocks(session, notice, at, by=by)
    return row
