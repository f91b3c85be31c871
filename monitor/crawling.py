"""The crawl job: read what is new in a source, compare it, write sightings. Media live in memory only."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.sources import Inspection as InspectionRow
from db.models.sources import Source
from db.queries.consents import cases_consenting, fingerprints_to_compare
from db.session import Database
from db.types import new_id
from monitor import tasks
from monitor.accounts import Accounts
from monitor.cases.looking_back import look_back_for
from monitor.cases.state import CaseState, Purpose
from monitor.desk import Desk
from monitor.errors import (
    AccountStopped,
    CreditExhausted,
    DecoderUnavailable,
    NotInspected,
    PlatformError,
    PlatformFault,
    RateLimited,
    SourceUnavailable,
)
from monitor.evidence.kinds import Kind
from monitor.fingerprints.decode import DecoderPool
from monitor.fingerprints.values import FINGERPRINT_VERSION, WHOLE_SET, Inspection
from monitor.matching.verdict import Match, judge
from monitor.matching.watch import WatchSet
from monitor.notices.sending import source_ref
from monitor.platforms.base import Media, MediaKind, Page, Platform, Post, SourceRef
from monitor.sightings import watched, write_sighting
from monitor.tasks import Task

log = logging.getLogger(__name__)

MOST_PAGES = 20
"""Pages of one crawl; the next slot goes on from the cursor."""
LINK_PATIENCE = timedelta(days=3)
"""How long a link is tried again after passing faults; then it is recorded as unavailable."""
MOST_TRIES = 3
"""A medium whose reading failed so often is recorded as not inspected, so that one bad file never stops a source."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One medium that was looked at: its hashes, or why there are none."""

    post: Post
    media: Media
    inspection: Inspection | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Looks:
    """What became of the media of one page."""

    media: Sequence[Inspected]
    whole: bool
    """Every medium was looked at, or given up; else the page comes again."""
    error: PlatformError | DecoderUnavailable | None = None
    """What ended it early."""


class Crawler:
    """Reads sources and links. Every method may run again after a death: nothing is doubled."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        accounts: Accounts,
        decoders: DecoderPool,
        *,
        first_look: timedelta,
        max_media_bytes: int,
    ) -> None:
        self._database, self._desk, self._accounts, self._decoders = database, desk, accounts, decoders
        self._first_look, self._max_bytes = first_look, max_media_bytes

    async def crawl(self, source_id: str) -> tuple[Task, ...]:
        """Read a source page by page, as long as somebody consents to it."""
        source = await self._readable(source_id)
        if source is None:
            return ()
        try:
            async with self._accounts.use(source.platform) as platform:
                # Asked again now that the account is free: a consent may have been withdrawn while others had it.
                source = await self._readable(source_id)
                if source is None:
                    return ()
                ref = await self._resolved(source, platform)
                if source.cursor is None:
                    # Never read: whatever is read from now on is compared with everything.
                    await self._looked_back(source)
                # What is new comes first, so that looking back, which may take many crawls, never holds it up.
                await self._read_on(platform, ref, source_id)
                if source.cursor is not None and source.look_back_at is not None:
                    await self._look_back(platform, ref, source)
        except (PlatformError, DecoderUnavailable) as error:
            await self._note_failure(source_id, error)
        return ()

    async def _read_on(self, platform: Platform, ref: SourceRef, source_id: str) -> None:
        for _ in range(MOST_PAGES):
            current = await self._readable(source_id)
            if current is None:
                return
            page = await platform.page(ref, current.cursor, since=self._desk.now() - self._first_look)
            looks = await self._inspect(platform, source_id, page.posts)
            await self._save(source_id, current.cursor, page, looks)
            if looks.error is not None:
                raise looks.error
            if not looks.whole or not page.more:
                return

    async def _look_back(self, platform: Platform, ref: SourceRef, source: Source) -> None:
        """Compare what was read before with what has joined the watch since. Cursor and counts stay as they are."""
        cursor, more, whole = None, True, True
        while more:
            if await self._readable(source.id) is None:
                return
            page = await platform.page(ref, cursor, since=self._desk.now() - self._first_look)
            looks = await self._inspect(platform, source.id, page.posts, again_before=source.look_back_at)
            async with self._database.begin() as session:
                await self._compare(session, source.id, looks.media)
            if looks.error is not None:
                raise looks.error
            cursor, more, whole = page.cursor or cursor, page.more, whole and looks.whole
        if whole:
            await self._looked_back(source)

    async def _looked_back(self, source: Source) -> None:
        """Nothing waits any more, unless the watch grew again meanwhile."""
        async with self._database.begin() as session:
            row = await _locked(session, source.id)
            if row.look_back_at == source.look_back_at:
                row.look_back_at = None

    async def _readable(self, source_id: str) -> Source | None:
        async with self._database.read() as session:
            source = await session.get(Source, source_id)
            if source is None:
                return None
            return source if await cases_consenting(session, source_id, Purpose.WATCH, self._desk.now()) else None

    async def _resolved(self, source: Source, platform: Platform) -> SourceRef:
        """The source with its numeric id; looked up once per account and then stored."""
        if source.remote_id is not None and source.account == platform.account:
            return source_ref(source)
        ref = await platform.resolve(source.handle)
        async with self._database.begin() as session:
            row = await session.get_one(Source, source.id)
            if row.remote_id is not None and row.remote_id != ref.remote_id:
                # The name changed hands: this is not the channel that people consented to.
                raise SourceUnavailable("renamed")
            row.remote_id, row.access, row.account = ref.remote_id, ref.access, platform.account
            row.title = ref.title
        return ref

    async def _inspect(
        self, platform: Platform, source_id: str, posts: Sequence[Post], *, again_before: datetime | None = None
    ) -> Looks:
        """Look at every medium that was not looked at before, or only before `again_before`.

        What was looked at until an error counts: reading a page of many pictures may take several rests.
        """
        wanted = [(post, media) for post in posts for media in post.media]
        async with self._database.read() as session:
            query = select(InspectionRow).where(
                InspectionRow.source_id == source_id, InspectionRow.post_id.in_({post.id for post, _ in wanted})
            )
            known = {(row.post_id, row.media_id): row for row in await session.scalars(query)}
        looked: list[Inspected] = []
        for post, media in wanted:
            row = known.get((post.id, media.id))
            if row is not None and not _again(row, again_before):
                continue
            # Asked before every medium: a consent that was withdrawn a moment ago stops the next read.
            if await self._readable(source_id) is None:
                return Looks(looked, whole=False)
            try:
                looked.append(await self.look_at(platform, post, media))
            except (PlatformError, DecoderUnavailable) as error:
                return Looks(looked, whole=False, error=error)
        return Looks(looked, whole=all(one.outcome != "read-failed" for one in looked))

    async def look_at(self, platform: Platform, post: Post, media: Media, *, closely: bool = False) -> Inspected:
        """Read one medium into memory and hash it; the bytes are gone on return. `closely`: it joins a watch."""
        if media.kind is MediaKind.UNSUPPORTED:
            return Inspected(post, media, None, "unsupported")
        try:
            data = await platform.read(media, max_bytes=self._max_bytes)
            inspection = await self._decoders.inspect(data, max_bytes=self._max_bytes, closely=closely)
            return Inspected(post, media, inspection, "inspected")
        except NotInspected as error:
            return Inspected(post, media, None, error.reason[:32])
        except PlatformFault:
            return Inspected(post, media, None, "read-failed")

    async def _save(self, source_id: str, before: str | None, page: Page, looks: Looks) -> None:
        """Sightings, their evidence and the cursor, in one transaction.

        The cursor stays before a page with a medium that is to be tried again: beyond it nobody would come back.
        """
        now = self._desk.now()
        async with self._database.begin() as session:
            source = await self._compare(session, source_id, looks.media)
            if source.cursor == before and looks.whole:
                source.posts_seen += sum(1 for post in page.posts if _is_after(before, post))
                source.cursor = page.cursor or before
            if looks.error is None:
                source.read_at, source.unavailable = now, None
                for kind in ("source-unavailable", "source-unread"):
                    await self._desk.resolve(session, kind, source_id)
                await self._desk.resolve(session, "account-stopped", source.platform)
        log.info(
            "source read",
            extra={"source_id": source_id, "posts": len(page.posts), "media_inspected": len(looks.media)},
        )

    async def _compare(self, session: AsyncSession, source_id: str, looked: Sequence[Inspected]) -> Source:
        """Note what was looked at and write sightings. The source stays locked: nothing joins its watch meanwhile."""
        now = self._desk.now()
        source = await _locked(session, source_id)
        # Read inside the transaction: whoever withdrew meanwhile is not compared with.
        rows = await fingerprints_to_compare(session, source_id, now)
        opened = watched(self._desk, rows)
        if len(opened) < len(rows):
            await self._desk.alert(session, "fingerprint-unreadable", source_id, "not-compared")
        watch = WatchSet(opened)
        found = []
        for one in looked:
            await _note_inspection(session, source_id, one, now)
            if one.inspection is not None:
                found += [(match, one, one.inspection) for match in judge(one.inspection, watch)]
        # Ledgers are locked case by case: always in the same order, or two workers wait for each other.
        for match, one, inspection in sorted(found, key=lambda each: each[0].case_id):
            await self._write_sighting(session, source_id, one.post, one.media, inspection, match)
        return source

    async def _write_sighting(
        self, session: AsyncSession, source_id: str, post: Post, media: Media, inspection: Inspection, match: Match
    ) -> None:
        await write_sighting(
            session,
            self._desk,
            case_id=match.case_id,
            source_id=source_id,
            post=post,
            media=media,
            inspection=inspection,
            kind=match.kind,
            verdict=match.verdict,
            how=match.how,
            match=match,
        )

    async def _note_failure(self, source_id: str, error: PlatformError | DecoderUnavailable) -> None:
        """Why a source was not read. Silence is not a clean bill, so lasting reasons alert somebody."""
        reason = error.reason if isinstance(error, SourceUnavailable | AccountStopped) else type(error).__name__
        log.warning("source not read", extra={"source_id": source_id, "reason": type(error).__name__})
        async with self._database.begin() as session:
            source = await session.get_one(Source, source_id)
            source.unavailable = reason[:64]
            if reason == "unknown-to-account":
                source.account = None  # its access hash belongs to an older login: resolve it again
            if isinstance(error, AccountStopped | CreditExhausted):
                # By platform: a new login is another account, and it must find this alert to close it.
                await self._desk.alert(session, "account-stopped", source.platform, reason[:64])
            elif not isinstance(error, RateLimited | PlatformFault | DecoderUnavailable):
                await self._desk.alert(session, "source-unavailable", source_id, reason[:64])

    async def read_link(self, link_id: str) -> tuple[Task, ...]:
        """Read the one post behind a link that the person entered; its media join the watch."""
        link = await self._wanted_link(link_id)
        if link is None or link.platform is None:
            return ()
        content = self._desk.open(link.case_id, f"link:{link.id}", link.payload)
        try:
            async with self._accounts.use(link.platform) as platform:
                if await self._wanted_link(link_id) is None:
                    return ()
                source = await self._link_source(link.platform, content["handle"])
                ref = await self._resolved(source, platform)
                post = await platform.post(ref, content["post_id"])
                looked = [await self.look_at(platform, post, one, closely=True) for one in post.media] if post else []
        except RateLimited as error:
            again = tasks.read_link(link.id, self._desk.accounts[link.platform])
            wait = self._desk.clock.real_seconds(error.retry_after)
            return (Task(f"{again.id}-{new_id()}", again.workflow, again.arguments, tasks.LATER, delay=wait),)
        except (PlatformError, DecoderUnavailable) as error:
            passing = not isinstance(error, SourceUnavailable)
            if isinstance(error, AccountStopped | CreditExhausted):
                async with self._database.begin() as session:
                    await self._desk.alert(session, "account-stopped", link.platform, type(error).__name__)
            await self._finish_link(link.id, source_id=None, looked=(), reason=type(error).__name__, passing=passing)
            return ()
        reason, failed = None if post else "gone", any(one.outcome == "read-failed" for one in looked)
        await self._finish_link(link.id, source_id=source.id, looked=looked, reason=reason, passing=failed)
        return ()

    async def _wanted_link(self, link_id: str) -> KnownLink | None:
        """The link, while it waits to be read and its case allows that."""
        async with self._database.read() as session:
            link = await session.get(KnownLink, link_id)
            case = None if link is None else await session.get(Case, link.case_id)
        if link is None or case is None or link.state != "entered" or case.state != CaseState.VOUCHED:
            return None
        return link if link.public else None

    async def _link_source(self, platform: str, handle: str) -> Source:
        async with self._database.begin() as session:
            await insert_unless_there(
                session,
                Source,
                id=new_id(),
                platform=platform,
                handle=handle.lower(),
                posts_seen=0,
                added_at=self._desk.now(),
            )
            query = select(Source).where(Source.platform == platform, Source.handle == handle.lower())
            return (await session.scalars(query)).one()

    async def _finish_link(
        self,
        link_id: str,
        *,
        source_id: str | None,
        looked: Sequence[Inspected],
        reason: str | None,
        passing: bool,
    ) -> None:
        """Keep what was seen. After a `passing` fault the link stays entered, and the sweeper lets it be read again."""
        desk = self._desk
        async with self._database.begin() as session:
            link = (await session.scalars(select(KnownLink).where(KnownLink.id == link_id).with_for_update())).one()
            case = await session.get_one(Case, link.case_id)
            if link.state != "entered" or case.state != CaseState.VOUCHED:
                return
            asked_at = max(link.entered_at, case.vouched_at or link.entered_at)
            if passing and desk.now() - asked_at < LINK_PATIENCE:
                link.reason = reason or "read-failed"
                return
            seen = [one for one in looked if one.inspection is not None]
            if seen:
                # What the case's sources showed before is compared with it too.
                await look_back_for(session, desk, case.id)
            link.state = "read" if seen else "unavailable"
            link.reason = reason or (None if seen else "not-inspected")
            link.read_at = desk.now()
            for one in seen:
                if one.inspection is None or source_id is None:
                    continue
                await write_sighting(
                    session,
                    desk,
                    case_id=link.case_id,
                    source_id=source_id,
                    post=one.post,
                    media=one.media,
                    inspection=one.inspection,
                    kind=link.kind,
                    verdict="review",
                    how="the person entered this link",
                    match=None,
                )
                await _watch_link(session, desk, link, one.inspection)
            await desk.record(session, link.case_id, Kind.LINK_READ, link=link.id, state=link.state, media=len(seen))
            if seen:
                await desk.resolve(session, "account-stopped", link.platform or "")


async def _locked(session: AsyncSession, source_id: str) -> Source:
    """The source, first of all that a transaction locks; new rows may still refer to it meanwhile."""
    query = select(Source).where(Source.id == source_id).with_for_update(key_share=True)
    return (await session.scalars(query)).one()


def _again(row: InspectionRow, before: datetime | None) -> bool:
    """A medium that was looked at is looked at again when reading it failed, or when the watch grew since."""
    if row.outcome == "read-failed":
        return row.tries < MOST_TRIES
    return before is not None and row.outcome == "inspected" and row.at < before


def _is_after(cursor: str | None, post: Post) -> bool:
    """False for recent posts that were read again to notice edits. Cursors begin with the last id read."""
    return cursor is None or int(post.id) > int(cursor.split("..")[0])


async def _watch_link(session: AsyncSession, desk: Desk, link: KnownLink, inspection: Inspection) -> None:
    row = Fingerprint(
        id=new_id(),
        case_id=link.case_id,
        kind=link.kind,
        origin="link",
        version=FINGERPRINT_VERSION,
        set_name=WHOLE_SET,
        payload=b"",
        added_at=desk.now(),
    )
    whole = inspection.whole
    payload = {"pdq": whole.hex, "quality": whole.quality, "phash": inspection.phash.hex(), "label": ""}
    row.payload = desk.seal(link.case_id, f"fingerprint:{row.id}", payload)
    session.add(row)
    await session.flush()
    await desk.record(session, link.case_id, Kind.FINGERPRINT_ADDED, fingerprint=row.id, origin="link")


async def _note_inspection(session: AsyncSession, source_id: str, one: Inspected, now: datetime) -> None:
    key = {"source_id": source_id, "post_id": one.post.id, "media_id": one.media.id}
    if not await insert_unless_there(session, InspectionRow, **key, at=now, outcome=one.outcome, tries=1):
        row = await session.get_one(InspectionRow, tuple(key.values()), populate_existing=True)
        row.at, row.outcome, row.tries = now, one.outcome, row.tries + 1
