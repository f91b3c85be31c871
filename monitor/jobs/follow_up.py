"""The verify job: is it gone? Checks posts that were notified and writes receipts."""

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.notices import Notice, RemovalReceipt
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import consents
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import PlatformError, SourceUnavailable
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.forgetting import forget_posts
from monitor.model.notice_states import FOLLOWED, NoticeState, move
from monitor.model.records.receipts import RemovalRecord, RemovalText
from monitor.model.states import CaseState, Purpose
from monitor.notices.outcomes import alert_about
from monitor.notices.receipts import removal_receipt
from monitor.notices.removal_rules import CheckOutcome, FollowState, OutcomeKind, judge_check
from monitor.platforms.base import PlatformName, PostStatus, Presence, SourceRef
from monitor.sightings.facts import copy_facts
from monitor.sources.accounts import Accounts
from monitor.sources.sources import locked, source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)

_ASK_AGAIN = timedelta(hours=24)
"""When nobody consents to follow: how long until the question whether to check comes up again."""
_GIVE_UP_ASKING = timedelta(days=30)


class FollowUp:
    """Checks reported copies. It may run again after a death: each check counts once."""

    def __init__(self, database: Database, context: DomainContext, accounts: Accounts) -> None:
        self._database, self._context, self._accounts = database, context, accounts

    async def verify(self, notice_id: str, number: int) -> None:
        """Make check `number` of the post of a notice. What follows is enqueued together with the result."""
        wanted = await self._prepare(notice_id, number)
        status = None if wanted is None else await self._check(wanted[0].platform, notice_id, number)
        if status is None:
            return
        if status.presence is Presence.DELETED:
            await self._mirror(notice_id, status)
        async with self._database.begin() as session:
            # The copy before its notices, as an advocate's decision does: else each could wait for the other.
            copy = select(Sighting).join(Notice, Notice.sighting_id == Sighting.id).where(Notice.id == notice_id)
            (sighting,) = await lock_rows(session, copy)
            notice = await lock_one(session, Notice, notice_id)
            if notice.state not in FOLLOWED or notice.look >= number or notice.sent_at is None:
                return
            await self._judge(session, notice, sighting, status)

    async def _mirror(self, notice_id: str, status: PostStatus) -> None:
        """What is kept of a deleted post goes too; of one that was edited, what it no longer shows.

        In a transaction of its own: it locks the source, which comes before the copy.
        """
        async with self._database.begin() as session:
            query = select(Sighting).join(Notice, Notice.sighting_id == Sighting.id).where(Notice.id == notice_id)
            sighting = (await session.scalars(query)).one()
            await locked(session, sighting.source_id)
            await forget_posts(
                session,
                sighting.source_id,
                [sighting.post_id],
                now=self._context.now(),
                case_id=sighting.case_id,
                standing=status.media_ids,
            )

    async def _prepare(self, notice_id: str, number: int) -> tuple[SourceRef, str, str] | None:
        """What to check; None when nothing may or need be checked."""
        async with self._database.begin() as session:
            notice = await lock_one(session, Notice, notice_id)
            if notice.state not in FOLLOWED or notice.look >= number:
                return None
            sighting = await session.get_one(Sighting, notice.sighting_id)
            if sighting.removed_at is not None:
                # Another notice about the same copy has seen it gone.
                notice.state, notice.due_at = move(notice.state, NoticeState.REMOVED), None
                return None
            case = await session.get_one(Case, notice.case_id)
            if case.state != CaseState.VOUCHED:
                notice.due_at = None
                return None
            asked = {"case_id": notice.case_id, "source_id": sighting.source_id, "purpose": Purpose.FOLLOW}
            if not await consents(session, **asked, now=self._context.now()):
                await self._ask_again(session, notice, number)
                return None
            source = await session.get_one(Source, sighting.source_id)
            return source_ref(source), sighting.post_id, sighting.media_id

    async def _ask_again(self, session: AsyncSession, notice: Notice, number: int) -> None:
        """No consent to check: nothing is read, and the question returns later in case one is given."""
        now = self._context.now()
        notice.look, notice.reason, notice.due_at = number, Refusal.NO_CONSENT_TO_FOLLOW, None
        if notice.deadline_at is not None and now >= notice.deadline_at:
            await alert_about(session, self._context, AlertKind.CANNOT_VERIFY, notice, notice.reason)
        if notice.sent_at is not None and now - notice.sent_at < _GIVE_UP_ASKING:
            notice.due_at = now + _ASK_AGAIN
            await self._enqueue_check(session, notice)

    async def _check(self, platform: PlatformName, notice_id: str, number: int) -> PostStatus | None:
        """One check; whatever goes wrong is UNKNOWN, never gone."""
        try:
            async with self._accounts.use(platform) as adapter:
                # Asked again now that the account is free: a consent may have been withdrawn while others had it.
                wanted = await self._prepare(notice_id, number)
                if wanted is None:
                    return None
                ref, post_id, media_id = wanted
                return await adapter.post_status(ref, post_id, (media_id,))
        except SourceUnavailable as error:
            return PostStatus(Presence.UNKNOWN, f"source-{error.reason}")
        except PlatformError as error:
            return PostStatus(Presence.UNKNOWN, type(error).__name__)

    async def _judge(self, session: AsyncSession, notice: Notice, sighting: Sighting, status: PostStatus) -> None:
        context, now = self._context, self._context.now()
        if notice.sent_at is None:
            return
        before = FollowState(
            gone_since=sighting.gone_since,
            gone_checks=sighting.gone_looks,
            checks=sighting.looks,
            lapsed=notice.state == NoticeState.LAPSED,
        )
        outcome = judge_check(before, status.presence, now, sent_at=notice.sent_at, deadline=notice.deadline_at)
        first_gone = before.gone_since
        sighting.presence, sighting.looked_at, sighting.looks = status.presence, now, outcome.state.checks
        sighting.gone_since, sighting.gone_looks = outcome.state.gone_since, outcome.state.gone_checks
        notice.look += 1
        notice.reason = outcome.reason.value
        await context.record(
            session,
            notice.case_id,
            EntryKind.LOOKED,
            notice=notice.id,
            sighting=sighting.id,
            presence=status.presence,
            reason=status.reason,
            outcome=outcome.kind,
            response_sha256=status.response_sha256,
        )
        await self._follow(session, notice, sighting, outcome)
        if outcome.kind is OutcomeKind.REMOVED and first_gone is not None:
            await self._write_receipt(session, notice, sighting)
        log.info("post checked", extra={"notice_id": notice.id, "check": notice.look, "outcome": outcome.kind.value})

    async def _follow(self, session: AsyncSession, notice: Notice, sighting: Sighting, outcome: CheckOutcome) -> None:
        context = self._context
        if outcome.kind is OutcomeKind.REMOVED:
            sighting.removed_at = context.now()
            notice.state, notice.due_at = move(notice.state, NoticeState.REMOVED), None
            await context.resolve(session, AlertKind.CANNOT_VERIFY, notice.id)
            return
        if outcome.kind is OutcomeKind.LAPSED:
            await context.enqueue(session, tasks.escalate(notice.id, notice.look))
        if outcome.alert:
            await alert_about(session, context, AlertKind.CANNOT_VERIFY, notice, outcome.reason.value)
        notice.due_at = outcome.at
        await self._enqueue_check(session, notice)

    async def _enqueue_check(self, session: AsyncSession, notice: Notice) -> None:
        if notice.due_at is None:
            return
        delay = self._context.clock.real_seconds(notice.due_at - self._context.now())
        await self._context.enqueue(session, tasks.verify(notice.id, notice.look + 1, delay=delay))

    async def _write_receipt(self, session: AsyncSession, notice: Notice, sighting: Sighting) -> None:
        context, now = self._context, self._context.now()
        if sighting.gone_since is None:
            return
        copy = await copy_facts(session, context, sighting)
        first_gone = sighting.gone_since

        def text(language: str) -> RemovalText:
            said = removal_receipt(
                copy, language=language, first_gone_at=first_gone, second_gone_at=now, sent_at=notice.sent_at
            )
            return RemovalText(subject=said.subject, body=said.body)

        record = RemovalRecord(ko=text("ko"), en=text("en"))
        await insert_unless_there(
            session,
            RemovalReceipt,
            sighting_id=sighting.id,
            case_id=sighting.case_id,
            content=context.seal_record(sighting.case_id, sighting.id, record),
            written_at=now,
        )
        await context.record(
            session,
            sighting.case_id,
            EntryKind.REMOVAL_VERIFIED,
            sighting=sighting.id,
            notice=notice.id,
            first_gone_at=sighting.gone_since.isoformat(),
            second_gone_at=now.isoformat(),
        )
