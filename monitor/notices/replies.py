"""An advocate writes back to a mail about a notice: looked at before it leaves, sent once, in the centre's name."""

import hashlib
import re
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Notice
from db.models.people import Advocate, Organisation
from db.models.platform_side import NoticeReply
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.mailbox.report import ReportKind
from monitor.model.platform_answers import ReplyState
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.platform import ReplyRecord
from monitor.model.states import CaseState
from monitor.notices.leaving import shown_sender
from monitor.notices.mail_after import may_be_anew, refuse_mail
from monitor.notices.message_id import message_id
from monitor.work import tasks

LONGEST_REPLY = 5000
_REPLIES = 800_000
"""Numbers of Message-IDs from here on are of replies: an answer to one is threaded to the notice as well."""
_ANEW = 1000
"""Between the numbers of a reply and of what takes its place: more than there are replies to a notice."""
_NUMBER = re.compile(r"\.(\d+)@")
_SIGNED = "\n\n-- \n"
"""Between what an advocate wrote and their name."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Exactly what would leave. `digest` says that whoever sends it has seen this and nothing else."""

    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    cites: tuple[str, ...]
    sender: str = field(repr=False)
    reply_to: str = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the whole."""
        parts = (self.sender, self.reply_to, self.recipient, self.subject, self.body, *self.cites)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


async def preview_reply(
    session: AsyncSession, context: DomainContext, notice: Notice, mail_id: str, text: str, *, by: str
) -> Leaving:
    """What an advocate's text would leave as. Nothing is written.

    It goes to the address that the mail came from where the operator's own server says that it is proven, else to the
    address that the notice went to: nobody who forges a sender is written to.
    """
    mail = await _mail(session, notice, mail_id)
    known = await session.scalar(select(NoticeReply).where(NoticeReply.mail_id == mail.id))
    if known is not None and not may_be_anew(known):
        raise RuleBroken(Refusal.ALREADY_REPLIED, "this mail was answered")
    case = await session.get_one(Case, notice.case_id)
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_CLOSED, "this case is not open")
    await refuse_mail(session, context, notice, by=by)
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise RuleBroken(Refusal.REPLY_EMPTY, "write something first")
    if len(said) > LONGEST_REPLY:
        raise RuleBroken(Refusal.FIELD_TOO_LONG, f"shorten to {LONGEST_REPLY} characters")
    record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    answer = context.open_record(AnswerRecord, notice.case_id, mail.id, mail.content or b"")
    centre = await session.get(Organisation, case.organisation_id or "")
    advocate = await session.get_one(Advocate, by)
    # As the notice: the centre and the name for work; no law asks for a legal name here.
    name, home = advocate.work_alias or advocate.name, "" if centre is None else centre.name
    signed = "\n".join([name, home]).rstrip()
    subject = record.subject if record.subject.lower().startswith("re:") else f"Re: {record.subject}"
    cites = tuple(one for one in (notice.message_id, answer.message_id) if one)
    recipient = answer.sender if mail.proven and answer.sender else record.recipient
    return Leaving(
        recipient=recipient,
        subject=subject,
        body=f"{said}{_SIGNED}{signed}\n",
        cites=tuple(dict.fromkeys(cites)),
        sender=shown_sender(context.mail_from, home, name),
        reply_to="" if centre is None else centre.reply_to or "",
    )


async def queue_reply(
    session: AsyncSession, context: DomainContext, notice: Notice, mail_id: str, text: str, *, seen: str, by: str
) -> NoticeReply:
    """Send it, once. The notice is held. `seen`: the digest of what was shown; else RuleBroken(REPLY_CHANGED).

    Where an earlier reply to the same mail did not arrive, this one takes its place.
    """
    leaving = await preview_reply(session, context, notice, mail_id, text, by=by)
    if leaving.digest != seen:
        raise RuleBroken(Refusal.REPLY_CHANGED, "look at it once more before it leaves")
    count = select(func.count()).select_from(NoticeReply).where(NoticeReply.notice_id == notice.id)
    number = _REPLIES + (await session.scalar(count) or 0) + 1
    known = await session.scalar(select(NoticeReply).where(NoticeReply.mail_id == mail_id))
    if known is not None:
        number = _number_after(known.message_id)
    row_id, now = new_id() if known is None else known.id, context.now()
    record = ReplyRecord(
        recipient=leaving.recipient,
        subject=leaving.subject,
        body=leaving.body,
        cites=leaving.cites,
        sender=leaving.sender,
        reply_to=leaving.reply_to,
    )
    row = known or NoticeReply(
        id=row_id,
        case_id=notice.case_id,
        notice_id=notice.id,
        mail_id=mail_id,
        attempt=0,
    )
    # Another mail than the one before, which may have left: a late report on that one does not hit it.
    row.message_id = message_id(f"{notice.id}.{number}", context.message_domain)
    row.state, row.reason, row.attempt, row.faults = ReplyState.QUEUED, None, row.attempt + 1, 0
    row.sent_at = None
    row.content = context.seal_record(notice.case_id, row_id, record)
    row.created_by, row.created_at, row.due_at = by, now, now
    session.add(row)
    try:
        await session.flush()
    except IntegrityError:
        raise RuleBroken(Refusal.ALREADY_REPLIED, "this mail was answered") from None
    facts = {"notice": notice.id, "reply": row.id, "mail": mail_id, "by": by}
    await context.record(session, notice.case_id, EntryKind.REPLY_QUEUED, **facts, content=record.content())
    if known is not None:
        await context.resolve(session, AlertKind.REPLY_NOT_SENT, notice.id)
    await context.enqueue(session, tasks.send_reply(row.id, row.attempt))
    return row


def words_of(record: ReplyRecord) -> str:
    """What the advocate wrote, without the name below it: to be written anew."""
    return record.body.rpartition(_SIGNED)[0] or record.body.strip()


def _number_after(known: str) -> int:
    found = _NUMBER.search(known)
    return _ANEW + (int(found[1]) if found else _REPLIES)


async def _mail(session: AsyncSession, notice: Notice, mail_id: str) -> NoticeMail:
    mail = await session.get(NoticeMail, mail_id)
    if mail is None or mail.notice_id != notice.id or mail.kind != ReportKind.REPLY or mail.content is None:
        raise RuleBroken(Refusal.NO_REPLY, "this mail cannot be answered from here")
    return mail
