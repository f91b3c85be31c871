"""The follow job: every confirmed copy that consent covers is looked at, whether or not a notice of ours is out.

While a notice follows the copy, the copy's own turn leaves it to that notice. When the notice ends, or there never was
one, the copy goes on by itself, by the same schedule; and after its receipt it is looked at to see whether it is back.
"""

import asyncio
import logging
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.copies import CopyClosing
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import consents
from db.queries.stops import why_paused
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.checked_copy import as_decided, keep_check, mirror, state_of, told_of, undecided_at, write_receipt
from monitor.jobs.post_check import Checked, CheckWanted, PostCheck
from monitor.model.copies import Closing
from monitor.model.following import look_after_receipt
from monitor.model.notice_states import FOLLOWED
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import CaseState, Purpose, SightingState
from monitor.notices.deadlines import scheduled_check
from monitor.notices.ending import be_seen, end_notices
from monitor.notices.removal_rules import GONE, OutcomeKind, is_back, is_seen, judge_check
from monitor.platforms.base import Presence
from monitor.platforms.second_view import SecondView
from monitor.sightings.following import be_removed, come_back, follow_at
from monitor.sightings.observations import forget_text
from monitor.sightings.replaced import keep_as_same_item
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from monitor.sources.sources import locked, source_ref

log = logging.getLogger(__name__)


class CopyFollowUp:
    """Checks confirmed copies. It may run again after a death: each check counts once."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        accounts: Accounts,
        reader: MediaReader,
        second_view: SecondView | None = None,
    ) -> None:
        """See FollowUp."""
        self._database, self._context = database, context
        self._check = PostCheck(database, context, accounts, reader, second_view)

    async def follow(self, sighting_id: str, number: int) -> None:
        """Make the copy's own check `number`. What follows is enqueued together with the result."""
        wanted = await self._prepare(sighting_id, number)
        if wanted is None:
            return
        checked = await self._check.check(wanted.ref.platform, partial(self._prepare, sighting_id, number))
        if checked is None:
            return
        # Before the transactions: nothing waits for the key store while rows are locked.
        context = await asyncio.to_thread(self._context.holding, [wanted.case_id])
        if checked.status.presence in GONE or checked.same is not None or checked.like or checked.found:
            checked = await mirror(self._database, context, wanted, checked)
        async with self._database.begin() as session:
            if checked.status.presence in GONE or checked.same is not None:
                await locked(session, wanted.source_id)
            sighting = await lock_one(session, Sighting, sighting_id)
            await lock_rows(session, select(Notice).where(Notice.sighting_id == sighting_id))
            if sighting.follow_look >= number or sighting.state != SightingState.CONFIRMED:
                return
            checked = await as_decided(session, sighting, checked)
            sighting.follow_look = number
            if sighting.removed_at is None:
                await self._same_item(session, context, sighting, wanted, checked)
                await self._judge(session, context, sighting, checked)
            else:
                await self._after_receipt(session, context, sighting, wanted, checked, sighting.removed_at)
        log.info("copy checked", extra={"sighting_id": sighting_id, "check": number})

    async def _prepare(self, sighting_id: str, number: int) -> CheckWanted | None:
        """What to check; None when nothing may or need be checked: then the copy's next turn is set."""
        async with self._database.begin() as session:
            sighting = await lock_one(session, Sighting, sighting_id)
            if sighting.follow_look >= number:
                return None
            if sighting.state != SightingState.CONFIRMED:
                sighting.follow_due_at = None  # the decision was taken back; another one begins anew
                return None
            case = await session.get_one(Case, sighting.case_id)
            if case.state == CaseState.ERASED:
                sighting.follow_due_at = None
                return None
            if await why_paused(session, case.id) is not None:
                return None  # it keeps its due time: the sweeper asks for the check when work goes on
            asked = {"case_id": case.id, "source_id": sighting.source_id, "purpose": Purpose.FOLLOW}
            mistake = await session.get(CopyClosing, sighting_id)
            if mistake is not None and mistake.reason == Closing.BY_MISTAKE:
                await self._skip(session, sighting, number)  # nobody's picture to follow, unless it is opened again
                return None
            may = case.state == CaseState.VOUCHED and await consents(session, **asked, now=self._context.now())
            if not may or (sighting.removed_at is None and await _notice_follows(session, sighting_id)):
                await self._skip(session, sighting, number)
                return None
            source = await session.get_one(Source, sighting.source_id)
        opened = partial(self._context.open_record, SightingRecord, case.id, sighting.id, sighting.evidence)
        try:
            evidence = await asyncio.to_thread(opened)
        except JikimiError as error:  # a key that is lost, say: it costs this copy's turn, and no loop of the sweeper
            log.error("copy not checked", extra={"sighting_id": sighting_id, "reason": type(error).__name__})
            async with self._database.begin() as session:
                await self._skip(session, await lock_one(session, Sighting, sighting_id), number)
            return None
        return CheckWanted(
            ref=source_ref(source),
            case_id=case.id,
            source_id=source.id,
            post_id=sighting.post_id,
            media_id=sighting.media_id,
            kind=sighting.kind,
            evidence=evidence,
            matched=sighting.fingerprint_id,
        )

    async def _skip(self, session: AsyncSession, sighting: Sighting, number: int) -> None:
        """Nothing is read this time; the question returns at the next turn, in case it may be read then."""
        sighting.follow_look = max(sighting.follow_look, number)
        await follow_at(session, self._context, sighting, self._next(sighting))

    def _next(self, sighting: Sighting) -> datetime | None:
        """The copy's next turn by its schedule."""
        now = self._context.now()
        if sighting.removed_at is not None:
            return look_after_receipt(sighting.removed_at, now)
        return scheduled_check(_since(sighting), now)

    async def _same_item(
        self,
        session: AsyncSession,
        context: DomainContext,
        sighting: Sighting,
        wanted: CheckWanted,
        checked: Checked,
    ) -> None:
        """The picture was put there anew: the copy goes on under its new id."""
        one = checked.same
        if one is not None and one.hashed is not None and sighting.media_id == wanted.media_id:
            await keep_as_same_item(session, context, sighting, one.post, one.media, one.hashed)

    async def _judge(self, session: AsyncSession, context: DomainContext, sighting: Sighting, checked: Checked) -> None:
        outcome = judge_check(
            state_of(sighting),
            checked.status.presence,
            context.now(),
            sent_at=_since(sighting),
            deadline=None,
            undecided=await undecided_at(session, sighting),
        )
        keep_check(context, sighting, outcome.state, checked)
        await self._note(session, context, sighting, checked, outcome.kind)
        if is_seen(checked.status.presence):
            await be_seen(session, context, sighting)
        if outcome.kind is not OutcomeKind.REMOVED:
            await follow_at(session, context, sighting, outcome.at)
            return
        await be_removed(session, context, sighting)
        # Those whose own checks had ended: what they asked for has happened.
        notices = await end_notices(session, context, sighting)
        sent_at, notice_id = (notices[0].sent_at, notices[0].id) if notices else (None, None)
        await write_receipt(session, context, sighting, sent_at=sent_at, notice_id=notice_id)

    async def _after_receipt(
        self,
        session: AsyncSession,
        context: DomainContext,
        sighting: Sighting,
        wanted: CheckWanted,
        checked: Checked,
        removed_at: datetime,
    ) -> None:
        """Is it back? An error says nothing, and neither does what cannot be seen."""
        back = is_back(checked.status.presence)
        await self._note(session, context, sighting, checked, "back" if back else "still-gone")
        sighting.looked_at = context.now()
        sighting.second_view = None if checked.second is None else checked.second.sight.value
        if not back:
            await follow_at(session, context, sighting, look_after_receipt(removed_at, context.now()))
            return
        await come_back(session, context, sighting, checked.status.presence)
        keep_check(context, sighting, state_of(sighting), checked)
        await self._same_item(session, context, sighting, wanted, checked)

    async def _note(
        self, session: AsyncSession, context: DomainContext, sighting: Sighting, checked: Checked, outcome: str
    ) -> None:
        told = told_of(checked) | {"outcome": outcome}
        await context.record(session, sighting.case_id, EntryKind.LOOKED, notice=None, sighting=sighting.id, **told)
        if checked.status.presence is Presence.DELETED:
            await forget_text(session, context, sighting)


def _since(sighting: Sighting) -> datetime:
    """From when the copy's schedule counts: when it came back, else when it was confirmed."""
    return sighting.came_back_at or sighting.decided_at or sighting.found_at


async def _notice_follows(session: AsyncSession, sighting_id: str) -> bool:
    """Does a notice check this copy by itself? Then nothing is asked twice."""
    query = select(Notice.id).where(Notice.sighting_id == sighting_id, Notice.state.in_(FOLLOWED))
    return await session.scalar(query.where(Notice.due_at.is_not(None)).limit(1)) is not None
