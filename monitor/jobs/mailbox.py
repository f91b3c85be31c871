"""The operator's mailbox is read by the clock: reports that a notice came back, and answers to notices.

How far it was read is written once everything that a mail led to is committed, so a death in between loses nothing,
and a mail that is read twice is known by its digest. Nothing in the mailbox is changed. Two workers may read it at
once: that is only twice the work.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parseaddr

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock, insert_unless_there
from db.models.cases import Case
from db.models.mailboxes import Mailbox
from db.models.notices import Notice
from db.models.pulses import Pulse
from db.queries.notices import lock_message
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed
from monitor.jobs.news_mail import stop_returned
from monitor.mailbox.imap_session import ImapServer, ImapSession, MailboxFault
from monitor.mailbox.plain_text import decoded, plain_part, readable
from monitor.mailbox.report import (
    Finding,
    Report,
    ReportKind,
    head_of,
    headers_named,
    judge_report,
    message_id_in,
    our_ids,
    report_of,
)
from monitor.mailbox.structure import MailGone, MailUnreadable, Part
from monitor.mailbox.trust import Proof, Trust, authenticated, is_within, proof_of
from monitor.model.notice_states import NoticeState
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.states import CaseState
from monitor.notices.returned import MailAbout, note_mail
from monitor.notices.returned_later import MailAfter, mail_after, note_return_after

log = logging.getLogger(__name__)

FIRST_READING = timedelta(days=30)
"""How far back a mailbox is read that was never read: a notice that came back is told within days."""
TELL_AFTER = timedelta(hours=1)
MOST_A_ROUND = 500
"""Mails, then others have their turn."""
MOST_VISITS = 20
"""To the mailbox in a round: a mail that breaks the line costs one."""
MOST_TRIES = 20
"""Of a mail at which the line breaks: the operator is told before; then it is passed over."""
_ROW = "imap"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SUBJECT = "imap"


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a mail."""

    key: bytes = field(repr=False)
    """What tells it from others."""
    head: Message = field(repr=False)
    named: Mapping[str, str] = field(repr=False)
    """Message-IDs of ours, each with its notice."""
    report: Report | None
    text: str | None = field(repr=False)
    """None: it could not be read."""

    def judged(self, finding: Finding, proof: Proof | None, answer: AnswerRecord | None = None) -> MailAbout:
        """A proven mail is another one than an unproven mail that calls itself the same."""
        digest = hashlib.sha256(self.key + f"\n{proof}".encode()).hexdigest()
        return MailAbout(digest, finding, proof, answer)


class NotYet(Exception):
    """A notice is being sent at this moment: what came back is dealt with in the next round."""


class MailboxReader:
    """A tick. Whichever worker comes first has the turn."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        server: ImapServer,
        trust: Trust,
        *,
        own_domains: frozenset[str],
        copies: str | None,
        interval: timedelta,
    ) -> None:
        """`own_domains`: of our own mail server, whose reports count. `copies`: where copies of notices go."""
        self._database, self._context, self._server, self._trust = database, context, server, trust
        self._own, self._copies, self._interval = own_domains, copies, interval
        where = "\n".join((server.host.lower(), server.username, server.mailbox))
        self._id = hashlib.sha256(where.encode()).hexdigest()
        self._tries: dict[int, int] = {}

    async def tick(self) -> None:
        """Read what is new, if it is time."""
        if not await self._take_turn():
            return
        try:
            await self.read()
        except MailboxFault as fault:
            log.warning("mailbox not read: %s", fault.reason)
            await self._note_fault(fault.reason)
        else:
            await self._note_read()

    async def read(self) -> None:
        """Read what is new. Raises MailboxFault."""
        left = MOST_A_ROUND
        for _ in range(MOST_VISITS):
            left, more = await self._visit(left)
            if not more or left <= 0:
                return

    async def _visit(self, left: int) -> tuple[int, bool]:
        """One connection. Returns how many mails may still be read, and whether there is a reason to come again."""
        async with ImapSession(self._server) as session:
            after = await self._position(session.uidvalidity)
            since = None if after else (self._context.now() - FIRST_READING).date()
            for uid in (await session.new_uids(after, since))[:left]:
                left -= 1
                try:
                    await self._one(session, uid)
                except NotYet:
                    return left, False
                except MailGone:
                    await self._pass_over(session.uidvalidity, uid)
                except MailUnreadable as error:
                    log.error("a mail of the mailbox cannot be read: %s", error, extra={"uid": uid})
                    await self._pass_over(session.uidvalidity, uid)
                    return left, True
                except MailboxFault:
                    self._tries[uid] = self._tries.get(uid, 0) + 1
                    if self._tries[uid] < MOST_TRIES:
                        raise
                    log.error("a mail at which the line breaks is passed over", extra={"uid": uid})
                    await self._pass_over(session.uidvalidity, uid)
                    return left, True
                except SQLAlchemyError:
                    raise
                except Exception as error:  # whatever is odd about a mail, or its notice, hides none after it
                    log.error("a mail of the mailbox came to nothing", extra={"uid": uid}, exc_info=error)
                    await self._pass_over(session.uidvalidity, uid)
        return left, False

    async def _one(self, session: ImapSession, uid: int) -> None:
        """Read one mail as far as it concerns a notice, and write what it leads to."""
        raw = await session.header(uid)
        head = head_of(raw)
        key = str(head.get("Message-ID") or "").encode("utf-8", "replace") or raw
        named = our_ids(headers_named(head, "In-Reply-To", "References"))
        is_report = head.get_content_type() == "multipart/report"
        if not named and not is_report:
            await self._pass_over(session.uidvalidity, uid)
            return
        try:
            structure = await session.structure(uid)
            kind = structure.parameters.get("report-type", "") if structure.kind == "multipart/report" else ""
            report = await self._report(session, uid, structure) if kind == "delivery-status" else None
            text = "" if report is not None or not named else await self._text(session, uid, structure)
        except MailUnreadable as error:
            if not named or isinstance(error, MailGone):
                raise
            # It is about a notice of ours, so somebody must look; the line is no good any more, so the visit ends.
            await self._note(session.uidvalidity, uid, _Read(key, head, named, None, None))
            raise
        if report is not None:
            named = {one: our_ids(one)[one] for one in report.message_ids} or named
            if report.failed and report.returned_ids:
                await stop_returned(self._database, self._context, report.returned_ids)
        await self._note(session.uidvalidity, uid, _Read(key, head, named, report, text))

    async def _report(self, session: ImapSession, uid: int, structure: Part) -> Report:
        """The machine's part and the head of the mail that it is about; never the mail itself."""
        status, returned = b"", b""
        for part in structure.parts:
            if part.kind in ("message/delivery-status", "message/global-delivery-status") and not status:
                status = decoded(await session.text(uid, part.section), part.encoding)
            elif part.kind in ("message/rfc822", "message/global") and not returned:
                returned = await session.text(uid, f"{part.section}.HEADER")
            elif part.kind in ("text/rfc822-headers", "message/global-headers") and not returned:
                returned = decoded(await session.text(uid, part.section), part.encoding)
        return report_of(status, returned)

    async def _text(self, session: ImapSession, uid: int, structure: Part) -> str:
        part = plain_part(structure)
        return "" if part is None else readable(await session.text(uid, part.section), part)

    async def _note(self, uidvalidity: int, uid: int, read: _Read) -> None:
        """Each notice that it names in a transaction of its own; the last one moves the mark."""
        for message_id, notice_id in read.named.items():
            async with self._database.read() as session:
                notice = await session.get(Notice, notice_id)
            if notice is None:
                continue
            context = await asyncio.to_thread(self._context.holding, [notice.case_id])
            async with self._database.begin() as session:
                locked, _ = await lock_message(session, notice_id)
                await self._about(session, context, locked, message_id, read)
        await self._pass_over(uidvalidity, uid)

    async def _about(
        self, session: AsyncSession, context: DomainContext, notice: Notice, message_id: str, read: _Read
    ) -> None:
        if notice.state == NoticeState.SENDING and message_id == notice.message_id:
            raise NotYet
        case = await session.get_one(Case, notice.case_id)
        if case.state == CaseState.ERASED:
            return
        try:
            record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
        except KeyDestroyed:
            return
        if read.report is not None and message_id != notice.message_id:
            after = await mail_after(session, context, notice, message_id)
            if after is not None:
                await self._about_later_mail(session, context, notice, after, message_id, read)
                return
        mail = self._judged(notice, record.recipient, read)
        if mail is not None and await note_mail(session, context, notice, mail):
            log.info("a mail about a notice", extra={"notice_id": notice.id, "kind": mail.finding.kind.value})

    async def _about_later_mail(
        self,
        session: AsyncSession,
        context: DomainContext,
        notice: Notice,
        after: MailAfter,
        message_id: str,
        read: _Read,
    ) -> None:
        """A report on a letter or a reply: it tells of that mail, and nothing of the notice itself."""
        if read.report is None or self._is_about_the_copy(read.report, after.recipient):
            return
        proof = proof_of(read.head, self._trust, {after.recipient.rpartition("@")[2], *self._own})
        finding = judge_report(read.report, message_id=message_id, recipient=after.recipient, proof=proof)
        if await note_return_after(session, context, notice, after, read.judged(finding, proof)):
            log.info("a later mail about a notice came back", extra={"notice_id": notice.id})

    def _judged(self, notice: Notice, recipient: str, read: _Read) -> MailAbout | None:
        """What the mail comes to for this notice; None for what is of no account."""
        domain = recipient.rpartition("@")[2]
        if read.report is not None:
            proof = proof_of(read.head, self._trust, {domain, *self._own})
            if self._is_about_the_copy(read.report, recipient):
                log.warning("the copy of a notice came back; check [smtp] bcc", extra={"notice_id": notice.id})
                return None
            finding = judge_report(read.report, message_id=notice.message_id, recipient=recipient, proof=proof)
            return read.judged(finding, proof)
        sender = parseaddr(str(read.head.get("From", "")))[1]
        if read.text is None:
            return read.judged(Finding(ReportKind.CLAIM, "unreadable"), None)
        proof = authenticated(read.head, self._trust, {sender.rpartition("@")[2]})
        if not is_within(sender.rpartition("@")[2], domain):
            return read.judged(Finding(ReportKind.REPLY, "from-another-domain"), None)
        answer = AnswerRecord(sender=sender[:254], text=read.text, message_id=message_id_in(read.head))
        return read.judged(Finding(ReportKind.REPLY, "answered"), proof, answer)

    def _is_about_the_copy(self, report: Report, recipient: str) -> bool:
        copies = (self._copies or "").casefold()
        named = {address.casefold() for one in report.recipients for address in (one.original, one.final)}
        return bool(copies) and copies in named and recipient.casefold() not in named

    async def _position(self, uidvalidity: int) -> int:
        """How far this mailbox was read; 0 where it is new, or its mails have other numbers now."""
        async with self._database.begin() as session:
            values = {"uidvalidity": uidvalidity, "last_uid": 0}
            if await insert_unless_there(session, Mailbox, id=self._id, **values):
                return 0
            row = await session.get_one(Mailbox, self._id)
            if row.uidvalidity != uidvalidity:
                row.uidvalidity, row.last_uid = uidvalidity, 0
            return row.last_uid

    async def _pass_over(self, uidvalidity: int, uid: int) -> None:
        async with self._database.begin() as session:
            await self._move(session, uidvalidity, uid)
        self._tries.pop(uid, None)

    async def _move(self, session: AsyncSession, uidvalidity: int, uid: int) -> None:
        """Never back: another worker may be further."""
        same = (Mailbox.id == self._id, Mailbox.uidvalidity == uidvalidity, Mailbox.last_uid < uid)
        await session.execute(update(Mailbox).where(*same).values(last_uid=uid))

    async def _take_turn(self) -> bool:
        now = self._context.now()
        async with self._database.begin() as session:
            turn = await insert_or_lock(session, Pulse, unique="id", id=_ROW, at=_LONG_AGO)
            if now < turn.at + self._interval:
                return False
            turn.at = now
            return True

    async def _note_fault(self, reason: str) -> None:
        """Somebody is told once it lasts."""
        now = self._context.now()
        async with self._database.begin() as session:
            values = {"uidvalidity": 0, "last_uid": 0}
            row = await insert_or_lock(session, Mailbox, unique="id", id=self._id, **values)
            row.failing_since = row.failing_since or now
            if now - row.failing_since >= TELL_AFTER:
                await self._context.alert(session, AlertKind.MAILBOX_UNREAD, SUBJECT, reason[:64])

    async def _note_read(self) -> None:
        async with self._database.begin() as session:
            row = await session.get(Mailbox, self._id)
            if row is not None and row.failing_since is not None:
                row.failing_since = None
            await self._context.resolve(session, AlertKind.MAILBOX_UNREAD, SUBJECT)
