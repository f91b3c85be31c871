"""The crawl job: read what is new in a source and compare it. Media live in memory only.

What it writes stands in crawl_record.py.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from db.models.sources import WITH_HASHES, Inspection, Source
from db.queries.consents import sources_to_read, uses_cut_outs
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import (
    DecoderUnavailable,
    MediaHostDown,
    PlatformError,
    PlatformFault,
    SourceUnavailable,
    WorkStopped,
)
from monitor.core.leave import asking
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.comparison import Comparer
from monitor.jobs.crawl_record import CrawlRecord, PageResult, Serving
from monitor.platforms.base import Media, Page, Platform, Post, SourceRef
from monitor.sources.accounts import Accounts
from monitor.sources.inspection_log import (
    HOST_PATIENCE,
    MANY_WAIT,
    MediumKey,
    broken_off_in,
    is_due,
    known_of,
    oldest_unread,
    waiting_for_host,
    was_read,
)
from monitor.sources.media_host import MediaHosts
from monitor.sources.media_reader import PUT_OFF, READ_FAILED, MediaReader, ReadMedium
from monitor.sources.names import resolved
from monitor.sources.sources import readable
from monitor.sources.turns import TURN, Turn
from monitor.watch.cache import cut_outs_allowed

log = logging.getLogger(__name__)

MOST_PAGES = 20
"""Pages of one crawl; the next slot goes on from the cursor."""
IN_HAND_FOR = timedelta(minutes=15)
"""How long the rest of a page is good: a platform's references to files end."""


@dataclass(frozen=True, slots=True)
class PageInHand:
    """A page whose rest waits for the source's next turn: reading it again may cost, and would begin where this did."""

    page: Page
    before: str | None
    """The cursor that it was read from."""
    at: datetime
    put_off: frozenset[MediumKey]
    """Media of it that had their chance; they are tried again later, by their posts."""


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
        self._record = CrawlRecord(database, context, self._comparer, first_look=first_look)
        self._in_hand: dict[str, PageInHand] = {}
        self._readable_media: dict[str, dict[str, Media]] = {}
        """By source and host: a medium that was read lately, to tell a bad one from a host that is down."""

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
                ref = await resolved(
                    self._database, source, platform, self._context.now(), for_person=case_id is not None
                )
                async with self._database.read() as session:
                    # Reading may have ended within the first page, when work was stopped.
                    never_read = source.cursor is None and not await was_read(session, source_id)
                if never_read:
                    # Whatever is read from now on is compared with everything.
                    await self._record.has_read_again(source)
                async with self._database.read() as session:
                    broken_off = await broken_off_in(session, source_id)
                # What is new comes first, so that reading again, which may take many crawls, never holds it up.
                turn = Turn(source_id, self._context.now().date(), self._turn, await self._needs_faces(source_id))
                down = await self._read_on(platform, ref, source_id, turn, serving)
                async with self._database.read() as session:
                    still = await broken_off_in(session, source_id)
                posts = [one for one in broken_off if one in still]
                down |= await self._try_again(platform, ref, source_id, posts, turn, serving)
                if source.cursor is not None and source.look_back_at is not None:
                    await self._read_again(platform, ref, source, serving)
                async with self._database.read() as session:
                    if down and await waiting_for_host(session, source_id) >= MANY_WAIT:
                        raise MediaHostDown("one host of several answers nobody")
        except WorkStopped:
            # No failure of the source. Its cursor stays where everything before it was read.
            log.info("crawl ended early", extra={"source_id": source_id})
        except (PlatformError, DecoderUnavailable) as error:
            await self._record.note_failure(source_id, error, serving)
        except Exception as error:  # one whole job: it is said, and the next slot goes on
            log.error("crawl failed", extra={"source_id": source_id}, exc_info=error)
            await self._record.note_failure(source_id, error, serving)

    async def _read_on(self, platform: Platform, ref: SourceRef, source_id: str, turn: Turn, serving: Serving) -> bool:
        """Read what is new. True when a host of its media is down, beside others that answer."""
        down = False
        for _ in range(MOST_PAGES):
            current = await self._readable(source_id)
            if current is None:
                break
            held = self._in_hand.pop(source_id, None)
            now = self._context.now()
            if held is None or held.before != current.cursor or now - held.at > IN_HAND_FOR:
                page = await platform.page(ref, current.cursor, since=await self._since(source_id, now))
                held = PageInHand(page, current.cursor, now, frozenset())
            result = await self._inspect(platform, source_id, held.page.posts, turn, but=held.put_off)
            if result.left_out:
                had = {_key(one) for one in result.media if one.outcome == PUT_OFF and not one.left_out}
                self._in_hand[source_id] = replace(held, put_off=held.put_off | had)
            await self._record.save(source_id, current.cursor, held.page, result, turn, serving)
            if result.error is not None:
                raise result.error
            down |= result.host_down
            if not result.whole or not held.page.more or turn.over:
                break
        return down

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
    ) -> bool:
        """Inspect once more the media that were put off, whose inspection broke off, or whose host was down. Each
        attempt counts where it is the medium's own, so that it ends. True when a host is down still."""
        faults: list[str] = []
        answered = False
        for post_id in post_ids:
            if turn.over or await self._readable(source_id) is None:
                break
            await self._accounts.give_way(platform)
            result, gone = PageResult((), whole=True), False
            try:
                post = await platform.post(ref, post_id)
            except SourceUnavailable:
                pass  # an answer about this post: the attempt counts
            except PlatformFault:
                faults.append(post_id)
                continue
            else:
                answered, gone = True, post is None
                result = await self._inspect(platform, source_id, [] if post is None else [post], turn)
            tried = partial(self._record.tried_again, post_id=post_id, result=result, gone=gone, serving=serving)
            await self._comparer.write(source_id, result.media, tried)
            if result.host_down or isinstance(result.error, MediaHostDown):
                return True  # those that wait for a host come last
            if result.error is not None:
                raise result.error
        for post_id in faults:
            # Where no post could be read it is no fault of theirs, unless that has been so for days.
            least = timedelta() if answered else HOST_PATIENCE
            tried = partial(self._record.not_read, post_id=post_id, waited=least)
            await self._comparer.write(source_id, (), tried)
        return False

    async def _read_again(self, platform: Platform, ref: SourceRef, source: Source, serving: Serving) -> None:
        """Read what was read before and of which nothing is kept. Cursor and counts stay as they are."""
        cursor, more, whole = None, True, True
        # It waits for every medium: beginning again would cost as much, and it is needed only when a watch grew.
        turn = Turn(source.id, self._context.now().date(), left=float("inf"))
        turn.faces = await self._needs_faces(source.id)
        while more:
            if await self._readable(source.id) is None:
                return
            page = await platform.page(ref, cursor, since=self._context.now() - self._first_look)
            result = await self._inspect(platform, source.id, page.posts, turn, again_before=source.look_back_at)
            await self._comparer.write(source.id, result.media, partial(self._record.tell, serving=serving))
            if result.error is not None:
                raise result.error
            cursor, more, whole = page.cursor or cursor, page.more, whole and result.whole
        if whole:
            await self._record.has_read_again(source)

    async def _needs_faces(self, source_id: str) -> bool:
        async with self._database.read() as session:
            if not await cut_outs_allowed(session, self._context, source_id):
                return False
            return await uses_cut_outs(session, source_id, self._context.now())

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
        if wanted:
            # What joins from now on is too late for these: what was shown before is looked up in the history.
            watch = await self._comparer.watch(source_id)
            turn.points, turn.squares = len(watch.points) > 0, watch.has_squares
        read: list[ReadMedium] = []
        inspected = {media.host: media for post, media in wanted if _has_hashes(known.get((post.id, media.id)))}
        readable_media = {**self._readable_media.get(source_id, {}), **inspected}
        hosts = MediaHosts(self._reader, platform, readable_media, [media for _, media in wanted])
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
                return PageResult(hosts.blamed(read), whole=False)
            if hosts.is_down(media):
                read.append(ReadMedium(post, media, None, READ_FAILED))
                hosts.pass_over(read[-1])
                continue
            try:
                read.append(await self._reader.read_in_turn(platform, post, media, turn))
                await hosts.look(read[-1])
                if hosts.all_down:
                    break
            except (PlatformError, DecoderUnavailable) as error:
                return PageResult(hosts.blamed(read), whole=False, error=error)
        try:
            await hosts.look_last()
        except PlatformError as error:
            return PageResult(hosts.blamed(read), whole=False, error=error)
        if hosts.any_down and (again_before is not None or not hosts.some_answered):
            return PageResult(hosts.blamed(read), whole=False, error=MediaHostDown("no medium can be read"))
        read = hosts.blamed(read, beside_others=True)
        self._readable_media[source_id] = {**self._readable_media.get(source_id, {}), **hosts.known}
        left_out = any(one.left_out for one in read)
        whole = not left_out and all(one.outcome != READ_FAILED for one in read)
        return PageResult(read, whole=whole, left_out=left_out, host_down=hosts.any_down)


def _has_hashes(row: Inspection | None) -> bool:
    return row is not None and row.gone_at is None and row.outcome in WITH_HASHES


def _key(one: ReadMedium) -> MediumKey:
    return one.post.id, one.media.id
