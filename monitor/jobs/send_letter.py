"""The machine's side of a letter after a notice: intent, effect and result committed apart, as of a notice itself."""

import logging
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Letter, Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.people import who_answers
from db.session import Database
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryRefused, InDoubt, NotSent, RateLimited
from monitor.core.leave import asking
from monitor.core.refusals import Refusal
from monitor.delivery.base import Attachment, Delivery, Outgoing, copy_for
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.setbacks import Setback, setback, tell_it_left, tell_operator
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.receipts import DeliveryRecord
from monitor.model.states import CaseState, SightingState
from monitor.notices.corresponding import sign_anew
from monitor.notices.eligibility import hold
from monitor.notices.keeping_time import renew_clocks
from monitor.notices.letters import Purpose
from monitor.notices.mail_after import end_alerts_of_letter, end_waiting, is_of_centre_before, why_mail_stops
from monitor.notices.outcomes import alert_about
from monitor.notices.sending import is_closed
from monitor.notices.waits import FOR_A_STOP, why_letter_waits
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import is_own
from monitor.sources.sources import source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)


class LetterSender:
    """Sends letters. A death while one is being sent leaves it in doubt, and a person decides."""

    def __init__(self, database: Database, context: DomainContext, delivery: Delivery | None) -> None:
        """`delivery`: e-mail; None while it is switched off."""
        self._database, self._context, self._delivery = database, context, delivery

    async def send(self, letter_id: str, attempt: int) -> None:
        """Send a letter once."""
        outgoing = await self._intend(letter_id, attempt)
        if outgoing is None:
            return
        with asking(partial(self._may_leave, letter_id)):
            await self._effect(outgoing, letter_id, attempt)

    async def pick_up(self, letter_id: str) -> None:
        """Called by the sweeper for one whose time has come and whose task is gone."""
        async with self._database.begin() as session:
            row, notice = await self._locked(session, letter_id)
            if row.state == NoticeState.SENDING:
                await self._doubt(session, notice, row, "cut-off-while-sending")
            elif row.state == NoticeState.QUEUED:
                waits = await why_letter_waits(session, self._context, notice, row)
                if waits is not None:
                    row.reason = waits
                    return
                row.reason = None if row.reason in FOR_A_STOP else row.reason
                row.attempt, row.due_at = row.attempt + 1, self._context.now()
                await self._context.enqueue(session, tasks.send_letter(row.id, row.attempt))

    async def _may_leave(self, letter_id: str) -> bool:
        async with self._database.read() as session:
            row = await session.get_one(Letter, letter_id)
            notice = await session.get_one(Notice, row.notice_id)
            waits = await why_letter_waits(session, self._context, notice, row)
            return waits is None and await self._refusal(session, notice, row) is None

    async def _intend(self, letter_id: str, attempt: int) -> Outgoing | None:
        async with self._database.begin() as session:
            row, notice = await self._locked(session, letter_id)
            if row.attempt != attempt:
                return None
            if row.state == NoticeState.SENDING:
                await self._doubt(session, notice, row, "cut-off-while-sending")
                return None
            if row.state != NoticeState.QUEUED:
                return None
            waits = await why_letter_waits(session, self._context, notice, row)
            if waits is not None:
                self._wait(row, waits)
                return None
            refused = await self._refusal(session, notice, row)
            if refused is not None:
                row.state, row.reason, row.due_at = move(row.state, NoticeState.WITHDRAWN), refused, None
                await self._record(session, row, EntryKind.LETTER_ENDED)
                await end_waiting(session, self._context, notice)
                return None
            if await is_of_centre_before(session, notice, by=row.created_by):
                # Only what takes a notice back comes here: written at the very moment when the case moved.
                await sign_anew(session, self._context, notice, row, by=await self._lead(session, row))
            row.state, row.dated_at = move(row.state, NoticeState.SENDING), self._context.now()
            return await self._outgoing(session, notice, row)

    def _wait(self, row: Letter, reason: str) -> None:
        """It stays queued, with the due time by which the sweeper finds it when work goes on."""
        now = self._context.now()
        row.reason, row.due_at = reason, min(row.due_at or now, now)

    async def _refusal(self, session: AsyncSession, notice: Notice, row: Letter) -> Refusal | None:
        """The last check of the rules. That a notice is taken back may be told whatever else is so."""
        case = await session.get_one(Case, row.case_id)
        if case.state != CaseState.VOUCHED:
            return Refusal.CASE_CLOSED
        if row.purpose == Purpose.RETRACTION:
            return None
        stops = await why_mail_stops(session, self._context, notice, by=row.created_by, purpose=Purpose(row.purpose))
        if stops is not None:
            return stops
        intake = read_intake(self._context, case)
        sighting = await session.get_one(Sighting, notice.sighting_id)
        if age_of(sighting, intake).counts_as_minor:
            return Refusal.MINOR_OR_UNSURE
        held = hold(intake, self._context.now())
        if held is not None:
            return Refusal(held)
        if await is_own(session, self._context, sighting):
            return Refusal.OWN_PAGE
        if sighting.removed_at is not None:
            return Refusal.COPY_GONE
        if await is_closed(session, sighting.id):
            return Refusal.COPY_CLOSED
        return Refusal.NOT_CONFIRMED if sighting.state != SightingState.CONFIRMED else None

    async def _effect(self, outgoing: Outgoing, letter_id: str, attempt: int) -> None:
        try:
            if self._delivery is None:
                raise DeliveryRefused("this way of sending is switched off")
            receipt = await self._delivery.send(outgoing)
        except (RateLimited, NotSent) as error:
            back = setback(error)
            await tell_operator(self._database, self._context, back, await self._later(letter_id, attempt, back))
        except DeliveryRefused as error:
            await self._end(letter_id, attempt, NoticeState.FAILED, error.reason)
        except InDoubt as error:
            await self._end(letter_id, attempt, NoticeState.IN_DOUBT, error.reason)
        else:
            async with self._database.begin() as session:
                row, notice = await self._locked(session, letter_id)
                if row.state == NoticeState.QUEUED and row.attempt > attempt:
                    # Taken for lost and sent again: it is the same letter, so the new attempt must not leave as well.
                    row.state = move(row.state, NoticeState.SENDING)
                if row.state not in (NoticeState.SENDING, NoticeState.IN_DOUBT):
                    log.error("a letter left that had moved on", extra={"letter_id": letter_id})
                    return
                row.state, row.reason, row.due_at = move(row.state, NoticeState.SENT), None, None
                row.sent_at = row.dated_at
                kept = DeliveryRecord.of(receipt.reference, receipt.facts)
                row.receipt = self._context.seal_record(row.case_id, row.id, kept)
                await self._record(session, row, EntryKind.LETTER_ENDED)
                await end_alerts_of_letter(session, self._context, notice)
                if row.purpose == Purpose.REFILING and row.sent_at is not None:
                    await renew_clocks(session, notice, row.sent_at, by=row.created_by)
            await tell_it_left(self._database, self._context, receipt)

    async def _later(self, letter_id: str, attempt: int, back: Setback) -> int:
        """Returns how many faults of ours there were in a row."""
        async with self._database.begin() as session:
            row, notice = await self._locked(session, letter_id)
            if row.state != NoticeState.SENDING or row.attempt != attempt:
                return row.faults
            back.count(row)
            waits = await why_letter_waits(session, self._context, notice, row)
            if waits is not None:
                row.state = move(row.state, NoticeState.QUEUED)
                self._wait(row, waits)
                return row.faults
            if back.is_last(row):
                await self._fail(session, notice, row, back.reason)
                return row.faults
            if back.tells_centre(row):
                await alert_about(session, self._context, AlertKind.NOTICE_WAITS, notice, back.reason)
            wait = back.pause(row)
            row.state, row.reason = move(row.state, NoticeState.QUEUED), back.reason
            row.attempt, row.due_at = row.attempt + 1, self._context.now() + wait
            delay = self._context.clock.real_seconds(wait)
            await self._context.enqueue(session, tasks.send_letter(row.id, row.attempt, delay=delay))
            return row.faults

    async def _end(self, letter_id: str, attempt: int, state: NoticeState, reason: str) -> None:
        async with self._database.begin() as session:
            row, notice = await self._locked(session, letter_id)
            if row.state != NoticeState.SENDING or row.attempt != attempt:
                return
            if state is NoticeState.IN_DOUBT:
                await self._doubt(session, notice, row, reason)
                return
            await self._fail(session, notice, row, reason)

    async def _fail(self, session: AsyncSession, notice: Notice, row: Letter, reason: str) -> None:
        row.state, row.reason, row.due_at = move(row.state, NoticeState.FAILED), reason[:64], None
        await self._record(session, row, EntryKind.LETTER_ENDED)
        await end_waiting(session, self._context, notice)
        await alert_about(session, self._context, AlertKind.NOTICE_FAILED, notice, reason[:64])

    async def _doubt(self, session: AsyncSession, notice: Notice, row: Letter, reason: str) -> None:
        row.state, row.reason, row.due_at = move(row.state, NoticeState.IN_DOUBT), reason[:64], None
        await self._record(session, row, EntryKind.LETTER_ENDED)
        await end_waiting(session, self._context, notice)
        await alert_about(session, self._context, AlertKind.NOTICE_IN_DOUBT, notice, reason[:64])

    async def _locked(self, session: AsyncSession, letter_id: str) -> tuple[Letter, Notice]:
        """The letter, under the lock of its notice."""
        notice_id = (await session.scalars(select(Letter.notice_id).where(Letter.id == letter_id))).one()
        notice = await lock_one(session, Notice, notice_id)
        return await session.get_one(Letter, letter_id, populate_existing=True), notice

    async def _lead(self, session: AsyncSession, row: Letter) -> str:
        """Who of the centre that has the case answers for what takes a notice back. Empty: the centre alone signs."""
        case = await session.get_one(Case, row.case_id)
        found = await who_answers(session, case.organisation_id)
        return "" if found is None else found.id

    async def _record(self, session: AsyncSession, row: Letter, kind: EntryKind) -> None:
        facts = {"notice": row.notice_id, "letter": row.id, "number": row.number, "state": row.state}
        await self._context.record(session, row.case_id, kind, **facts, attempt=row.attempt, reason=row.reason)

    async def _outgoing(self, session: AsyncSession, notice: Notice, row: Letter) -> Outgoing:
        record = self._context.open_record(NoticeRecord, row.case_id, row.id, row.content)
        sighting = await session.get_one(Sighting, notice.sighting_id)
        source = await session.get_one(Source, sighting.source_id)
        return Outgoing(
            notice_id=notice.id,
            route=notice.route,
            recipient=record.recipient,
            subject=record.subject,
            body=record.body,
            source=source_ref(source),
            post_ids=(sighting.post_id,),
            message_id=row.message_id,
            dated=row.dated_at,
            sender=record.sender,
            reply_to=record.reply_to,
            cites=record.cites,
            attachments=tuple(Attachment(one.name, one.media_type, one.text) for one in record.attachments),
            copy=copy_for(row.attempt, row.reason),
        )
