"""What a crawl records: sightings with the cursor, who is told of it, and why a source was not read."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sources import Source
from db.queries.case_reading import begin_telling, served_by, tell_cases, tell_of_failure, tell_of_read
from db.session import Database
from db.types import new_id
from monitor.context.alerts import UNREAD_FOR, AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import (
    AccountStopped,
    CreditExhausted,
    DecoderUnavailable,
    MediaHostDown,
    PlatformError,
    PlatformFault,
    RateLimited,
    SourceUnavailable,
)
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.history.forgetting import forget_posts, forget_replaced
from monitor.jobs.comparison import Comparer
from monitor.platforms.base import Page, Post
from monitor.sightings.name_hits import find_names, write_names
from monitor.sources.inspection_log import MANY_WAIT, count_unseen, waiting_for_host
from monitor.sources.media_reader import ReadMedium
from monitor.sources.names import forget_access
from monitor.sources.sources import locked
from monitor.sources.turns import Turn
from monitor.work import tasks

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of the media of one page."""

    media: Sequence[ReadMedium]
    whole: bool
    """Every medium was inspected, or given up; else the page comes again."""
    error: PlatformError | DecoderUnavailable | None = None
    """What ended it early."""
    left_out: bool = False
    """The turn ended before all of it was inspected."""
    host_down: bool = False
    """What a host keeps that answers nobody was passed over, beside others that were read."""


@dataclass(frozen=True, slots=True)
class Serving:
    """When a crawl began, and the one case that it is made for; None: for everybody, in the source's turn."""

    began: datetime
    case_id: str | None


class CrawlRecord:
    """Writes what a crawl read, or why it did not. A crawl may run again after a death: nothing is doubled."""

    def __init__(
        self, database: Database, context: DomainContext, comparer: Comparer, *, first_look: timedelta
    ) -> None:
        self._database, self._context, self._comparer, self._first_look = database, context, comparer, first_look

    async def save(
        self, source_id: str, before: str | None, page: Page, result: PageResult, turn: Turn, serving: Serving
    ) -> None:
        """Sightings, their evidence and the cursor, in one transaction.

        The cursor stays before a page with a medium that is to be tried again: beyond it nobody would come back. Where
        the turn left something out the source goes to the end of the queue, behind those who wait.
        """
        now = self._context.now()
        async with self._database.read() as session:
            named = await find_names(session, self._context, source_id, result.media)

        async def then(session: AsyncSession, source: Source) -> None:
            await write_names(session, self._context, source_id, named)
            await forget_replaced(session, source_id, page.posts, now=now, case_id=serving.case_id)
            if source.cursor == before and result.whole:
                source.posts_seen += sum(1 for post in page.posts if _is_after(before, post))
                source.cursor = page.cursor or before
            served = await self.tell(session, source, serving)
            account = self._context.accounts.get(source.platform)
            if account is not None and result.error is None and turn.over and (result.left_out or page.more):
                await self._context.enqueue(session, tasks.crawl_on(source_id, account, serving.case_id, new_id()))
            if result.error is None:
                source.read_at, source.name_tries = now, 0
                await tell_of_read(session, served, source_id, now=now)
                await self._context.resolve(session, AlertKind.SOURCE_UNREAD, source_id)
                if await waiting_for_host(session, source_id) < MANY_WAIT:
                    source.unavailable = None
                    await self._context.resolve(session, AlertKind.SOURCE_UNAVAILABLE, source_id)
                await self._context.resolve(session, AlertKind.ACCOUNT_STOPPED, source.platform)

        await self._comparer.write(source_id, result.media, then)
        log.info(
            "source read",
            extra={"source_id": source_id, "posts": len(page.posts), "media_inspected": len(result.media)},
        )

    async def tried_again(
        self, session: AsyncSession, source: Source, *, post_id: str, result: PageResult, gone: bool, serving: Serving
    ) -> None:
        """What came of one more try at the media of a post: a part of the transaction that writes it."""
        if gone:
            await forget_posts(session, source.id, [post_id], now=self._context.now(), case_id=serving.case_id)
        if result.error is None:
            await count_unseen(session, source.id, post_id, result.media)
        await self.tell(session, source, serving)

    async def not_read(self, session: AsyncSession, source: Source, *, post_id: str, waited: timedelta) -> None:
        """A post that was to be tried again could not be had: a try of those of its media that `waited` so long."""
        await count_unseen(session, source.id, post_id, (), before=self._context.now() - waited)

    async def tell(self, session: AsyncSession, source: Source, serving: Serving) -> Select[str]:
        """Tell those whom this turn serves what is on record since they were told last; returns which cases."""
        now = self._context.now()
        served = served_by(source.id, now, case_id=serving.case_id)
        await session.flush()
        await begin_telling(session, served, source.id, since=serving.began - self._first_look, now=now)
        await tell_cases(session, served, source, version=FINGERPRINT_VERSION, began=serving.began, now=now)
        return served

    async def has_read_again(self, source: Source) -> None:
        """Nothing waits any more, unless the watch grew again meanwhile."""
        async with self._database.begin() as session:
            row = await locked(session, source.id)
            if row.look_back_at == source.look_back_at:
                row.look_back_at = None

    async def note_failure(self, source_id: str, error: Exception, serving: Serving) -> None:
        """Why a source was not read. Silence is not a clean bill, so lasting reasons alert somebody."""
        reason = error.reason if isinstance(error, SourceUnavailable | AccountStopped) else type(error).__name__
        passing = isinstance(error, RateLimited | PlatformFault | DecoderUnavailable)
        log.warning("source not read", extra={"source_id": source_id, "reason": type(error).__name__})
        async with self._database.begin() as session:
            source = await locked(session, source_id)
            failed_before, source.unavailable = source.unavailable is not None, reason[:64]
            await self._tell_of_failure(session, source_id, error, reason[:64], serving)
            if reason == "unknown-to-account":
                # Its access hash belongs to another login, or the channel is gone.
                await forget_access(session, source, self._context.now())
            if isinstance(error, AccountStopped | CreditExhausted):
                # By platform: a new login is another account, and it must find this alert to close it.
                await self._context.alert(session, AlertKind.ACCOUNT_STOPPED, source.platform, reason[:64])
            elif not passing or (failed_before and isinstance(error, MediaHostDown)):
                await self._context.alert(session, AlertKind.SOURCE_UNAVAILABLE, source_id, reason[:64])
            elif failed_before and self._context.now() - (source.read_at or source.added_at) >= UNREAD_FOR:
                # Each fault passes by itself; that they do not end is for somebody to know.
                await self._context.alert(session, AlertKind.SOURCE_UNREAD, source_id, reason[:64])

    async def _tell_of_failure(
        self,
        session: AsyncSession,
        source_id: str,
        error: Exception,
        reason: str,
        serving: Serving,
    ) -> None:
        now = self._context.now()
        served = served_by(source_id, now, case_id=serving.case_id)
        waits_until = now + timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else None
        await begin_telling(session, served, source_id, since=serving.began - self._first_look, now=now)
        await tell_of_failure(session, served, source_id, reason=reason, now=now, waits_until=waits_until)


def _is_after(cursor: str | None, post: Post) -> bool:
    """False for recent posts that were read again to notice edits. Cursors begin with the last id read."""
    return cursor is None or int(post.id) > int(cursor.split("..")[0])
