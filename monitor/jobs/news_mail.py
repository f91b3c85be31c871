"""Tells persons' own mailboxes that there is something to read: when it is due is found by a tick, each mail is a task.

The engine and the logs hold the case's id and a number; the address is opened for the moment of sending.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_one
from db.models.cases import Case
from db.models.news import NewsMailbox
from db.queries.stops import why_paused
from db.session import Database
from monitor.actions.news import news_since
from monitor.cases.news import BODY, due_news, next_mail_at, stop_news_mail, waiting_for_news
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryRefused, InDoubt, JikimiError, NotSent
from monitor.delivery.smtp_news import NewsDelivery
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.news import NewsMailRecord
from monitor.model.states import CaseState
from monitor.work import tasks

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
"""Between two looks whether there is news: far less than the delay."""
_AGAIN = timedelta(hours=1)
"""After a passing fault."""


@dataclass(frozen=True, slots=True)
class _Letter:
    recipient: str = field(repr=False)
    name: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    message_id: str = field(repr=False)


class NewsTick:
    """Runs in every worker: what it writes is the same, and tasks have deterministic ids."""

    def __init__(self, database: Database, context: DomainContext) -> None:
        self._database, self._context = database, context

    async def tick(self) -> None:
        """Find out for whom there is news, and ask for the mails that are due."""
        now = self._context.now()
        async with self._database.read() as session:
            waiting = [row.case_id for row in await waiting_for_news(session)]
        for case_id in waiting:
            context = await asyncio.to_thread(self._context.holding, [case_id])
            async with self._database.read() as session:
                row = await session.get(NewsMailbox, case_id)
                case = await session.get_one(Case, case_id)
                fresh = row is not None and await news_since(session, context, case, row)
            if fresh:
                await self._plan(case_id)
        async with self._database.read() as session:
            due = [(row.case_id, row.attempt) for row in await due_news(session, now)]
        slot = int(now.timestamp() / _AGAIN.total_seconds())
        for case_id, attempt in due:
            async with self._database.begin() as session:
                await self._context.enqueue(session, tasks.news_mail(case_id, attempt, slot))

    async def _plan(self, case_id: str) -> None:
        async with self._database.begin() as session:
            await lock_one(session, Case, case_id)
            row = await session.get(NewsMailbox, case_id, populate_existing=True)
            if row is not None and row.due_at is None and row.stopped is None:
                row.due_at = next_mail_at(self._context.now(), row.told_at)


class NewsMailer:
    """The news_mail job. That it leaves is committed before it does: twice on a day is worse than not at all."""

    def __init__(self, database: Database, context: DomainContext, mail: NewsDelivery | None) -> None:
        self._database, self._context, self._mail = database, context, mail

    async def send(self, case_id: str, attempt: int) -> None:
        """Send it, unless the person has been here since, or everything rests."""
        if self._mail is None:
            return
        context = await asyncio.to_thread(self._context.holding, [case_id])
        async with self._database.begin() as session:
            letter = await self._intend(session, context, case_id, attempt)
        if letter is None:
            return
        try:
            await self._mail.send(
                recipient=letter.recipient,
                name=letter.name,
                subject=letter.subject,
                body=letter.body,
                message_id=letter.message_id,
            )
        except DeliveryRefused as error:
            log.info("a news mail was refused", extra={"case_id": case_id, "reason": error.reason})
            held = await asyncio.to_thread(self._context.holding, [case_id])
            await _stop(self._database, held, case_id, (letter.message_id,), error.reason)
        except InDoubt as error:
            log.info("a news mail may have left", extra={"case_id": case_id, "reason": error.reason})
        except NotSent as error:
            log.info("a news mail did not leave", extra={"case_id": case_id, "reason": error.reason})
            await self._later(case_id)

    async def _intend(
        self, session: AsyncSession, context: DomainContext, case_id: str, attempt: int
    ) -> _Letter | None:
        case = await lock_if_there(session, Case, case_id)
        row = await session.get(NewsMailbox, case_id, populate_existing=True)
        if case is None or row is None or row.attempt != attempt or row.stopped or row.due_at is None:
            return None
        if case.state != CaseState.VOUCHED or row.due_at > context.now():
            return None
        if await why_paused(session, case_id) is not None:
            return None  # it keeps its due time
        if not await news_since(session, context, case, row):
            row.due_at = None  # they have been here, or it was taken back
            return None
        told = context.open_record(NewsMailRecord, case_id, case_id, row.content)
        row.due_at, row.told_at, row.attempt = None, context.now(), attempt + 1
        row.message_id = f"<{token_hex(16)}@{context.news_from.rpartition('@')[2]}>"
        await session.flush()
        await context.record(session, case_id, EntryKind.NEWS_MAIL_SENT, attempt=attempt)
        body = BODY.get(told.language, BODY["en"])
        return _Letter(told.address, told.sender, told.subject, body, row.message_id)

    async def _later(self, case_id: str) -> None:
        async with self._database.begin() as session:
            await lock_if_there(session, Case, case_id)
            row = await session.get(NewsMailbox, case_id, populate_existing=True)
            if row is not None and row.stopped is None:
                # It was told of nothing, so what happened is news still.
                row.due_at, row.told_at = self._context.now() + _AGAIN, None


async def stop_returned(database: Database, context: DomainContext, message_ids: tuple[str, ...]) -> bool:
    """A report says that one of these mails did not arrive: nothing goes there any more. True: one was ours.

    The Message-ID is random and stood in that mail alone, so the report needs no other proof.
    """
    async with database.read() as session:
        query = select(NewsMailbox.case_id).where(NewsMailbox.message_id.in_(message_ids))
        case_id = await session.scalar(query)
    if case_id is None:
        return False
    try:
        held = await asyncio.to_thread(context.holding, [case_id])
        await _stop(database, held, case_id, message_ids, "bounced")
    except JikimiError as error:  # its key is gone: nothing is mailed to it anyway
        log.info("a news mail came back", extra={"case_id": case_id, "reason": type(error).__name__})
    return True


async def _stop(
    database: Database, context: DomainContext, case_id: str, message_ids: tuple[str, ...], reason: str
) -> None:
    """Nothing goes there any more, unless the mailbox is another one by now than the one that was written to."""
    async with database.begin() as session:
        case = await lock_if_there(session, Case, case_id)
        row = await session.get(NewsMailbox, case_id, populate_existing=True)
        if case is not None and row is not None and row.message_id in message_ids:
            await stop_news_mail(session, context, row, reason)
