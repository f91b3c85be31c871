"""Letters and replies that have not left end where a notice would: the case moved, a consent was taken back.

That a notice is taken back is told all the same, and after a consent that was taken back a correction is, too.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.notices import Letter, Notice
from db.models.people import Advocate
from db.models.platform_side import NoticeReply
from db.models.sightings import Sighting
from db.queries.consents import was_withdrawn
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import UNSENT, NoticeState, move
from monitor.model.platform_answers import ReplyState
from monitor.notices.letters import Purpose

LEAVES_ALL_THE_SAME: Mapping[Refusal, frozenset[Purpose]] = {
    Refusal.CASE_MOVED: frozenset({Purpose.RETRACTION}),
    Refusal.CONSENT_WITHDRAWN: frozenset({Purpose.RETRACTION, Purpose.REVISION}),
}
"""What stops letters and replies, and which letters it does not stop. A correction by the centre before is stopped: the
centre that has the case now writes its own."""
UNDECIDED = UNSENT | {NoticeState.IN_DOUBT}
"""States of a letter that somebody may still send."""


def has_mail() -> ColumnElement[bool]:
    """The condition of a notice about which a letter or a reply has not left, or may be sent again."""
    letters = select(Letter.notice_id).where(Letter.state.in_(UNDECIDED))
    replies = select(NoticeReply.notice_id).where(NoticeReply.state == ReplyState.QUEUED)
    return or_(Notice.id.in_(letters), Notice.id.in_(replies))


async def hold_unsent_mail(session: AsyncSession, case_id: str) -> Collection[str]:
    """Lock the notices of a case that have not left, and those with such mail: before the ledger. Returns their ids."""
    unsent = or_(Notice.state.in_(UNSENT), has_mail())
    return [one.id for one in await lock_rows(session, select(Notice).where(Notice.case_id == case_id, unsent))]


async def stop_mail(
    session: AsyncSession, context: DomainContext, notices: Collection[Notice], reason: Refusal
) -> None:
    """Withdraw what would follow these notices by mail. The caller holds them, and comes to the ledger with it."""
    by_id = {one.id: one for one in notices}
    letters = select(Letter).where(Letter.notice_id.in_(by_id), Letter.state.in_(UNSENT))
    for row in (await session.scalars(letters.order_by(Letter.notice_id, Letter.number))).all():
        if Purpose(row.purpose) in LEAVES_ALL_THE_SAME[reason]:
            continue
        row.state, row.reason, row.due_at = move(row.state, NoticeState.WITHDRAWN), reason, None
        told = {"notice": row.notice_id, "letter": row.id, "number": row.number, "state": row.state}
        await context.record(
            session, row.case_id, EntryKind.LETTER_ENDED, **told, attempt=row.attempt, reason=row.reason
        )
        await end_alerts_of_letter(session, context, by_id[row.notice_id])
    replies = select(NoticeReply).where(NoticeReply.notice_id.in_(by_id), NoticeReply.state == ReplyState.QUEUED)
    for reply in (await session.scalars(replies.order_by(NoticeReply.notice_id, NoticeReply.id))).all():
        reply.state, reply.reason, reply.due_at = ReplyState.FAILED, reason, None
        facts = {"notice": reply.notice_id, "reply": reply.id, "state": reply.state, "reason": reason}
        await context.record(session, reply.case_id, EntryKind.REPLY_FAILED, **facts)
        home = await session.scalar(select(Case.organisation_id).where(Case.id == reply.case_id))
        kind, notice_id = AlertKind.REPLY_NOT_SENT, reply.notice_id
        await context.alert(session, kind, notice_id, reason, organisation_id=home)
        await end_waiting(session, context, by_id[notice_id])


async def why_mail_stops(
    session: AsyncSession, context: DomainContext, notice: Notice, *, by: str, purpose: Purpose | None = None
) -> Refusal | None:
    """Why a letter (a reply where it has no purpose) that `by` answers for must not leave now; None: it may."""
    if purpose is not Purpose.RETRACTION and await is_of_centre_before(session, notice, by=by):
        return Refusal.CASE_MOVED
    if purpose in LEAVES_ALL_THE_SAME[Refusal.CONSENT_WITHDRAWN]:
        return None
    source = select(Sighting.source_id).where(Sighting.id == notice.sighting_id)
    source_id, now = (await session.scalars(source)).one(), context.now()
    withdrawn = await was_withdrawn(session, case_id=notice.case_id, source_id=source_id, now=now)
    return Refusal.CONSENT_WITHDRAWN if withdrawn else None


async def refuse_mail(
    session: AsyncSession, context: DomainContext, notice: Notice, *, by: str, purpose: Purpose | None = None
) -> None:
    """RuleBroken(CASE_MOVED, CONSENT_WITHDRAWN) where it must not leave."""
    reason = await why_mail_stops(session, context, notice, by=by, purpose=purpose)
    if reason is Refusal.CASE_MOVED:
        raise RuleBroken(Refusal.CASE_MOVED, "it speaks in the name of the centre before: write it anew")
    if reason is not None:
        raise RuleBroken(Refusal.CONSENT_WITHDRAWN, "the person took back their consent to this source: ask them first")


async def is_of_centre_before(session: AsyncSession, notice: Notice, *, by: str) -> bool:
    """Whether another centre than `by`'s has the case of the notice now."""
    # Read anew: who locked the notice may have waited for the very change that the person made.
    now_at = await session.scalar(select(Case.organisation_id).where(Case.id == notice.case_id))
    home = await session.scalar(select(Advocate.organisation_id).where(Advocate.id == by))
    return home is not None and home != now_at


def may_be_anew(reply: NoticeReply) -> bool:
    """May the mail that it answered be answered anew? It did not arrive: it was stopped or refused, never left, or came
    back. In doubt, too, as with letters: whoever writes it anew has found out that it did not arrive."""
    return reply.state in (ReplyState.FAILED, ReplyState.IN_DOUBT)


async def end_alerts_of_letter(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """What was told of a letter that failed is over. Not where the notice itself failed, or is in doubt: they are told
    of under the same names."""
    await end_waiting(session, context, notice)
    if notice.state in (NoticeState.FAILED, NoticeState.IN_DOUBT):
        return
    for kind in (AlertKind.NOTICE_FAILED, AlertKind.NOTICE_BOUNCED, AlertKind.NOTICE_IN_DOUBT):
        await context.resolve(session, kind, notice.id)


async def end_waiting(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """What follows it by mail waits no longer: it left, has failed, or does not leave any more. Not where the notice
    itself waits: that is told of under the same name."""
    if notice.state not in (NoticeState.QUEUED, NoticeState.SENDING):
        await context.resolve(session, AlertKind.NOTICE_WAITS, notice.id)
