"""The backfill job: somebody's watch grew, and what a source showed is compared with it without reading it again.

Only the posts that fit are read, one by one: that proves that they still exist, and gives what the evidence needs.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_one
from db.models.seen import Backfill, SeenMedium
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import consents, fingerprints_to_compare
from db.queries.seen import is_uncovered, seen_chunk, seen_of_posts
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import (
    JikimiError,
    PlatformError,
    PlatformFault,
    RateLimited,
    SourceUnavailable,
    WorkStopped,
)
from monitor.core.leave import asking
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, HashedMedium
from monitor.history.forgetting import forget_posts, tells_its_media
from monitor.history.reading import HistoryReader
from monitor.matching.verdict import Match, judge
from monitor.matching.watch_set import WatchSet
from monitor.model.states import Purpose
from monitor.platforms.base import Platform, Post
from monitor.sightings.rate_gate import FoundMatch, write_matches
from monitor.sources.accounts import Accounts
from monitor.sources.names import resolved
from monitor.sources.sources import locked
from monitor.watch.cache import WatchCache
from monitor.work import tasks

log = logging.getLogger(__name__)

CHUNK = 500
"""Kept fingerprints that are in memory at a time."""
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
"""How long a backfill is put off after a fault: doubled each time."""
MOST_FAULTS = 5
"""Posts that may fail before the rest waits too."""


class PutOff(Exception):
    """Not everything that fits could be read; the rest comes later."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


@dataclass(frozen=True, slots=True)
class _Compared:
    """One kept row, opened and compared before the transaction that writes about it."""

    payload: bytes = field(repr=False)
    """As it was kept: a row that a crawl wrote anew meanwhile was compared by it."""
    hashed: HashedMedium = field(repr=False)
    matches: Sequence[Match] = field(repr=False)


class BackfillJob:
    """Compares what is kept of a source with one case. It may run again after a death: nothing is doubled."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        accounts: Accounts,
        *,
        first_look: timedelta,
        seen_for: timedelta,
    ) -> None:
        self._database, self._context, self._accounts = database, context, accounts
        self._first_look, self._seen_for = first_look, seen_for
        self._watches = WatchCache(context)

    async def backfill(self, source_id: str, case_id: str, attempt: int) -> None:
        """Compare, read what fits, write sightings; what follows is enqueued together with the result."""
        source = await self._begin(source_id, case_id, attempt)
        if source is None:
            return
        try:
            found = await self._matches(source, case_id)
            if found:
                with asking(partial(self._may_go_on, source_id, case_id)):
                    await self._complete(source, case_id, found)
        except PutOff as late:
            await self._put_off(source_id, case_id, attempt, late)
        else:
            await self._done(source_id, case_id, attempt)
        finally:
            self._watches.forget(source_id, case_id)

    async def _begin(self, source_id: str, case_id: str, attempt: int) -> Source | None:
        """The source, when this task is the newest and still allowed.

        The lock waits for a crawl that writes what it compared without the new fingerprints: what it kept is read
        below. One that writes later finds them added and compares with them. What was inspected and not kept, a crawl
        reads again.
        """
        async with self._database.begin() as session:
            source = await locked(session, source_id)
            row = await lock_if_there(session, Backfill, (case_id, source_id))
            if row is None or row.attempt != attempt or row.due_at is None:
                return None
            now = self._context.now()
            if not await self._consented(session, source_id, case_id):
                row.due_at = None
                return None
            since = now - self._first_look
            if await is_uncovered(session, source, version=FINGERPRINT_VERSION, since=since, before=now):
                source.look_back_at = now
                account = self._context.accounts.get(source.platform)
                if account is not None:
                    task = tasks.crawl_now(source_id, account, case_id, f"{attempt}-again")
                    await self._context.enqueue(session, task)
            return source

    async def _consented(self, session: AsyncSession, source_id: str, case_id: str) -> bool:
        return await consents(
            session, case_id=case_id, source_id=source_id, purpose=Purpose.WATCH, now=self._context.now()
        )

    async def _may_go_on(self, source_id: str, case_id: str) -> bool:
        async with self._database.read() as session:
            return await self._consented(session, source_id, case_id)

    async def _watch(self, session: AsyncSession, source_id: str, case_id: str) -> WatchSet:
        return (await self._watches.watch(session, source_id, self._context.now(), case_id=case_id)).watch

    async def _matches(self, source: Source, case_id: str) -> list[str]:
        """Ids of the posts that show something of the case which is no sighting yet."""
        since, after, compared = self._context.now() - self._seen_for, ("", ""), 0
        async with self._database.read() as session:
            watch = await self._watch(session, source.id, case_id)
            known = select(Sighting.post_id, Sighting.media_id).where(
                Sighting.case_id == case_id, Sighting.source_id == source.id
            )
            seen_before = {(post, media) for post, media in await session.execute(known)}
        found: dict[str, None] = {}
        while len(watch):
            async with self._database.read() as session:
                rows = await seen_chunk(
                    session, source, version=FINGERPRINT_VERSION, since=since, after=after, limit=CHUNK
                )
            if not rows:
                break
            after, compared = (rows[-1].post_id, rows[-1].media_id), compared + len(rows)
            new = [row for row in rows if (row.post_id, row.media_id) not in seen_before]
            # In a thread: the pages of the same process go on answering.
            found |= dict.fromkeys(await asyncio.to_thread(_fitting, HistoryReader(self._context), new, watch))
        log.info("backfilled", extra={"source_id": source.id, "compared": compared, "posts": len(found)})
        return list(found)

    async def _complete(self, source: Source, case_id: str, post_ids: list[str]) -> None:
        """Read each post that fits. Raises PutOff when some are left."""
        faults, left = 0, deque(post_ids)
        try:
            async with self._accounts.use(source.platform) as platform:
                while left:
                    post_id = left.popleft()
                    if post_id != post_ids[0]:
                        await self._accounts.give_way(platform)
                    # Asked before every read: a consent may have been withdrawn a moment ago.
                    async with self._database.read() as session:
                        if not await self._consented(session, source.id, case_id):
                            return
                    try:
                        if await self._read(platform, source, case_id, post_id):
                            # A fingerprint fitted too much: what fits nothing else is not read for it.
                            still = set(await self._matches(source, case_id))
                            left = deque(post for post in left if post in still)
                    except (PlatformFault, SourceUnavailable):
                        # Perhaps only this post: an error is never taken for gone.
                        faults += 1
                    except (JikimiError, SQLAlchemyError):
                        raise
                    except Exception as error:  # one post: whatever is odd about it holds up no other
                        log.error("post not compared", extra={"source_id": source.id}, exc_info=error)
                        faults += 1
                    if faults >= MOST_FAULTS:
                        break
        except WorkStopped:
            return  # asked for anew when work goes on, or when somebody consents again
        except RateLimited as error:
            raise PutOff("rate-limited", timedelta(seconds=error.retry_after)) from error
        except PlatformError as error:
            raise PutOff(type(error).__name__) from error
        if faults:
            raise PutOff("posts-unread")

    async def _read(self, platform: Platform, source: Source, case_id: str, post_id: str) -> bool:
        """Write what one post shows; True when a fingerprint went into quarantine with it."""
        ref = await resolved(self._database, source, platform, self._context.now())
        post = await platform.post(ref, post_id)
        compared = {} if post is None else await self._compared(source.id, case_id, post_id)
        context = await asyncio.to_thread(self._context.holding, [case_id])
        async with self._database.begin() as session:
            return await self._write(session, context, source.id, case_id, post_id, post, compared)

    async def _compared(self, source_id: str, case_id: str, post_id: str) -> dict[str, _Compared]:
        """What is kept of one post, by the medium's id, with what it fits."""
        async with self._database.read() as session:
            source = await session.get_one(Source, source_id)
            rows = await seen_of_posts(session, source, [post_id], version=FINGERPRINT_VERSION)
            watch = await self._watch(session, source_id, case_id)
        return await asyncio.to_thread(_judged, HistoryReader(self._context), rows, watch)

    async def _write(
        self,
        session: AsyncSession,
        context: DomainContext,
        source_id: str,
        case_id: str,
        post_id: str,
        post: Post | None,
        compared: Mapping[str, _Compared],
    ) -> bool:
        """Sightings of one post that still exists, or the mirror of its deletion.

        Only of what may still be compared: a fingerprint that was added meanwhile brought a backfill of its own.
        """
        now = context.now()
        source = await locked(session, source_id)
        if post is None:
            await forget_posts(session, source_id, [post_id], now=now, case_id=case_id)
            return False
        media = {medium.id: medium for medium in post.media}
        rows = await seen_of_posts(session, source, [post_id], version=FINGERPRINT_VERSION)
        for row in rows:
            row.checked_at = now
        # Read inside the transaction: a withdrawn consent leaves nothing to write.
        still = {row_id for row_id, _ in await fingerprints_to_compare(session, source_id, now, case_id=case_id)}
        found = []
        for row in rows:
            one = compared.get(row.media_id)
            if one is not None and one.payload == row.payload and row.media_id in media:
                fits = [match for match in one.matches if match.fingerprint_id in still]
                found += [FoundMatch(match, post, media[row.media_id], one.hashed) for match in fits]
        written = await write_matches(session, context, source_id, found)
        if tells_its_media(post):
            await forget_posts(session, source_id, [post_id], now=now, case_id=case_id, standing=media)
        return written.quarantined

    async def _put_off(self, source_id: str, case_id: str, attempt: int, late: PutOff) -> None:
        """Try again later; as long as the consent lives and something is kept, it is not given up."""
        log.warning("backfill put off", extra={"source_id": source_id, "case_id": case_id, "reason": late.reason})
        async with self._database.begin() as session:
            row = await lock_one(session, Backfill, (case_id, source_id))
            if row.attempt != attempt:
                return
            wait = late.wait or min(LONGEST, SHORTEST * 2 ** min(row.tries, 10))
            row.attempt, row.tries, row.due_at = row.attempt + 1, row.tries + 1, self._context.now() + wait
            delay = self._context.clock.real_seconds(wait)
            await self._context.enqueue(session, tasks.backfill(source_id, case_id, row.attempt, delay=delay))

    async def _done(self, source_id: str, case_id: str, attempt: int) -> None:
        """Nothing waits any more, unless the watch grew again meanwhile."""
        mine = (Backfill.case_id == case_id, Backfill.source_id == source_id, Backfill.attempt == attempt)
        async with self._database.begin() as session:
            await session.execute(update(Backfill).where(*mine).values(due_at=None))


def _fitting(opener: HistoryReader, rows: Iterable[SeenMedium], watch: WatchSet) -> list[str]:
    """Posts of the rows that match. The fingerprints are gone when this returns."""
    opened: list[tuple[SeenMedium, HashedMedium]] = opener.open(rows)
    return [row.post_id for row, hashed in opened if judge(hashed, watch)]


def _judged(opener: HistoryReader, rows: Iterable[SeenMedium], watch: WatchSet) -> dict[str, _Compared]:
    """The rows of one post, opened and compared; by the medium's id."""
    return {row.media_id: _Compared(row.payload, hashed, judge(hashed, watch)) for row, hashed in opener.open(rows)}
