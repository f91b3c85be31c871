"""An optional mailbox: a mail that says no more than that there is something to read. Off until the person asks for it.

At most one a day, after a random delay, so that its time tells nothing; its sender and subject are the person's choice;
no link, no name of the project or the centre. It ends with the case, with a bounce, or when the person says so.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.ledger import LedgerEntry
from db.models.news import NewsMailbox
from db.queries.stops import at_work
from monitor.cases.correspondence import is_address
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.news import NewsMailRecord
from monitor.model.states import CaseState

AT_MOST_EVERY = timedelta(days=1)
SOONEST, LATEST = timedelta(hours=1), timedelta(hours=9)
"""Between what happened and the mail: random in between."""
LONGEST_SENDER, LONGEST_SUBJECT = 60, 100
_TELLING = re.compile(r"jikimi|지킴이|https?:|www\.|@", re.IGNORECASE)
"""What a neutral sender or subject has not."""
BODY = {"en": "There is something to read.\n", "ko": "읽을 것이 있어요.\n"}


@dataclass(frozen=True, slots=True)
class NewsMail:
    """A person's mailbox, as they chose it."""

    address: str = field(repr=False)
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    since: datetime
    stopped: str | None
    """Why no more mail goes there; None: it does."""
    told_at: datetime | None


async def set_news_mail(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    address: str,
    sender: str,
    subject: str,
    language: str,
) -> None:
    """Mail there from now on. The caller holds the case.

    Raises RuleBroken: NEWS_OFF where this installation has no neutral sender, NOT_VOUCHED (else strangers could have
    mail sent to anybody), ADDRESS_INVALID, NEWS_WORDS for a sender or subject that would tell.
    """
    if not context.news_from:
        raise RuleBroken(Refusal.NEWS_OFF, "this installation has no neutral address to mail from")
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.NOT_VOUCHED, "a mailbox can be named once somebody has vouched")
    address, sender, subject = address.strip(), " ".join(sender.split()), " ".join(subject.split())
    if not is_address(address):
        raise RuleBroken(Refusal.ADDRESS_INVALID, "one plain e-mail address")
    fits = 0 < len(sender) <= LONGEST_SENDER and 0 < len(subject) <= LONGEST_SUBJECT
    if not fits or not (sender + subject).isprintable() or _TELLING.search(sender) or _TELLING.search(subject):
        raise RuleBroken(Refusal.NEWS_WORDS, "a sender and a subject without links, and without our name")
    record = NewsMailRecord(address=address, sender=sender, subject=subject, language=language)
    sealed = context.seal_record(case.id, case.id, record)
    row = await session.get(NewsMailbox, case.id, populate_existing=True)
    if row is None:
        sent, told_at = await _sent_before(session, case)
        row = NewsMailbox(case_id=case.id, content=sealed, since=context.now(), attempt=sent + 1, told_at=told_at)
        session.add(row)
    elif context.open_record(NewsMailRecord, case.id, case.id, row.content).address != address:
        row.message_id = None  # what comes back late from the one before says nothing of this one
    # The day and the delay count on: whoever changes the address gets no mail more for it.
    row.content, row.since, row.stopped = sealed, context.now(), None
    await session.flush()
    await context.record(session, case.id, EntryKind.NEWS_MAIL_SET, on=True)


async def _sent_before(session: AsyncSession, case: Case) -> tuple[int, datetime | None]:
    """How many mails left, and when the last one did: off and on again is no way to a second one on a day."""
    sent = select(func.count(), func.max(LedgerEntry.at)).where(
        LedgerEntry.case_id == case.id, LedgerEntry.kind == EntryKind.NEWS_MAIL_SENT
    )
    count, last = (await session.execute(sent)).one()
    return count, last


async def drop_news_mail(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """No more mail, and the address is gone. Said again it changes nothing."""
    row = await session.get(NewsMailbox, case.id, populate_existing=True)
    if row is None:
        return
    await session.delete(row)
    await session.flush()
    await context.record(session, case.id, EntryKind.NEWS_MAIL_SET, on=False)


async def news_mail_of(session: AsyncSession, context: DomainContext, case: Case) -> NewsMail | None:
    """What the person chose; None while it is off."""
    row = await session.get(NewsMailbox, case.id)
    if row is None:
        return None
    told = context.open_record(NewsMailRecord, case.id, case.id, row.content)
    return NewsMail(told.address, told.sender, told.subject, row.since, row.stopped, row.told_at)


async def stop_news_mail(session: AsyncSession, context: DomainContext, row: NewsMailbox, reason: str) -> None:
    """Nothing goes there any more: the person sees why, and may name another one. The caller holds the case."""
    if row.stopped is not None:
        return
    # Its mail is dealt with: where the person tries the same mailbox once more, that one says nothing of the next.
    row.stopped, row.due_at, row.message_id = reason[:64], None, None
    await session.flush()
    await context.record(session, row.case_id, EntryKind.NEWS_MAIL_STOPPED, reason=row.stopped)


async def waiting_for_news(session: AsyncSession) -> Sequence[NewsMailbox]:
    """Mailboxes of cases at work to which nothing is due yet."""
    return (await session.scalars(_working().where(NewsMailbox.due_at.is_(None)).order_by(NewsMailbox.case_id))).all()


async def due_news(session: AsyncSession, now: datetime) -> Sequence[NewsMailbox]:
    """Mailboxes to which a mail is due."""
    return (await session.scalars(_working().where(NewsMailbox.due_at <= now).order_by(NewsMailbox.case_id))).all()


def _working() -> Select[NewsMailbox]:
    mine = (Case.id == NewsMailbox.case_id) & (Case.state == CaseState.VOUCHED) & at_work()
    return select(NewsMailbox).join(Case, mine).where(NewsMailbox.stopped.is_(None))


def next_mail_at(now: datetime, told_at: datetime | None) -> datetime:
    """After a random delay, and never within a day of the last one."""
    span = int((LATEST - SOONEST).total_seconds())
    first = now if told_at is None else max(now, told_at + AT_MOST_EVERY)
    return first + SOONEST + timedelta(seconds=secrets.randbelow(span))
