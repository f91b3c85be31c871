"""Preserve before notifying: how a post stands when a notice about it is about to leave, and its largest form hashed.

Nothing waits for it but for some seconds: a platform that gives no answer is written down as such, and the notice
leaves. The bytes of the largest form are hashed in memory and dropped.
"""

import asyncio
import hashlib
import logging
import time
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import consents, was_withdrawn
from db.queries.stops import why_paused
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import (
    JikimiError,
    NotInspected,
    PlatformError,
    PlatformFault,
    RateLimited,
    SourceUnavailable,
    WorkStopped,
)
from monitor.core.leave import asking
from monitor.model.notice_states import NoticeState
from monitor.model.records.observation import ObservationRecord
from monitor.model.records.observed import LargestPart, ObservedPart
from monitor.model.states import CaseState, Purpose, SightingState
from monitor.platforms.base import Media, MediaKind, Platform, PlatformName, Post, SourceRef
from monitor.sightings.observations import GONE, OBSERVED, forget_text, observed_lately, write_observation
from monitor.sources.accounts import Accounts
from monitor.sources.names import resolved
from monitor.sources.sources import source_ref

log = logging.getLogger(__name__)

MOST_SECONDS = 45.0
"""Real seconds that a notice waits for its post to be observed, the turn at the account among them."""
REST_SECONDS = 300.0
"""Real seconds in which a platform that gave no answer is not asked again: the next notices do not wait for it."""
_BEFORE = frozenset({NoticeState.QUEUED, NoticeState.PREPARED, NoticeState.HELD})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to observe."""

    case_id: str
    source: Source
    post_id: str
    media_id: str


@dataclass(slots=True)
class _Seen:
    """What was seen until now: an error on the way takes nothing back."""

    outcome: str = "no-answer"
    post: Post | None = field(default=None, repr=False)
    largest: LargestPart | None = None


class Observer:
    """Observes posts before notices."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        accounts: Accounts,
        *,
        max_bytes: int,
        most_seconds: float = MOST_SECONDS,
    ) -> None:
        """`max_bytes`: of the largest form. A larger one is recorded as not hashed."""
        self._database, self._context, self._accounts = database, context, accounts
        self._max_bytes, self._most_seconds = max_bytes, most_seconds
        self._rests_until: dict[str, float] = {}

    async def observe(self, sighting_id: str, notice_id: str) -> None:
        """Observe the post of a copy and write down what came of it. It never raises for what a platform does.

        `notice_id`: of the notice that is about to leave; empty where a person tells of the copy by a way of their own.
        """
        wanted = await self._wanted(sighting_id, notice_id)
        if wanted is None:
            return
        seen = _Seen()
        if isinstance(wanted, str):
            seen.outcome = wanted
            await self._write(sighting_id, notice_id, seen)
            return
        try:
            async with asyncio.timeout(self._most_seconds):
                await self._look(wanted, sighting_id, seen)
        except TimeoutError:
            self._rest(wanted.source.platform)
            if seen.post is None:
                seen.outcome = "no-answer"
        except WorkStopped:
            return  # the notice does not leave either
        except PlatformError as error:
            seen.outcome = _code_of(error) if seen.post is None else seen.outcome
            if isinstance(error, PlatformFault):
                self._rest(wanted.source.platform)
        await self._write(sighting_id, notice_id, seen)

    def _rest(self, platform: str) -> None:
        self._rests_until[platform] = time.monotonic() + REST_SECONDS

    async def _wanted(self, sighting_id: str, notice_id: str) -> _Wanted | str | None:
        """What to observe; a code where it must not or cannot be; None where there is nothing to do."""
        async with self._database.read() as session:
            sighting = await session.get(Sighting, sighting_id)
            notice = await session.get(Notice, notice_id) if notice_id else None
            if sighting is None or (notice_id and (notice is None or notice.state not in _BEFORE)):
                return None
            case = await session.get_one(Case, sighting.case_id)
            open_case = case.state == CaseState.VOUCHED and sighting.state == SightingState.CONFIRMED
            if not open_case or await why_paused(session, case.id) is not None:
                return None
            if await observed_lately(session, self._context, sighting_id):
                return None
            if not await self._may_read(session, sighting):
                return "no-consent"
            source = await session.get_one(Source, sighting.source_id)
        if source.platform not in self._context.accounts:
            return "platform-off"
        if time.monotonic() < self._rests_until.get(source.platform, 0.0):
            return "no-answer-lately"
        return _Wanted(case.id, source, sighting.post_id, sighting.media_id)

    async def _may_read(self, session: AsyncSession, sighting: Sighting) -> bool:
        """By a live consent to the source; or the person entered this very link, and took nothing back since."""
        case_id, source_id, now = sighting.case_id, sighting.source_id, self._context.now()
        for purpose in (Purpose.WATCH, Purpose.FOLLOW):
            if await consents(session, case_id=case_id, source_id=source_id, purpose=purpose, now=now):
                return True
        withdrawn = await was_withdrawn(session, case_id=case_id, source_id=source_id, now=now)
        return sighting.fingerprint_id is None and not withdrawn

    async def _may_go_on(self, sighting_id: str) -> bool:
        """Asked before each request: a consent may be taken back, or work stopped, at any moment."""
        async with self._database.read() as session:
            sighting = await session.get_one(Sighting, sighting_id)
            if await why_paused(session, sighting.case_id) is not None:
                return False
            return await self._may_read(session, sighting)

    async def _look(self, wanted: _Wanted, sighting_id: str, seen: _Seen) -> None:
        async def may() -> bool:
            return await self._may_go_on(sighting_id)

        async with self._accounts.use(PlatformName(wanted.source.platform)) as adapter:
            with asking(may):
                ref = await self._known(wanted.source, adapter)
                post = await adapter.post(ref, wanted.post_id)
                seen.outcome, seen.post = (GONE, None) if post is None else (OBSERVED, post)
                media = next((one for one in post.media if one.id == wanted.media_id), None) if post else None
                if media is not None:
                    # Begun before it is read, so that a time-out on the way says so.
                    form = media.largest or media
                    seen.largest = LargestPart(variant=form.variant, size=form.size, reason="no-answer")
                    seen.largest = await self._largest(adapter, form)

    async def _known(self, source: Source, adapter: Platform) -> SourceRef:
        """The source as this account knows it."""
        if source.remote_id is None or source.account is None:
            return source_ref(source)
        return await resolved(self._database, source, adapter, self._context.now())

    async def _largest(self, adapter: Platform, form: Media) -> LargestPart:
        """The hash of the form of most detail. Its bytes are dropped here."""
        if form.kind is MediaKind.UNSUPPORTED:
            return LargestPart(variant=form.variant, reason=form.unread)
        try:
            data = await adapter.read(form, max_bytes=self._max_bytes)
        except NotInspected as error:
            return LargestPart(variant=form.variant, size=form.size, reason=error.reason)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        return LargestPart(variant=form.variant, size=len(data), sha256=digest)

    async def _write(self, sighting_id: str, notice_id: str, seen: _Seen) -> None:
        async with self._database.read() as session:
            case_id = (await session.get_one(Sighting, sighting_id)).case_id
        # Before the transaction: nothing waits for the key store while rows are locked.
        context = await asyncio.to_thread(self._context.holding, [case_id])
        async with self._database.begin() as session:
            sighting = await lock_one(session, Sighting, sighting_id)
            if seen.outcome == GONE:
                await forget_text(session, context, sighting)
            record = None
            if seen.post is not None:
                platform = (await session.get_one(Source, sighting.source_id)).platform
                collector = context.accounts.get(platform, platform)
                part = ObservedPart.of(seen.post, at=context.now(), collector=collector, largest=seen.largest)
                record = ObservationRecord.of(seen.post, sighting.media_id, part)
            await write_observation(
                session, context, sighting, notice_id=notice_id or None, outcome=seen.outcome, record=record
            )
        log.info("post observed", extra={"notice_id": notice_id, "outcome": seen.outcome})


def _code_of(error: JikimiError) -> str:
    if isinstance(error, SourceUnavailable):
        return f"source-{error.reason}"
    return "rate-limited" if isinstance(error, RateLimited) else type(error).__name__
