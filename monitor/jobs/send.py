"""The machine's side of a notice: intent, effect and result committed apart, so that nothing is sent twice or lost."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import was_withdrawn
from db.queries.notices import lock_message
from db.session import Database
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryRefused, InDoubt, NotSent, RateLimited
from monitor.core.leave import asking
from monitor.core.refusals import Refusal
from monitor.delivery.base import Attachment, Delivery, Outgoing, Receipt, copy_for
from monitor.delivery.leased import LeasedDelivery
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.observe import Observer
from monitor.jobs.setbacks import Setback, setback, tell_it_left, tell_operator
from monitor.model.facts import SenderRole
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.notice import NoticeRecord
from monitor.model.states import CaseState, SightingState
from monitor.notices.address import has_agreed
from monitor.notices.centre_before import speaks_for_centre_before
from monitor.notices.eligibility import hold
from monitor.notices.leaving import carried_by
from monitor.notices.outcomes import alert_about, doubt, fail, mark_sent
from monitor.notices.platform_links import keep_link, leaving_text
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import is_closed
from monitor.notices.together import go_alone, is_whole, put_back
from monitor.notices.under_age import adult_routes, counts_as_minor
from monitor.notices.waits import why_waits
from monitor.sightings.age_found import age_anew
from monitor.sightings.identical import ground_stands
from monitor.sightings.own_pages import is_own
from monitor.sources.sources import source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)

_CHANNEL_OF_ROUTE = {Channel.TELEGRAM_REPORT: "telegram_report", Channel.EMAIL: "smtp"}


class Sender:
    """The send job: intent, effect, result, each committed apart, so that a death between them is seen."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        deliveries: Mapping[str, Delivery],
        observer: Observer | None = None,
    ) -> None:
        """`observer`: records how the post stands before the notice leaves."""
        self._database, self._context, self._deliveries = database, context, deliveries
        self._observer = observer

    async def send(self, notice_id: str, attempt: int) -> None:
        """Send a notice once. What follows is enqueued together with the result."""
        async with self._database.read() as session:
            known = await session.get_one(Notice, notice_id)
            route = known.route
            leaving = known.state == NoticeState.QUEUED and known.attempt == attempt
            mates = await carried_by(session, known)
        if leaving and await self._may_leave(notice_id):
            for one in (known, *mates):
                await self._preserve(one.sighting_id, one.id)
        delivery = self._deliveries.get(_CHANNEL_OF_ROUTE[ROUTES[route].channel])
        # The account first, then the intent: whoever withdraws during the wait still stops it, and a death during the
        # wait leaves no doubt.
        async with _turn(delivery) as way_out:
            outgoing = await self._intend(notice_id, attempt)
            if outgoing is not None:
                with asking(partial(self._may_leave, notice_id)):
                    await self._effect(way_out, outgoing, attempt)

    async def _preserve(self, sighting_id: str, notice_id: str) -> None:
        """Preserve before notifying. Whatever goes wrong there costs the record of it, and never the notice."""
        if self._observer is None:
            return
        try:
            await self._observer.observe(sighting_id, notice_id)
        except Exception as error:  # one whole observation: it is said, and the notice leaves
            log.error("post not observed", extra={"notice_id": notice_id}, exc_info=error)

    async def _may_leave(self, notice_id: str) -> bool:
        """Asked at the last moment: connecting to a mail server, or a menu of several steps, takes its time.

        Meanwhile the person may have said that they are a minor, taken their permission back, or erased the case.
        """
        async with self._database.read() as session:
            notice = await session.get_one(Notice, notice_id)
            if await why_waits(session, self._context, notice) is not None:
                return False
            every = (notice, *await carried_by(session, notice))
            return all([await self._refusal(session, one) is None for one in every])

    async def _effect(self, delivery: Delivery | None, outgoing: Outgoing, attempt: int) -> None:
        notice_id = outgoing.notice_id
        try:
            if delivery is None:
                raise DeliveryRefused("this way of sending is switched off")
            receipt = await delivery.send(outgoing)
        except (RateLimited, NotSent) as error:
            back = setback(error)
            faults = await self._try_later(notice_id, attempt, back)
            if ROUTES[outgoing.route].channel is Channel.EMAIL:
                await tell_operator(self._database, self._context, back, faults)
        except DeliveryRefused as error:
            await self._stop(notice_id, attempt, NoticeState.FAILED, error.reason)
        except InDoubt as error:
            await self._stop(notice_id, attempt, NoticeState.IN_DOUBT, error.reason)
        else:
            await self._left(notice_id, attempt, receipt)

    async def _intend(self, notice_id: str, attempt: int) -> Outgoing | None:
        """Commit that this attempt begins. None when it must not: done, withdrawn, or begun before and then cut off."""
        async with self._database.begin() as session:
            notice, _ = await lock_message(session, notice_id)
            await self._context.resolve(session, AlertKind.WORK_STRANDED, notice_id)  # it goes on
            if notice.attempt != attempt:
                return None
            if notice.together_id is not None and notice.state in (NoticeState.QUEUED, NoticeState.SENDING):
                return None  # it goes with the message of another one
            mates = await carried_by(session, notice)
            if notice.state == NoticeState.SENDING:
                await doubt(session, self._context, notice, "cut-off-while-sending", mates=mates)
                return None
            if notice.state != NoticeState.QUEUED:
                return None
            waits = await why_waits(session, self._context, notice)
            if waits is not None:
                self._wait(notice, waits)
                return None
            refused = [(one, why) for one in (notice, *mates) if (why := await self._refusal(session, one)) is not None]
            if refused:
                await self._context.resolve(session, AlertKind.NOTICE_WAITS, notice.id)
                for one, why in refused:
                    await self._hold_back(session, one, why)
                return None
            if not await is_whole(session, self._context, notice):
                for one in (notice, *mates):
                    put_back(one)
                return None
            for one in (notice, *mates):
                one.dated_at = self._context.now()
            outgoing = await self._outgoing(session, notice, mates)
            for one in (notice, *mates):
                one.state = move(one.state, NoticeState.SENDING)
            return outgoing

    def _wait(self, notice: Notice, reason: str) -> None:
        """It stays queued, with the due time by which the sweeper finds it when work goes on."""
        now = self._context.now()
        notice.reason, notice.due_at = reason, min(notice.due_at or now, now)

    async def _refusal(self, session: AsyncSession, notice: Notice) -> Refusal | None:
        """The last check of the rules before it leaves."""
        case = await session.get_one(Case, notice.case_id)
        if case.state != CaseState.VOUCHED:
            return Refusal.CASE_CLOSED
        if await speaks_for_centre_before(session, self._context, notice):
            # The case moved while this was being handed over, or just as somebody sent it.
            return Refusal.CASE_MOVED
        intake = read_intake(self._context, case)
        sighting = await session.get_one(Sighting, notice.sighting_id)
        # What was told of the picture itself, too: it may have been told while the copy was being found.
        minor = counts_as_minor(self._context, case, sighting)
        minor = minor or await age_anew(session, self._context, sighting) is not None
        if notice.route in adult_routes() and minor:
            return Refusal.MINOR_OR_UNSURE
        held = hold(intake, self._context.now())
        if held is not None:
            return Refusal(held)
        signed = self._context.open_record(NoticeRecord, case.id, notice.id, notice.content).fields.get("signature")
        if signed and not intake.signature and intake.sender_role is not SenderRole.AGENT:
            # Taken back, or rejected, while this was being handed over or in doubt: no name counts, so not that one.
            return Refusal.WAITS_FOR_PERSON
        now = self._context.now()
        if await was_withdrawn(session, case_id=case.id, source_id=sighting.source_id, now=now):
            return Refusal.CONSENT_WITHDRAWN
        if await is_own(session, self._context, sighting):
            return Refusal.OWN_PAGE
        if not await has_agreed(session, self._context, notice):
            return Refusal.ADDRESS_NOT_AGREED
        if sighting.removed_at is not None:
            return Refusal.COPY_GONE
        if await is_closed(session, sighting.id):
            return Refusal.COPY_CLOSED
        confirmed = sighting.state == SightingState.CONFIRMED and await ground_stands(session, sighting)
        return None if confirmed else Refusal.NOT_CONFIRMED

    async def _hold_back(self, session: AsyncSession, notice: Notice, reason: Refusal) -> None:
        """The police first: it waits for the person. Anything else withdraws it, and the rest of its message waits."""
        was = notice.state
        waits = reason in (Refusal.WAITING_FOR_POLICE, Refusal.POLICE_WAIT_OVER, Refusal.ADDRESS_NOT_AGREED)
        notice.state = move(notice.state, NoticeState.HELD if waits else NoticeState.WITHDRAWN)
        notice.reason, notice.due_at = reason, None
        if waits:
            # This attempt's task has run, and the engine runs no task twice: once lifted, a new one must go.
            notice.attempt += 1
        else:
            await self._context.record(
                session, notice.case_id, EntryKind.NOTICE_WITHDRAWN, notice=notice.id, reason=reason
            )
            await go_alone(session, self._context, notice, was=was)

    async def _outgoing(self, session: AsyncSession, notice: Notice, mates: Sequence[Notice]) -> Outgoing:
        record = self._context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
        sighting = await session.get_one(Sighting, notice.sighting_id)
        source = await session.get_one(Source, sighting.source_id)
        others = [(await session.get_one(Sighting, one.sighting_id)).post_id for one in mates]
        for one in (notice, *mates):  # each has its own, by which it is found and answered
            await keep_link(session, self._context, one, record.recipient)
        return Outgoing(
            notice_id=notice.id,
            route=notice.route,
            recipient=record.recipient,
            subject=record.subject,
            body=await leaving_text(session, self._context, notice, record),
            source=source_ref(source),
            post_ids=tuple(dict.fromkeys((sighting.post_id, *others))),
            message_id=notice.message_id,
            dated=notice.dated_at,
            preferences=record.preferences,
            sender=record.sender,
            reply_to=record.reply_to,
            cites=record.cites,
            attachments=tuple(Attachment(one.name, one.media_type, one.text) for one in record.attachments),
            copy=copy_for(notice.attempt, notice.reason),
        )

    async def _left(self, notice_id: str, attempt: int, receipt: Receipt) -> None:
        """It left, whatever others decided meanwhile because this process seemed dead."""
        async with self._database.begin() as session:
            notice, _ = await lock_message(session, notice_id)
            every = (notice, *await carried_by(session, notice))
            # Told late, it left all the same when its attempt began.
            left_at = None if notice.state == NoticeState.SENDING else notice.dated_at
            if notice.state == NoticeState.QUEUED:
                # Settled as "did not arrive" and queued anew: it did, so the new attempt must not leave as well.
                for one in every:
                    one.state = move(one.state, NoticeState.SENDING)
            elif notice.state != NoticeState.IN_DOUBT and not _begun(notice, attempt):
                log.error("a notice left that had moved on", extra={"notice_id": notice_id, "state": notice.state})
                return
            for one in every:
                await mark_sent(session, self._context, one, receipt, left_at=left_at)
            for kind in (AlertKind.NOTICE_IN_DOUBT, AlertKind.NOTICE_WAITS):
                await self._context.resolve(session, kind, notice.id)
        if ROUTES[notice.route].channel is Channel.EMAIL:
            await tell_it_left(self._database, self._context, receipt)
        log.info("notice sent", extra={"notice_id": notice_id, "attempt": attempt})

    async def _try_later(self, notice_id: str, attempt: int, back: Setback) -> int:
        """Returns how many faults of ours there were in a row."""
        async with self._database.begin() as session:
            notice, _ = await lock_message(session, notice_id)
            context = self._context
            if not _begun(notice, attempt):
                return notice.faults
            back.count(notice)
            every = (notice, *await carried_by(session, notice))
            waits = await why_waits(session, self._context, notice)
            if waits is not None:
                for one in every:
                    one.state = move(one.state, NoticeState.QUEUED)
                self._wait(notice, waits)
                return notice.faults
            refused = [(one, why) for one in every if (why := await self._refusal(session, one)) is not None]
            if refused:
                # The person changed their mind while it was being handed over: that counts now, not at the next try.
                for one in every:
                    one.state = move(one.state, NoticeState.QUEUED)
                await context.resolve(session, AlertKind.NOTICE_WAITS, notice.id)
                for one, why in refused:
                    await self._hold_back(session, one, why)
                return notice.faults
            if back.is_last(notice):
                await context.resolve(session, AlertKind.NOTICE_WAITS, notice.id)
                await fail(session, context, notice, back.reason, mates=every[1:])
                return notice.faults
            if back.tells_centre(notice):
                await alert_about(session, context, AlertKind.NOTICE_WAITS, notice, back.reason)
            wait = back.pause(notice)
            for one in every:
                one.state, one.reason = move(one.state, NoticeState.QUEUED), back.reason
                one.attempt += 1
            notice.due_at = context.now() + wait
            delay = context.clock.real_seconds(wait)
            await context.enqueue(session, tasks.send(notice.id, notice.attempt, notice.platform, delay=delay))
            return notice.faults

    async def _stop(self, notice_id: str, attempt: int, state: NoticeState, reason: str) -> None:
        async with self._database.begin() as session:
            notice, _ = await lock_message(session, notice_id)
            if not _begun(notice, attempt):
                return
            mates = await carried_by(session, notice)
            await self._context.resolve(session, AlertKind.NOTICE_WAITS, notice.id)
            if state is NoticeState.IN_DOUBT:
                await doubt(session, self._context, notice, reason, mates=mates)
            else:
                await fail(session, self._context, notice, reason, mates=mates)


@asynccontextmanager
async def _turn(delivery: Delivery | None) -> AsyncIterator[Delivery | None]:
    """The way out, once it is free."""
    if not isinstance(delivery, LeasedDelivery):
        yield delivery
        return
    async with delivery.turn() as way_out:
        yield way_out


def _begun(notice: Notice, attempt: int) -> bool:
    """Is this attempt still the one under way? A peer that took this process for dead may have put it in doubt."""
    return notice.state == NoticeState.SENDING and notice.attempt == attempt
