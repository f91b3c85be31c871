"""The verify job: is it gone? Checks posts that were notified and writes receipts."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.notices import Notice, RemovalReceipt
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import consents, fingerprints_with
from db.queries.stops import why_paused
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.forgetting import forget_posts
from monitor.jobs.post_check import Checked, CheckWanted, PostCheck, unknown
from monitor.model.notice_states import FOLLOWED, NoticeState, move
from monitor.model.records.check import CheckRecord
from monitor.model.records.receipts import RemovalRecord, RemovalText
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import CaseState, Dismissal, Purpose, SightingState
from monitor.notices.outcomes import alert_about
from monitor.notices.receipts import removal_receipt
from monitor.notices.removal_rules import GONE, CheckOutcome, FollowState, OutcomeKind, judge_check
from monitor.platforms.base import PostStatus, Presence
from monitor.sightings.facts import copy_facts
from monitor.sightings.observations import forget_text
from monitor.sightings.rate_gate import write_matches
from monitor.sightings.record import Unmatched, write_sighting
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

    def __init__(self, database: Database, context: DomainContext, accounts: Accounts, reader: MediaReader) -> None:
        """`reader` reads what stands in a picture's place, in memory."""
        self._database, self._context = database, context
        self._check = PostCheck(database, context, accounts, reader)

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
            checked = await self._mirror(context, wanted, checked)
        async with self._database.begin() as session:
            if checked.status.presence in GONE or checked.same is not None:
                # A crawl that finds something at this post is waited for, or waits: no receipt passes it by.
                await locked(session, wanted.source_id)
            # The copy before its notices, as an advocate's decision does: else each could wait for the other.
            copy = select(Sighting).join(Notice, Notice.sighting_id == Sighting.id).where(Notice.id == notice_id)
            (sighting,) = await lock_rows(session, copy)
            notice = await lock_one(session, Notice, notice_id)
            if notice.state not in FOLLOWED or notice.look >= number or notice.sent_at is None:
                return
            if checked.same is not None and checked.same.hashed is not None and sighting.media_id == wanted.media_id:
                one = checked.same
                await keep_as_same_item(session, context, sighting, one.post, one.media, checked.same.hashed)
            await self._judge(session, context, notice, sighting, await self._decided(session, sighting, checked))

    async def _mirror(self, context: DomainContext, wanted: CheckWanted, checked: Checked) -> Checked:
        """What is kept of a deleted post goes too; of one that was edited, what it no longer shows.

        What stands there now and is, or may be, the person's becomes a sighting. In a transaction of its own: it locks
        the source, which comes before the copy. Returns what may still be said: a fingerprint that was removed
        meanwhile tells nothing, so the next check asks again.
        """
        now = context.now()
        async with self._database.begin() as session:
            await locked(session, wanted.source_id)
            standing = checked.status.media_ids
            if any(row.removed_at is not None for row in await fingerprints_with(session, sorted(checked.by))):
                checked = replace(unknown("changed-meanwhile"), found=checked.found)
            await forget_posts(
                session, wanted.source_id, [wanted.post_id], now=now, case_id=wanted.case_id, standing=standing
            )
            # Read inside the transaction: for whoever withdrew meanwhile nothing more is written.
            asked = partial(consents, session, case_id=wanted.case_id, source_id=wanted.source_id, now=now)
            if checked.found and await asked(purpose=Purpose.WATCH):
                await write_matches(session, context, wanted.source_id, checked.found)
            follows = await asked(purpose=Purpose.FOLLOW)
            for one, how in checked.like:
                if follows and one.hashed is not None:
                    match = Unmatched(wanted.case_id, wanted.kind, how=how)
                    post = replace(one.post, id=wanted.post_id)
                    await write_sighting(session, context, wanted.source_id, post, one.media, one.hashed, match)
        return checked

    async def _decided(self, session: AsyncSession, sighting: Sighting, checked: Checked) -> PostStatus:
        """What an advocate says about the media in the picture's place: confirmed, it is the same picture, changed."""
        mine = (
            Sighting.case_id == sighting.case_id,
            Sighting.source_id == sighting.source_id,
            Sighting.post_id == sighting.post_id,
            Sighting.media_id.in_([one.media.id for one, _ in checked.like]),
        )
        declined = Sighting.dismissal == Dismissal.PERSON_DECLINED
        query = select(Sighting.id).where(*mine, (Sighting.state == SightingState.CONFIRMED) | declined).limit(1)
        if checked.status.presence is Presence.REPLACED and checked.like and await session.scalar(query) is not None:
            return replace(checked.status, presence=Presence.EDITED, reason="changed-picture")
        return checked.status

    async def _prepare(self, notice_id: str, number: int) -> CheckWanted | None:
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
        if notice.deadline_at is not None and now >= notice.deadline_at:
            await alert_about(session, self._context, AlertKind.CANNOT_VERIFY, notice, notice.reason)
        if notice.sent_at is not None and now - notice.sent_at < _GIVE_UP_ASKING:
            notice.due_at = now + _ASK_AGAIN
            await self._enqueue_check(session, notice)

    async def _judge(
        self, session: AsyncSession, context: DomainContext, notice: Notice, sighting: Sighting, status: PostStatus
    ) -> None:
        now = context.now()
        if notice.sent_at is None:
            return
        before = FollowState(
            gone_since=sighting.gone_since,
            gone_checks=sighting.gone_looks,
            checks=sighting.looks,
            lapsed=notice.state == NoticeState.LAPSED,
        )
        outcome = judge_check(
            before,
            status.presence,
            now,
            sent_at=notice.sent_at,
            deadline=notice.deadline_at,
            undecided=await _undecided_at(session, sighting),
        )
        first_gone = before.gone_since
        sighting.presence, sighting.looked_at, sighting.looks = status.presence, now, outcome.state.checks
        sighting.gone_since, sighting.gone_looks = outcome.state.gone_since, outcome.state.gone_checks
        if status.url and status.presence in (Presence.LIVE, Presence.EDITED, Presence.RESTRICTED):
            sighting.last_check = context.seal_record(sighting.case_id, sighting.id, _record_of(status, now))
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
        await self._follow(session, context, notice, sighting, outcome)
        if status.presence is Presence.DELETED:
            await forget_text(session, context, sighting)
        if outcome.kind is OutcomeKind.REMOVED and first_gone is not None:
            await self._write_receipt(session, context, notice, sighting)
        log.info("post checked", extra={"notice_id": notice.id, "check": notice.look, "outcome": outcome.kind.value})

    async def _follow(
        self, session: AsyncSession, context: DomainContext, notice: Notice, sighting: Sighting, outcome: CheckOutcome
    ) -> None:
        if outcome.kind is OutcomeKind.REMOVED:
            sighting.removed_at = context.now()
            notice.state, notice.due_at = move(notice.state, NoticeState.REMOVED), None
            for kind in (AlertKind.CANNOT_VERIFY, AlertKind.SENT_FOR_MINOR, AlertKind.BOUNCE_CLAIMED):
                await context.resolve(session, kind, notice.id)
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

    async def _write_receipt(
        self, session: AsyncSession, context: DomainContext, notice: Notice, sighting: Sighting
    ) -> None:
        now = context.now()
        if sighting.gone_since is None or sighting.presence is None:
            return
        presence = Presence(sighting.presence)
        copy = await copy_facts(session, context, sighting)
        first_gone = sighting.gone_since

        def text(language: str) -> RemovalText:
            said = removal_receipt(
                copy,
                language=language,
                first_gone_at=first_gone,
                second_gone_at=now,
                presence=presence,
                sent_at=notice.sent_at,
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
            gone="post" if presence is Presence.DELETED else "picture",
            presence=presence,
            first_gone_at=sighting.gone_since.isoformat(),
            second_gone_at=now.isoformat(),
        )


async def _undecided_at(session: AsyncSession, sighting: Sighting) -> bool:
    """Does another possible copy at this post wait for an advocate?"""
    query = select(Sighting.id).where(
        Sighting.case_id == sighting.case_id,
        Sighting.source_id == sighting.source_id,
        Sighting.post_id == sighting.post_id,
        Sighting.state == SightingState.OPEN,
        Sighting.id != sighting.id,
    )
    return await session.scalar(query.limit(1)) is not None


def _record_of(status: PostStatus, now: datetime) -> CheckRecord:
    return CheckRecord(
        at=now,
        url=status.url,
        handle=status.handle,
        post_id=status.post_id,
        restricted=status.presence is Presence.RESTRICTED,
        for_all=status.for_all,
    )
