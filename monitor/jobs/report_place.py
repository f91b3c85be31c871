"""The machine's side of a report about a whole channel: intent, effect and result committed apart, as with notices."""

import logging
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.linking import PlaceReport
from db.models.sources import Source
from db.models.stops import Stop
from db.session import Database
from monitor.actions.place_reports import mark_place_sent, open_place_report, written_now
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryRefused, InDoubt, NotSent, RateLimited, RuleBroken
from monitor.core.leave import asking
from monitor.core.refusals import Refusal
from monitor.delivery.base import Delivery, Outgoing, Receipt
from monitor.delivery.leased import LeasedDelivery
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.setbacks import Setback, setback
from monitor.model.place_reports import TOLD_LATE, PlaceState, move
from monitor.sources.sources import source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)


class PlaceSender:
    """Sends one report once. A death between intent and result leaves it in doubt, and a person decides."""

    def __init__(self, database: Database, context: DomainContext, deliveries: Mapping[str, Delivery]) -> None:
        self._database, self._context, self._deliveries = database, context, deliveries

    async def send(self, report_id: str, attempt: int) -> None:
        """Attempt `attempt` at the report."""
        delivery = self._deliveries.get("telegram_peer")
        if isinstance(delivery, LeasedDelivery):
            async with delivery.turn() as way_out:
                await self._send(way_out, report_id, attempt)
        else:
            await self._send(delivery, report_id, attempt)

    async def _send(self, delivery: Delivery | None, report_id: str, attempt: int) -> None:
        outgoing = await self._intend(report_id, attempt)
        if outgoing is None:
            return

        async def may_leave() -> bool:
            async with self._database.read() as session:
                row = await session.get_one(PlaceReport, report_id)
                return await self._kept_back(session, row) is None

        try:
            if delivery is None:
                raise DeliveryRefused("this way of sending is switched off")
            with asking(may_leave):
                receipt = await delivery.send(outgoing)
        except (RateLimited, NotSent) as error:
            await self._later(report_id, attempt, setback(error))
        except DeliveryRefused as error:
            await self._stop(report_id, attempt, PlaceState.FAILED, error.reason)
        except InDoubt as error:
            await self._stop(report_id, attempt, PlaceState.IN_DOUBT, error.reason)
        else:
            await self._left(report_id, attempt, receipt)

    async def _intend(self, report_id: str, attempt: int) -> Outgoing | None:
        """Commit that this attempt begins; None when it must not."""
        async with self._database.begin() as session:
            row = await lock_one(session, PlaceReport, report_id)
            if row.attempt != attempt:
                return None
            if row.state == PlaceState.SENDING:
                await end_attempt(session, self._context, row, PlaceState.IN_DOUBT, "cut-off-while-sending")
                return None
            if row.state != PlaceState.QUEUED:
                return None
            reason = await self._kept_back(session, row)
            if reason is not None:
                # Nothing sends it again by itself: somebody looks at it and does, once they may.
                row.state, row.reason = move(row.state, PlaceState.PREPARED), reason
                await session.flush()
                await ask_to_look(session, self._context, row, reason)
                return None
            source = await session.get_one(Source, row.source_id)
            row.state, row.dated_at = move(row.state, PlaceState.SENDING), self._context.now()
            record = open_place_report(self._context, row)
            return Outgoing(
                notice_id=row.id,
                route=row.route,
                recipient=source.handle,
                subject="",
                body=record.text,
                source=source_ref(source),
                post_ids=(),
                dated=row.dated_at,
            )

    async def _kept_back(self, session: AsyncSession, row: PlaceReport) -> str | None:
        """Why it may not leave now, as far as it does not: work is stopped, a person with a copy there waits for the
        police, turned out to be a minor or took their consent back, or it would say what is not so any more."""
        if await _stopped(session, row):
            return Refusal.WORK_STOPPED
        try:
            now = await written_now(session, self._context, row)
        except RuleBroken as refused:
            return refused.reason
        return None if now.text == open_place_report(self._context, row).text else Refusal.PLACE_REPORT_CHANGED

    async def _left(self, report_id: str, attempt: int, receipt: Receipt) -> None:
        async with self._database.begin() as session:
            row = await lock_one(session, PlaceReport, report_id)
            if not (_begun(row, attempt) or row.state in TOLD_LATE):
                log.error("a report left that had moved on", extra={"report_id": report_id, "state": row.state})
                return
            if row.state == PlaceState.QUEUED:
                # Taken for lost and sent again: the new attempt must not leave as well.
                row.state = move(row.state, PlaceState.SENDING)
            at = row.dated_at or self._context.now()
            mark_place_sent(self._context, row, receipt.reference or "", dict(receipt.facts), at=at)
            await session.flush()
            await self._context.resolve(session, AlertKind.PLACE_REPORT_WAITS, row.id)
            await self._context.record_installation(
                session, EntryKind.PLACE_REPORT_SENT, report=row.id, route=row.route, left_at=at.isoformat()
            )

    async def _later(self, report_id: str, attempt: int, back: Setback) -> None:
        async with self._database.begin() as session:
            row = await lock_one(session, PlaceReport, report_id)
            if not _begun(row, attempt):
                return
            back.count(row)
            if back.is_last(row):
                await end_attempt(session, self._context, row, PlaceState.FAILED, back.reason)
                return
            if back.tells_centre(row):
                await ask_to_look(session, self._context, row, back.reason)
            row.state, row.reason = move(row.state, PlaceState.QUEUED), back.reason
            delay = self._context.clock.real_seconds(back.pause(row))
            row.attempt += 1
            await self._context.enqueue(session, tasks.report_place(row.id, row.attempt, "telegram", delay=delay))

    async def _stop(self, report_id: str, attempt: int, state: PlaceState, reason: str) -> None:
        async with self._database.begin() as session:
            row = await lock_one(session, PlaceReport, report_id)
            if _begun(row, attempt):
                await end_attempt(session, self._context, row, state, reason)


def _begun(row: PlaceReport, attempt: int) -> bool:
    """Is this attempt still the one under way?"""
    return row.state == PlaceState.SENDING and row.attempt == attempt


async def end_attempt(
    session: AsyncSession, context: DomainContext, row: PlaceReport, state: PlaceState, reason: str
) -> None:
    """It failed, or nobody can know: somebody of its centre is asked to look. Call it with the report locked."""
    row.state, row.reason = move(row.state, state), reason[:64]
    await session.flush()
    kind = EntryKind.PLACE_REPORT_IN_DOUBT if state is PlaceState.IN_DOUBT else EntryKind.PLACE_REPORT_FAILED
    await ask_to_look(session, context, row, reason[:64])
    await context.record_installation(session, kind, report=row.id, reason=reason)


async def ask_to_look(session: AsyncSession, context: DomainContext, row: PlaceReport, reason: str) -> None:
    """It waits for somebody of its centre, until it is sent, settled or withdrawn."""
    await context.alert(session, AlertKind.PLACE_REPORT_WAITS, row.id, reason, organisation_id=row.organisation_id)


async def _stopped(session: AsyncSession, row: PlaceReport) -> bool:
    """Whether all work, the organisation's, or that of whoever had it sent is stopped."""
    theirs = [("all", ""), ("organisation", row.organisation_id), ("advocate", row.sent_by or row.created_by)]
    query = select(Stop.scope, Stop.subject).where(Stop.ended_at.is_(None))
    stopped = {(scope, subject) for scope, subject in await session.execute(query)}
    return any(one in stopped for one in theirs)
