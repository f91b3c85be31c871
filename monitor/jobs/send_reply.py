"""Sends what an advocate wrote back: intent, effect and result committed apart, so that it leaves once or never."""

import logging
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import NoticeReply
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.stops import ADVOCATE_STOPPED, any_stopped, why_paused
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryError, DeliveryRefused, InDoubt, NotSent, RateLimited
from monitor.core.leave import asking
from monitor.delivery.base import Delivery, Outgoing, copy_for
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.setbacks import Setback, setback, tell_it_left, tell_operator
from monitor.model.platform_answers import ReplyState
from monitor.model.records.platform import ReplyRecord
from monitor.model.states import CaseState
from monitor.notices.mail_after import end_waiting, why_mail_stops
from monitor.notices.outcomes import alert_about
from monitor.sources.sources import source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)

EARLIER_LEFT = "earlier-reply-left"
"""Why a reply that was written anew was kept back."""


class Replier:
    """The send_reply job."""

    def __init__(self, database: Database, context: DomainContext, mail: Delivery | None) -> None:
        self._database, self._context, self._mail = database, context, mail

    async def send(self, reply_id: str, attempt: int) -> None:
        """Make one attempt; what follows is enqueued with its result."""
        outgoing = await self._intend(reply_id, attempt)
        if outgoing is None:
            return
        try:
            if self._mail is None:
                raise DeliveryRefused("this way of sending is switched off")
            with asking(partial(self._may_leave, reply_id)):
                receipt = await self._mail.send(outgoing)
        except (RateLimited, NotSent) as error:
            back = setback(error)
            await tell_operator(self._database, self._context, back, await self._later(reply_id, attempt, back))
        except InDoubt as error:
            await self._end(reply_id, attempt, ReplyState.IN_DOUBT, error.reason)
        except DeliveryError as error:
            await self._end(reply_id, attempt, ReplyState.FAILED, error.reason)
        else:
            await self._end(reply_id, attempt, ReplyState.SENT, None)
            await tell_it_left(self._database, self._context, receipt)

    async def _intend(self, reply_id: str, attempt: int) -> Outgoing | None:
        """Commit that this attempt begins; None where it must not."""
        async with self._database.begin() as session:
            notice, reply = await self._held(session, reply_id)
            if reply.attempt != attempt:
                return None
            if reply.state == ReplyState.SENDING:
                await self._note(session, notice, reply, ReplyState.IN_DOUBT, "cut-off-while-sending")
                return None
            if reply.state != ReplyState.QUEUED:
                return None
            case = await session.get_one(Case, notice.case_id)
            if case.state != CaseState.VOUCHED:
                await self._note(session, notice, reply, ReplyState.FAILED, "case-closed")
                return None
            stops = await why_mail_stops(session, self._context, notice, by=reply.created_by)
            if stops is not None:
                await self._note(session, notice, reply, ReplyState.FAILED, stops)
                return None
            waits = await self._waits(session, reply)
            if waits is not None:
                reply.reason = waits  # it keeps its due time: the sweeper sends it when work goes on
                return None
            reply.state, reply.due_at = ReplyState.SENDING, self._context.now()
            record = self._context.open_record(ReplyRecord, reply.case_id, reply.id, reply.content)
            sighting = await session.get_one(Sighting, notice.sighting_id)
            source = await session.get_one(Source, sighting.source_id)
            copy = copy_for(reply.attempt, reply.reason)
        return Outgoing(
            notice_id=notice.id,
            route=notice.route,
            recipient=record.recipient,
            subject=record.subject,
            body=record.body,
            source=source_ref(source),
            post_ids=(),
            message_id=reply.message_id,
            dated=self._context.now(),
            sender=record.sender,
            reply_to=record.reply_to,
            cites=record.cites,
            copy=copy,
        )

    async def _may_leave(self, reply_id: str) -> bool:
        """Asked at the last moment: connecting to a mail server takes its time."""
        async with self._database.read() as session:
            reply = await session.get_one(NoticeReply, reply_id)
            notice = await session.get_one(Notice, reply.notice_id)
            case = await session.get_one(Case, notice.case_id)
            stops = await why_mail_stops(session, self._context, notice, by=reply.created_by)
            return stops is None and case.state == CaseState.VOUCHED and await self._waits(session, reply) is None

    async def _waits(self, session: AsyncSession, reply: NoticeReply) -> str | None:
        """Why it is not sent before work goes on."""
        waits = await why_paused(session, reply.case_id)
        if waits is None and await any_stopped(session, [reply.created_by]):
            return ADVOCATE_STOPPED
        return waits

    async def _held(self, session: AsyncSession, reply_id: str) -> tuple[Notice, NoticeReply]:
        reply = await session.get_one(NoticeReply, reply_id)
        notice = await lock_one(session, Notice, reply.notice_id)
        await session.refresh(reply)
        return notice, reply

    async def _later(self, reply_id: str, attempt: int, back: Setback) -> int:
        """Returns how many faults of ours there were in a row."""
        async with self._database.begin() as session:
            notice, reply = await self._held(session, reply_id)
            if reply.attempt != attempt or reply.state != ReplyState.SENDING:
                return reply.faults
            back.count(reply)
            if back.is_last(reply):
                await self._note(session, notice, reply, ReplyState.FAILED, back.reason)
                return reply.faults
            if back.tells_centre(reply):
                await alert_about(session, self._context, AlertKind.NOTICE_WAITS, notice, back.reason)
            wait = back.pause(reply)
            reply.state, reply.reason = ReplyState.QUEUED, back.reason
            reply.attempt, reply.due_at = attempt + 1, self._context.now() + wait
            delay = self._context.clock.real_seconds(wait)
            await self._context.enqueue(session, tasks.send_reply(reply.id, reply.attempt, delay=delay))
            return reply.faults

    async def _end(self, reply_id: str, attempt: int, state: ReplyState, reason: str | None) -> None:
        async with self._database.begin() as session:
            notice, reply = await self._held(session, reply_id)
            # A peer that took this process for dead may have put it in doubt: it left all the same.
            late = reply.state == ReplyState.IN_DOUBT and state is ReplyState.SENT
            if reply.attempt == attempt and (reply.state == ReplyState.SENDING or late):
                await self._note(session, notice, reply, state, reason)
            elif state is ReplyState.SENT and reply.state == ReplyState.QUEUED and reply.attempt > attempt:
                # It was written anew meanwhile, in other words perhaps: whether they are still needed, a person says.
                await self._record_sent(session, reply)
                await self._note(session, notice, reply, ReplyState.FAILED, EARLIER_LEFT)
        log.info("a reply was dealt with", extra={"reply_id": reply_id, "state": state.value})

    async def _note(
        self, session: AsyncSession, notice: Notice, reply: NoticeReply, state: ReplyState, reason: str | None
    ) -> None:
        context = self._context
        reply.state, reply.reason, reply.due_at = state, None if reason is None else reason[:64], None
        if state is ReplyState.SENT:
            reply.sent_at = context.now()
            await self._record_sent(session, reply)
            await end_waiting(session, context, notice)
            await context.resolve(session, AlertKind.REPLY_NOT_SENT, notice.id)
            return
        told, facts = reason or state.value, {"notice": notice.id, "reply": reply.id, "state": state.value}
        await context.record(session, notice.case_id, EntryKind.REPLY_FAILED, **facts, reason=told)
        await end_waiting(session, context, notice)
        await alert_about(session, context, AlertKind.REPLY_NOT_SENT, notice, told[:64])

    async def _record_sent(self, session: AsyncSession, reply: NoticeReply) -> None:
        facts = {"notice": reply.notice_id, "reply": reply.id}
        await self._context.record(session, reply.case_id, EntryKind.REPLY_SENT, **facts)
