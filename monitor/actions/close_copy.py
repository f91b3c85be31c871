"""An advocate closes a confirmed copy with a reason, or opens it again. Checks that the person agreed to go on."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.copies import CopyClosing
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.actions.file_step import refuse_unless_open
from monitor.context.alerts import NOTICE_KINDS, AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.copies import Closing
from monitor.model.notice_states import UNSENT, NoticeState, move
from monitor.notices.corresponding import MAY_RETRACT, refuse_while_leaving
from monitor.notices.message_alerts import carrier_id, end_alerts
from monitor.notices.together import go_alone
from monitor.sightings.identical import resting_on


async def close_copy(
    session: AsyncSession, context: DomainContext, sighting: Sighting, reason: Closing, *, by: str
) -> None:
    """Nothing more is done about it. What has not left stops; what left stays, and is looked at as the person agreed.

    RuleBroken where it was confirmed by mistake: RETRACT_FIRST while a notice is out, TRY_AGAIN while one is leaving,
    also about a copy that is confirmed only because it is identical to this one. Call it with the sighting and its
    notices locked. `by`: the advocate's id.
    """
    await refuse_unless_open(session, sighting)
    notices = (await session.scalars(select(Notice).where(Notice.sighting_id == sighting.id).order_by(Notice.id))).all()
    if reason is Closing.BY_MISTAKE:
        await _refuse_while_out(session, sighting, notices)
    lead_ids = [carrier_id(one) for one in notices]
    for notice in notices:
        if notice.state in UNSENT:
            # One that had left and came back is not as good as new: it is not written again by itself.
            left, was = notice.sent_at is not None, notice.state
            notice.state = move(notice.state, NoticeState.WITHDRAWN)
            notice.reason = Refusal.WITHDRAWN_BY_ADVOCATE if left else Refusal.COPY_CLOSED
            notice.due_at = None
            await go_alone(session, context, notice, was=was)
            why = {"notice": notice.id, "reason": notice.reason, "by": by}
            await context.record(session, sighting.case_id, EntryKind.NOTICE_WITHDRAWN, **why)
    now = context.now()
    row = CopyClosing(sighting_id=sighting.id, case_id=sighting.case_id, reason=reason, closed_at=now, closed_by=by)
    session.add(row)
    await session.flush()
    await context.record(session, sighting.case_id, EntryKind.COPY_CLOSED, sighting=sighting.id, reason=reason, by=by)
    for notice, lead_id in zip(notices, lead_ids, strict=True):
        await end_alerts(session, context, notice, sorted(NOTICE_KINDS - {AlertKind.NOTICE_IN_DOUBT}), lead_id=lead_id)


async def _refuse_while_out(session: AsyncSession, sighting: Sighting, notices: Sequence[Notice]) -> None:
    """What is wrong about it, or about what rests on it, stands at its recipient, who would act on it."""
    resting = select(Notice).where(Notice.sighting_id.in_(await resting_on(session, sighting)))
    every = [*notices, *(await session.scalars(resting)).all()]
    if any(one.state in MAY_RETRACT for one in every):
        raise RuleBroken(Refusal.RETRACT_FIRST, "take the confirmation back: that retracts what is out")
    for notice in every:
        refuse_while_leaving(notice)  # a moment later it is out, and would stand there as well


async def reopen_copy(session: AsyncSession, context: DomainContext, sighting: Sighting, *, by: str) -> None:
    """It was closed too early: it stands again as its notices and filings say."""
    row = await session.get(CopyClosing, sighting.id)
    if row is None:
        raise RuleBroken(Refusal.COPY_NOT_CLOSED, "this copy is not closed")
    await session.delete(row)
    await session.flush()
    await context.record(session, sighting.case_id, EntryKind.COPY_REOPENED, sighting=sighting.id, by=by)
