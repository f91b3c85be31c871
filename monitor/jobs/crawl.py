"""The crawl job: read what is new in a source, compare it, write sightings. Media live in memory only."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sources import WITH_HASHES, Inspection, Source
from db.queries.case_reading import begin_telling, served_by, tell_cases, tell_of_failure, tell_of_read
from db.queries.consents import sources_to_read
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
    WorkStopped,
)
from monitor.core.leave import asking
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.history.forgetting import forget_posts, forget_replaced
from monitor.jobs.comparison import Comparer
from monitor.platforms.base import Media, MediaKind, Page, Platform, Post, SourceRef
from monitor.sources.accounts import Accounts
from monitor.sources.inspection_log import (
    MediumKey,
    broken_off_in,
    count_unseen,
    is_due,
    known_of,
    oldest_unread,
    was_read,
)
from monitor.sources.media_host import MediaHost
from monitor.sources.media_reader import PUT_OFF, READ_FAILED, MediaReader, ReadMedium
from monitor.sources.sources import locked, readable, resolved
from monitor.sources.turns import TURN, Turn
from monitor.work import tasks

log = logging.getLogger(__name__)

MOST_PAGES = 20
"""Pages of one crawl; the next slot goes on from the cursor."""
IN_HAND_FOR = timedelta(minutes=15)
"""How long the rest of a page is good: a platform's references to files end."""


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


@dataclass(frozen=True, slots=True)
class PageInHand:
    """A page whose rest waits for the source's next turn: reading it again may cost, and would begin where this did."""

    page: Page
    before: str | None
    """The cursor that it was read from."""
    at: datetime
    put_off: frozenset[MediumKey]
    """Media of it that had their chance; they are tried again later, by their posts."""


@dataclass(frozen=True, slots=True)
class Serving:
    """When a crawl began, and the one case that it is made for; None: for everybody, in the source's turn."""

    began: datetime
    case_id: str | None


class Crawler:
    """Reads sources. A crawl may run again after a death: nothing is doubled."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        accounts: Accounts,
        decoders: DecoderPool,
        *,
        first_look: timedelta,
        max_media_bytes: int,
        seen_for: timedelta = timedelta(days=30),
        turn: float = TURN,
    ) -> None:
        """`seen_for`: how long fingerprints of what is seen are kept; 0: not at all. `turn`: see Turn."""
        self._turn = turn
        self._database, self._context, self._accounts = database, context, accounts
        self._reader = MediaReader(decoders, max_media_bytes)
        self._first_look = first_look
        self._comparer = Comparer(database, context, keeps=bool(seen_for))
        self._in_hand: dict[str, PageInHand] = {}
        self._readable_media: dict[str, Media] = {}
        """By source: a medium that was read lately, to tell a bad one from a host that is down."""

    async def prune(self) -> None:
        """Let go of what is held of sources that nobody consents to any more: opened fingerprints, hashes, pages."""
        async with self._database.read() as session:
            await self._comparer.watches.prune(session, self._context.now())
            read = {source.id for source in await sources_to_read(session, self._context.now())}
        self._reader.forget(lambda source_id: source_id not in read)
        self._in_hand = {source_id: held for source_id, held in self._in_hand.items() if source_id in read}
        self._readable_media = {source_id: one for source_id, one in self._readable_media.items() if source_id in read}

    async def crawl(self, source_id: str, case_id: str | None = None) -> None:
        """Read a source page by page, as long as somebody consents to it.

        Told of it are all who consent, or the one case whose watch grew: a read out of turn is nobody else's.
        """
        with asking(partial(self._may_go_on, source_id, case_id)):
            await self._crawl(source_id, case_id)

    async def _crawl(self, source_id: str, case_id: str | None) -> None:
        serving = Serving(self._context.now(), case_id)
        source = await self._readable(source_id, case_id)
        if source is None:
            return
        try:
            async with self._accounts.use(source.platform) as platform:
                # Asked again now that the account is free: a consent may have been withdrawn while others had it.
                source = await self._readable(source_id, case_id)
                if source is None:
                    return
                ref = await resolved(self._database, source, platform)
                async with self._database.read() as session:
                    # Reading may have ended within the first page, when work was stopped.
                    never_read = source.cursor is None and not await was_read(session, source_id)
                if never_read:
                    # Whatever is read from now on is compared with everything.
                    await self._has_read_again(source)
                async with self._database.read() as session:
                    broken_off = await broken_off_in(session, source_id)
                # What is new comes first, so that reading again, which may take many crawls, never holds it up.
                turn = Turn(source_id, self._context.now().date(), self._turn)
                await self._read_on(platform, ref, source_id, turn, serving)
                async with self._database.read() as session:
                    still = await broken_off_in(session, source_id)
                posts = [one for one in broken_off if one in still]
                await self._try_again(platform, ref, source_id, posts, turn, serving)
                if source.cursor is not None and source.look_back_at is not None:
                    await self._read_again(platform, ref, source, serving)
        except WorkStopped:
            # No failure of the source. Its cursor stays where everything before it was read.
            log.info("crawl ended early", extra={"source_id": source_id})
        except (PlatformError, DecoderUnavailable) as error:
            await self._note_failure(source_id, error, serving)
        except Exception as error:  # one whole job: it is said, and the next slot goes on
            log.error("crawl failed", extra={"source_id": source_id}, exc_info=error)
            await self._note_failure(source_id, error, serving)

    async def _read_on(self, platform: Platform, ref: SourceRef, source_id: str, turn: Turn, serving: Serving) -> None:
        for _ in range(MOST_PAGES):
            current = await self._readable(source_id)
            if current is None:
                return
            held = self._in_hand.pop(source_id, None)
            now = self._context.now()
            if held is None or held.before != current.cursor or now - held.at > IN_HAND_FOR:
                page = await platform.page(ref, current.cursor, since=await self._since(source_id, now))
                held = PageInHand(page, current.cursor, now, frozenset())
            result = await self._inspect(platform, source_id, held.page.posts, turn, but=held.put_off)
            if result.left_out:
                had = {_key(one) for one in result.media if one.outcome == PUT_OFF and not one.left_out}
                self._in_hand[source_id] = replace(held, put_off=held.put_off | had)
            await self._save(source_id, current.cursor, held.page, result, turn, serving)
            if result.error is not None:
                raise result.error
            if not result.whole or not held.page.more or turn.over:
                return

    async def _since(self, source_id: str, now: datetime) -> datetime:
        """How far a first read goes back: what waits for its host must not slip out of it meanwhile."""
        async with self._database.read() as session:
            oldest = await oldest_unread(session, source_id)
        return min(now - self._first_look, oldest or now)

    async def _try_again(
        self,
        platform: Platform,
        ref: SourceRef,
        source_id: str,
        post_ids: Sequence[str],
        turn: Turn,
        serving: Serving,
    ) -> None:
        """Inspect once more the media that were put off or whose inspection broke off. Of the latter each attempt
        counts, so that it ends."""
        for post_id in post_ids:
            if turn.over or await self._readable(source_id) is None:
                return
            await self._accounts.give_way(platform)
            result, gone = PageResult((), whole=True), False
            try:
                post = await platform.post(ref, post_id)
            except (PlatformFault, SourceUnavailable):
                pass  # perhaps only this post: the attempt counts all the same
            else:
                gone = post is None
                result = await self._inspect(platform, source_id, [] if post is None else [post], turn)
            tried = partial(self._tried_again, post_id=post_id, result=result, gone=gone, serving=serving)
            await self._comparer.write(source_id, result.media, tried)
            if result.error is not None:
                raise result.error

    async def _tried_again(
        self, session: AsyncSession, source: Source, *, post_id: str, result: PageResult, gone: bool, serving: Serving
    ) -> None:
        if gone:
            await forget_posts(session, source.id, [post_id], now=self._context.now(), case_id=serving.case_id)
        if result.error is None:
            await count_unseen(session, source.id, post_id, result.media)
        await self._tell(session, source, serving)

    async def _read_again(self, platform: Platform, ref: SourceRef, source: Source, serving: Serving) -> None:
        """Read what was read before and of which nothing is kept. Cursor and counts stay as they are."""
        cursor, more, whole = None, True, True
        # It waits for every medium: beginning again would cost as much, and it is needed only when a watch grew.
        turn = Turn(source.id, self._context.now().date(), left=float("inf"))
        while more:
            if await self._readable(source.id) is None:
                return
            page = await platform.page(ref, cursor, since=self._context.now() - self._first_look)
            result = await self._inspect(platform, source.id, page.posts, turn, again_before=source.look_back_at)
            await self._comparer.write(source.id, result.media, partial(self._tell, serving=serving))
            if result.error is not None:
                raise result.error
            cursor, more, whole = page.cursor or cursor, page.more, whole and result.whole
        if whole:
            await self._has_read_again(source)

    async def _has_read_again(self, source: Source) -> None:
        """Nothing waits any more, unless the watch grew again meanwhile."""
        async with self._database.begin() as session:
            row = await locked(session, source.id)
            if row.look_back_at == source.look_back_at:
                row.look_back_at = None

    async def _readable(self, source_id: str, case_id: str | None = None) -> Source | None:
        return await readable(self._database, source_id, self._context.now(), case_id=case_id)

    async def _may_go_on(self, source_id: str, case_id: str | None) -> bool:
        return await self._readable(source_id, case_id) is not None

    async def _inspect(
        self,
        platform: Platform,
        source_id: str,
        posts: Sequence[Post],
        turn: Turn,
        *,
        but: frozenset[MediumKey] = frozenset(),
        again_before: datetime | None = None,
    ) -> PageResult:
        """Inspect media that were not inspected before, or only before `again_before` with nothing kept of them, `but`
        not some. What the turn leaves no time for is put off, and no clean bill.

        What was inspected until an error counts: reading a page of many pictures may take several rests.
        """
        wanted = [(post, media) for post in posts for media in post.media]
        async with self._database.read() as session:
            known, held = await known_of(session, source_id, {post.id for post in posts})
        read: list[ReadMedium] = []
        inspected = (media for post, media in wanted if _has_hashes(known.get((post.id, media.id))))
        known_media = next(inspected, self._readable_media.get(source_id))
        last = next((media for _, media in reversed(wanted) if media.kind is not MediaKind.UNSUPPORTED), None)
        host = MediaHost(self._reader, platform, known_media, last)
        for post, media in wanted:
            row = known.get((post.id, media.id))
            if row is not None and not is_due(row, None if (post.id, media.id) in held else again_before):
                continue
            if (post.id, media.id) in but:
                continue
            # Whoever waits with one post to read need not wait for a whole crawl.
            await self._accounts.give_way(platform)
            # Asked before every medium: a consent that was withdrawn a moment ago stops the next read.
            if await self._readable(source_id) is None:
                return PageResult(host.blamed(read), whole=False)
            try:
                read.append(await self._reader.read_in_turn(platform, post, media, turn))
                if await host.is_down(read[-1]):
                    break
            except (PlatformError, DecoderUnavailable) as error:
                return PageResult(host.blamed(read), whole=False, error=error)
        try:
            if await host.was_down():
                return PageResult(host.blamed(read), whole=False, error=MediaHostDown("no medium can be read"))
        except PlatformError as error:
            return PageResult(host.blamed(read), whole=False, error=error)
        if host.known is not None:
            self._readable_media[source_id] = host.known
        left_out = any(one.left_out for one in read)
        whole = not left_out and all(one.outcome != READ_FAILED for one in read)
        return PageResult(read, whole=whole, left_out=left_out)

    async def _save(
        self, source_id: str, before: str | None, page: Page, result: PageResult, turn: Turn, serving: Serving
    ) -> None:
        """Sightings, their evidence and the cursor, in one transaction.

        The cursor stays before a page with a medium that is to be tried again: beyond it nobody would come back. Where
        the turn left something out the source goes to the end of the queue, behind those who wait.
        """
        now = self._context.now()

        async def then(session: AsyncSession, source: Source) -> None:
            await forget_replaced(session, source_id, page.posts, now=now, case_id=serving.case_id)
            if source.cursor == before and result.whole:
                source.posts_seen += sum(1 for post in page.posts if _is_after(before, post))
                source.cursor = page.cursor or before
            served = await self._tell(session, source, serving)
            account = self._context.accounts.get(source.platform)
            if account is not None and result.error is None and turn.over and (result.left_out or page.more):
                await self._context.enqueue(session, tasks.crawl_on(source_id, account, serving.case_id, new_id()))
            if result.error is None:
                source.read_at, source.unavailable = now, None
                await tell_of_read(session, served, source_id, now=now)
                for kind in (AlertKind.SOURCE_UNAVAILABLE, AlertKind.SOURCE_UNREAD):
                    await self._context.resolve(session, kind, source_id)
                await self._context.resolve(session, AlertKind.ACCOUNT_STOPPED, source.platform)

        await self._comparer.write(source_id, result.media, then)
        log.info(
            "source read",
            extra={"source_id": source_id, "posts": len(page.posts), "media_inspected": len(result.media)},
        )

    async def _tell(self, session: AsyncSession, source: Source, serving: Serving) -> Select[str]:
        """Tell those whom this turn serves what is on record since they were told last; returns which cases."""
        now = self._context.now()
        served = served_by(source.id, now, case_id=serving.case_id)
        await session.flush()
        await begin_telling(session, served, source.id, since=serving.began - self._first_look, now=now)
        await tell_cases(session, served, source, version=FINGERPRINT_VERSION, began=serving.began, now=now)
        return served

    async def _note_failure(self, source_id: str, error: Exception, serving: Serving) -> None:
        """Why a source was not read. Silence is not a clean bill, so lasting reasons alert somebody."""
        reason = error.reason if isinstance(error, SourceUnavailable | AccountStopped) else type(error).__name__
        passing = isinstance(error, RateLimited | PlatformFault | DecoderUnavailable)
        log.warning("source not read", extra={"source_id": source_id, "reason": type(error).__name__})
        async with self._database.begin() as session:
            source = await locked(session, source_id)
            failed_before, source.unavailable = source.unavailable is not None, reason[:64]
            await self._tell_of_failure(session, source_id, error, reason[:64], serving)
            if reason == "unknown-to-account":
                source.account = None  # its access hash belongs to an older login: resolve it again
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


def _has_hashes(row: Inspection | None) -> bool:
    return row is not None and row.gone_at is None and row.outcome in WITH_HASHES


def _key(one: ReadMedium) -> MediumKey:
    return one.post.id, one.media.id


def _is_after(cursor: str | None, post: Post) -> bool:
    """False for recent posts that were read again to notice edits. Cursors begin with the last id read."""
    return cursor is None or int(post.id) > int(cursor.split("..")[0])
