"""What a mail about a notice leads to: it came back, somebody says that it did, somebody answered.

Nothing here sends anything again: a person decides. A copy that was seen gone twice stays removed, whatever comes back;
that its notice never arrived is kept, and counts when the copy stands there again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.mailboxes import NoticeMail
from db.models.notices import Escalation, Notice, RemovalReceipt
from db.queries.notices import not_bounced
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door, Who
from monitor.evidence.entry_kinds import EntryKind
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import BOUNCED, MAY_RETURN, STANDS, NoticeState, has_bounced, move
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.receipts import RemovalRecord
from monitor.notices.outcomes import alert_about
from monitor.notices.receipts import with_return
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES

MOST_MAILS = 50
"""Kept of one notice, proven and unproven ones apart: whoever got it knows its Message-ID and could write for ever, and
must not keep a true report out."""
TOLD_BY_ADVOCATE = f"{BOUNCED}told-by-advocate"


@dataclass(frozen=True, slots=True)
class MailAbout:
    """A mail that is about a notice, judged."""

    digest: str
    finding: Finding
    proof: Proof | None
    answer: AnswerRecord | None = None


async def note_mail(session: AsyncSession, context: DomainContext, notice: Notice, mail: MailAbout) -> bool:
    """Keep a mail about a notice, which is locked, and do what follows. False: it was known, or there are too many."""
    alike = (NoticeMail.notice_id == notice.id, NoticeMail.proven.is_(mail.proof is not None))
    count = select(func.count()).select_from(NoticeMail).where(*alike)
    if (await session.scalar(count) or 0) >= MOST_MAILS:
        return False
    row_id = new_id()
    answer, finding = mail.answer, mail.finding
    new = await insert_unless_there(
        session,
        NoticeMail,
        id=row_id,
        case_id=notice.case_id,
        notice_id=notice.id,
        digest=mail.digest,
        kind=finding.kind,
        reason=finding.reason[:64],
        proven=mail.proof is not None,
        content=None if answer is None else context.seal_record(notice.case_id, row_id, answer),
        at=context.now(),
    )
    if not new:
        return False
    # By whom: our own server is a part of the program, everybody else stands on the other side.
    own = mail.proof is Proof.OWN_SERVER
    by = By(Who.PROGRAM, Door.MAIL, "mailbox") if own else By.platform(notice.platform, Door.MAIL)
    told = {"notice": notice.id, "reason": finding.reason, "proof": mail.proof, "mail_sha256": mail.digest}
    acting = context.acting(by)
    known = finding.kind in (ReportKind.BOUNCE, ReportKind.CLAIM)
    out = await _may_return(session, notice) if known else ()
    gone = await _gone_since(session, context, notice) if known else ()
    if finding.kind is ReportKind.BOUNCE:
        for one in out:
            await _came_back(session, acting, one, finding.reason, {**told, "notice": one.id})
        for one in gone:
            await _came_back_late(session, acting, one, finding.reason, {**told, "notice": one.id})
    elif finding.kind is ReportKind.CLAIM and (out or gone):
        await acting.record(session, notice.case_id, EntryKind.BOUNCE_CLAIMED, **told)
        if out:
            await alert_about(session, context, AlertKind.BOUNCE_CLAIMED, notice, finding.reason[:64])
    elif finding.kind is ReportKind.REPLY:
        kept = {} if answer is None else {"answer": answer.content()}
        await acting.record(session, notice.case_id, EntryKind.NOTICE_ANSWERED, **told, **kept)
        await alert_about(session, context, AlertKind.NOTICE_ANSWERED, notice, finding.reason[:64])
    return True


async def record_return(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """A person knows that an e-mail came back, or never arrived."""
    if ROUTES[notice.route].channel is not Channel.EMAIL or notice.state not in (NoticeState.SENT, NoticeState.LAPSED):
        raise RuleBroken(Refusal.NOTICE_STATE, "only an e-mail that was sent can come back")
    told = {"notice": notice.id, "reason": TOLD_BY_ADVOCATE, "by": by}
    out, gone = await _may_return(session, notice), await _gone_since(session, context, notice)
    for one in out:
        await _came_back(session, context, one, TOLD_BY_ADVOCATE, {**told, "notice": one.id})
    for one in gone:
        await _came_back_late(session, context, one, TOLD_BY_ADVOCATE, {**told, "notice": one.id})


async def mark_mails_read(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """An advocate has read what came in about a notice, and leaves it as it is."""
    await context.record(session, notice.case_id, EntryKind.MAILS_READ, notice=notice.id, by=by)
    for kind in (
        AlertKind.BOUNCE_CLAIMED,
        AlertKind.NOTICE_ANSWERED,
        AlertKind.PLATFORM_ANSWERED,
        AlertKind.PLATFORM_NEEDS_MORE,
        AlertKind.PLATFORM_REFUSED,
        AlertKind.REPLY_NOT_SENT,
    ):
        # What came in about the message of several copies stands at the notice that carried it.
        for about in {notice.id, notice.together_id or notice.id}:
            await context.resolve(session, kind, about)


async def _may_return(session: AsyncSession, notice: Notice) -> Sequence[Notice]:
    """Of a locked message: the notices that it carried, and that are neither over nor known not to have arrived."""
    return [one for one in await _of_message(session, notice) if one.state in MAY_RETURN]


async def _of_message(session: AsyncSession, notice: Notice) -> Sequence[Notice]:
    lead_id = notice.together_id or notice.id
    query = select(Notice).where((Notice.id == lead_id) | (Notice.together_id == lead_id))
    return (await session.scalars(query.order_by(Notice.id))).all()


async def _gone_since(session: AsyncSession, context: DomainContext, notice: Notice) -> Sequence[Notice]:
    """Of a locked message: the notices that it carried, whose copy was gone before anybody knew that it came back."""
    record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    # A notice that was sent again alone leaves those behind that its first message carried.
    named = record.sightings or (notice.sighting_id,)
    return [
        one
        for one in await _of_message(session, notice)
        if one.state == NoticeState.REMOVED and one.sighting_id in named and not has_bounced(one.reason)
    ]


async def _came_back_late(
    session: AsyncSession, context: DomainContext, notice: Notice, reason: str, told: Mapping[str, str | None]
) -> None:
    """Its copy stays gone, so nobody has to do anything; should it come back, the notice has failed."""
    notice.reason, notice.deadline_at = reason[:64], None
    await session.execute(delete(Escalation).where(Escalation.notice_id == notice.id))
    await session.flush()
    await _put_receipt_right(session, context, notice)
    await context.record(session, notice.case_id, EntryKind.NOTICE_BOUNCED, **told)


async def _put_receipt_right(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """The receipt tells when the notice was sent: from now on also that it reached nobody, unless another one did."""
    others = select(Notice.id).where(Notice.sighting_id == notice.sighting_id, Notice.state.in_(STANDS), not_bounced())
    row = await session.get(RemovalReceipt, notice.sighting_id)
    if row is None or await session.scalar(others.limit(1)) is not None:
        return
    told = context.open_record(RemovalRecord, row.case_id, row.sighting_id, row.content)
    texts = {
        language: text.model_copy(update={"body": with_return(text.body, language)})
        for language, text in told.texts.items()
    }
    row.content = context.seal_record(row.case_id, row.sighting_id, told.model_copy(update=texts))


async def _came_back(
    session: AsyncSession, context: DomainContext, notice: Notice, reason: str, told: Mapping[str, str | None]
) -> None:
    """It did not arrive, so nobody was silent: no clock runs, and steps that blamed the recipient are dropped."""
    notice.state, notice.reason = move(notice.state, NoticeState.FAILED), reason[:64]
    notice.due_at, notice.deadline_at = None, None
    notice.look += 1  # a check that is waiting finds that its number has passed
    await session.execute(delete(Escalation).where(Escalation.notice_id == notice.id))
    await context.record(session, notice.case_id, EntryKind.NOTICE_BOUNCED, **told)
    for kind in (
        AlertKind.NOTICE_IN_DOUBT,
        AlertKind.DEADLINE_LAPSED,
        AlertKind.CANNOT_VERIFY,
        AlertKind.SENT_FOR_MINOR,
        AlertKind.BOUNCE_CLAIMED,
    ):
        await context.resolve(session, kind, notice.id)
    await alert_about(session, context, AlertKind.NOTICE_BOUNCED, notice, reason[:64])
