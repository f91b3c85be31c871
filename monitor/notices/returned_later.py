"""A letter after a notice, or a reply to a platform, came back: its writer is told, and the notice stays as it is."""

from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Letter, Notice
from db.models.platform_side import NoticeReply
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.evidence.by import By, Door, Who
from monitor.evidence.entry_kinds import EntryKind
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import NoticeState, move
from monitor.model.platform_answers import ReplyState
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.platform import ReplyRecord
from monitor.notices.message_id import message_id
from monitor.notices.outcomes import alert_about
from monitor.notices.returned import MailAbout, note_mail


@dataclass(frozen=True, slots=True)
class MailAfter:
    """A mail that left after the notice, in its thread."""

    row: Letter | NoticeReply
    recipient: str = field(repr=False)


async def mail_after(session: AsyncSession, context: DomainContext, notice: Notice, named: str) -> MailAfter | None:
    """The letter or reply about this notice that left with this Message-ID."""
    letter = await session.scalar(
        select(Letter).where(Letter.notice_id == notice.id, Letter.message_id == named).limit(1)
    )
    if letter is not None:
        sent = context.open_record(NoticeRecord, letter.case_id, letter.id, letter.content)
        return MailAfter(letter, sent.recipient)
    replies = select(NoticeReply).where(NoticeReply.notice_id == notice.id, NoticeReply.message_id == named)
    reply = await session.scalar(replies.limit(1))
    if reply is None:
        return None
    return MailAfter(reply, context.open_record(ReplyRecord, reply.case_id, reply.id, reply.content).recipient)


async def note_return_after(
    session: AsyncSession, context: DomainContext, notice: Notice, after: MailAfter, mail: MailAbout
) -> bool:
    """What a report on it comes to; call it with the notice locked. False: nothing new.

    Proven, the mail has failed, and a letter can be sent again. What is only claimed is told, and changes nothing.
    """
    row, reason = after.row, mail.finding.reason[:64]
    proven = mail.finding.kind is ReportKind.BOUNCE
    # Kept as any mail, so that it counts once, and no stranger's thousandth at all; of the notice it tells nothing.
    kept = replace(mail, finding=Finding(ReportKind.DELAY, reason))
    if not await note_mail(session, context, notice, kept):
        return False
    if row.state != NoticeState.SENT or not (proven or mail.finding.kind is ReportKind.CLAIM):
        return False
    if not proven:
        await alert_about(session, context, AlertKind.BOUNCE_CLAIMED, notice, reason)
        return True
    own = mail.proof is Proof.OWN_SERVER
    by = By(Who.PROGRAM, Door.MAIL, "mailbox") if own else By.platform(notice.platform, Door.MAIL)
    acting = context.acting(by)
    told: dict[str, object] = {"notice": notice.id, "reason": reason}
    row.reason, row.due_at = reason, None
    if isinstance(row, Letter):
        row.state = move(row.state, NoticeState.FAILED)
        # Sent again it is another mail, which a late report on this one does not hit.
        row.message_id = message_id(f"{notice.id}.{row.number * 1000 + row.attempt}", context.message_domain)
        row.sent_at, row.receipt = None, None
        told |= {"letter": row.id, "number": row.number, "state": row.state, "attempt": row.attempt}
        await acting.record(session, notice.case_id, EntryKind.LETTER_ENDED, **told)
        await alert_about(session, context, AlertKind.NOTICE_BOUNCED, notice, reason)
        return True
    row.state = ReplyState.FAILED
    await acting.record(session, notice.case_id, EntryKind.REPLY_FAILED, **told, reply=row.id, state=row.state)
    await alert_about(session, context, AlertKind.REPLY_NOT_SENT, notice, reason)
    return True
