"""The verify job: is it gone? Checks posts that were notified and writes receipts."""

import asyncio
import logging
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import consents
from db.queries.stops import why_paused
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.checked_copy import as_decided, keep_check, mirror, state_of, told_of, undecided_at, write_receipt
from monitor.jobs.post_check import Checked, CheckWanted, PostCheck
from monitor.model.notice_states import FOLLOWED, NoticeState
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import CaseState, Purpose
from monitor.notices.ending import be_seen, end_notice, end_notices
from monitor.notices.outcomes import alert_about
from monitor.notices.platform_calls import CallEvent, call_platforms
from monitor.notices.removal_rules import GONE, CheckOutcome, OutcomeKind, is_seen, judge_check
from monitor.notices.sending import is_closed
from monitor.platforms.base import Presence
from monitor.platforms.second_view import SecondView
from monitor.sightings.following import CAME_BACK, be_removed
from monitor.sightings.observations import forget_text
from monitor.sightings.replaced import keep_as_same_item
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from monitor.sources.sources import locked, source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)

_ASK_AGAIN = timedelta(hours=24)
"""When nobody consents to follow: how long until the question whether to check comes up again."""
_GIVE_UP_ASKING = timedelta(days=30)


class FollowUp:
    """Checks reported copies. It may run again after a death: each check counts once."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        accounts: Accounts,
        reader: MediaReader,
        second_view: SecondView | None = None,
    ) -> None:
        """`reader` reads what stands in a picture's place, in memory; `second_view` looks without the account."""
        self._database, self._context = database, context
        self._check = PostCheck(database, context, accounts, reader, second_view)

    async def verify(self, notice_id: str, number: int) -> None:
        """Make check `number` of the post of a notice. What follows is enqueued together with the result."""
        wanted = await self._prepare(notice_id, number)
        if wanted is None:
            return
        checked = await self._check.check(wanted.ref.platform, partial(self._prepare, notice_id, number))
        if checked is None:
            return
        # Before the transactions: nothing waits for the key store while rows are locked.
        context = await asyncio.to_thread(self._context.holding, [wanted.case_id])
        if checked.status.presence in GONE or checked.same is not None or checked.like or checked.found:
            checked = await mirror(self._database, context, wanted, checked)
        async with self._database.begin() as session:
            if checked.status.presence in GONE or checked.same is not None:
                # A crawl that finds something at this post is waited for, or waits: no receipt passes it by.
                await locked(session, wanted.source_id)
            # The copy before its notices, as an advocate's decision does: else each could wait for the other.
            copy = select(Sighting).join(Notice, Notice.sighting_id == Sighting.id).where(Notice.id == notice_id)
            (sighting,) = await lock_rows(session, copy)
            # All of them, since what ends one ends the others.
            about = await lock_rows(session, select(Notice).where(Notice.sighting_id == sighting.id))
            notice = next(one for one in about if one.id == notice_id)
            if notice.state not in FOLLOWED or notice.look >= number or notice.sent_at is None:
                return
            if checked.same is not None and checked.same.hashed is not None and sighting.media_id == wanted.media_id:
                one = checked.same
                await keep_as_same_item(session, context, sighting, one.post, one.media, checked.same.hashed)
            await self._judge(session, context, notice, sighting, await as_decided(session, sighting, checked))

    async def _prepare(self, notice_id: str, number: int) -> CheckWanted | None:
        """What to check; None when nothing may or need be checked."""
        async with self._database.begin() as session:
            notice = await lock_one(session, Notice, notice_id)
            await self._context.resolve(session, AlertKind.WORK_STRANDED, notice_id)  # it goes on
            if notice.state not in FOLLOWED or notice.look >= number:
                return None
            sighting = await session.get_one(Sighting, notice.sighting_id)
            if sighting.removed_at is not None:
                # It was seen gone while this one was leaving.
                await end_notice(session, self._context, notice)
                return None
            case = await session.get_one(Case, notice.case_id)
            if case.state != CaseState.VOUCHED:
                notice.due_at = None
                return None
            paused = await why_paused(session, notice.case_id)
            if paused is not None:
                # It keeps its due time: the sweeper asks for the check when work goes on.
                notice.reason = paused
                return None
            asked = {"case_id": notice.case_id, "source_id": sighting.source_id, "purpose": Purpose.FOLLOW}
            if not await consents(session, **asked, now=self._context.now()):
                await self._ask_again(session, notice, number)
                return None
            source = await session.get_one(Source, sighting.source_id)
        opened = partial(self._context.open_record, SightingRecord, case.id, sighting.id, sighting.evidence)
        return CheckWanted(
            ref=source_ref(source),
            case_id=case.id,
            source_id=source.id,
            post_id=sighting.post_id,
            media_id=sighting.media_id,
            kind=sighting.kind,
            evidence=await asyncio.to_thread(opened),
            matched=sighting.fingerprint_id,
        )

    async def _ask_again(self, session: AsyncSession, notice: Notice, number: int) -> None:
        """No consent to check: nothing is read, and the question returns later in case one is given."""
        now = self._context.now()
        notice.look, notice.reason, notice.due_at = number, Refusal.NO_CONSENT_TO_FOLLOW, None
        late = notice.deadline_at is not None and now >= notice.deadline_at
        if late and not await is_closed(session, notice.sighting_id):
            await alert_about(session, self._context, AlertKind.CANNOT_VERIFY, notice, notice.reason)
        if notice.sent_at is not None and now - notice.sent_at < _GIVE_UP_ASKING:
            notice.due_at = now + _ASK_AGAIN
            await self._enqueue_check(session, notice)

    async def _judge(
        self, session: AsyncSession, context: DomainContext, notice: Notice, sighting: Sighting, checked: Checked
    ) -> None:
        now = context.now()
        if notice.sent_at is None:
            return
        outcome = judge_check(
            state_of(sighting, lapsed=notice.state == NoticeState.LAPSED),
            checked.status.presence,
            now,
            sent_at=notice.sent_at,
            deadline=notice.deadline_at,
            undecided=await undecided_at(session, sighting),
        )
        first_gone = sighting.gone_since
        keep_check(context, sighting, outcome.state, checked)
        notice.look += 1
        if notice.reason == CAME_BACK:
            # It is listed for its recipient again. Here, since the room that saw the copy come back knows no platforms.
            await call_platforms(session, context, notice, CallEvent.SENT)
        notice.reason = outcome.reason.value
        told = told_of(checked) | {"outcome": outcome.kind}
        await context.record(session, notice.case_id, EntryKind.LOOKED, notice=notice.id, sighting=sighting.id, **told)
        await self._follow(session, context, notice, sighting, checked, outcome)
        if checked.status.presence is Presence.DELETED:
            await forget_text(session, context, sighting)
        if outcome.kind is OutcomeKind.REMOVED and first_gone is not None:
            await write_receipt(session, context, sighting, sent_at=notice.sent_at, notice_id=notice.id)
        log.info("post checked", extra={"notice_id": notice.id, "check": notice.look, "outcome": outcome.kind.value})

    async def _follow(
        self,
        session: AsyncSession,
        context: DomainContext,
        notice: Notice,
        sighting: Sighting,
        checked: Checked,
        outcome: CheckOutcome,
    ) -> None:
        if outcome.kind is OutcomeKind.REMOVED:
            await be_removed(session, context, sighting)
            await end_notices(session, context, sighting)
            return
        if outcome.kind is OutcomeKind.LAPSED:
            await context.enqueue(session, tasks.escalate(notice.id, notice.look))
        if is_seen(checked.status.presence):
            await be_seen(session, context, sighting)
        if outcome.alert and not await is_closed(session, sighting.id):
            await alert_about(session, context, AlertKind.CANNOT_VERIFY, notice, outcome.reason.value)
        notice.due_at = outcome.at
        await self._enqueue_check(session, notice)

    async def _enqueue_check(self, session: AsyncSession, notice: Notice) -> None:
        if notice.due_at is None:
            return
        delay = self._context.clock.real_seconds(notice.due_at - self._context.now())
        await self._context.enqueue(session, tasks.verify(notice.id, notice.look + 1, delay=delay))
