"""What sources showed, kept as sealed fingerprints: whoever comes later is compared without reading anything again.

The rows belong to a source and tell nothing of any case. Their keys, one a source and day, are destroyed together with
them; the epoch in a key's name makes sure that nothing that was destroyed is ever written under again.
Who writes or ends the keeping holds the source's lock, so a late crawl and a withdrawal never cross.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.seen import SeenMedium
from db.models.sources import Inspection as InspectionRow
from db.models.sources import Source
from db.queries.seen import watched_sources
from db.session import after_commit
from monitor.context.context import Desk
from monitor.crypto import Key
from monitor.errors import CryptoError, KeyDestroyed
from monitor.fingerprints.keeping import keep, kept
from monitor.fingerprints.values import FINGERPRINT_VERSION, Inspection
from monitor.keys import SEEN, seen_key, seen_key_parts
from monitor.platforms.base import MediaKind, Post

log = logging.getLogger(__name__)


class Keeper:
    """Keeps what one transaction saw of one source, which it holds locked and found a live consent for."""

    def __init__(self, session: AsyncSession, desk: Desk, source: Source) -> None:
        self._session, self._desk, self._source = session, desk, source
        self._now = desk.now()
        self._key: Key | None = None

    async def keep(self, post_id: str, media_id: str, inspection: Inspection) -> None:
        """Keep the fingerprint of a medium, in place of what was kept of it before."""
        identity = {"source_id": self._source.id, "post_id": post_id, "media_id": media_id}
        key = self._days_key()
        values = {
            "epoch": self._source.seen_epoch,
            "day": self._day,
            "seen_at": self._now,
            "checked_at": self._now,
            "version": FINGERPRINT_VERSION,
            "payload": key.seal(keep(inspection), _context(**identity)),
        }
        if not await insert_unless_there(self._session, SeenMedium, **identity, **values):
            row = (SeenMedium.source_id == self._source.id, SeenMedium.post_id == post_id)
            await self._session.execute(
                update(SeenMedium).where(*row, SeenMedium.media_id == media_id).values(**values)
            )

    @property
    def _day(self) -> date:
        return self._now.astimezone(UTC).date()

    def _days_key(self) -> Key:
        if self._key is None:
            try:
                self._key = self._desk.keys.create(seen_key(self._source.id, self._source.seen_epoch, self._day))
            except KeyDestroyed:
                # Keeping was switched off and on again within the day: what is gone stays gone, under its old name.
                self._source.seen_epoch += 1
                self._key = self._desk.keys.create(seen_key(self._source.id, self._source.seen_epoch, self._day))
        return self._key


class Opener:
    """Opens kept rows; asks for each day's key once. Made for one short piece of work: keys may be destroyed after."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keys: dict[str, Key | None] = {}

    def open(self, rows: Iterable[SeenMedium]) -> list[tuple[SeenMedium, Inspection]]:
        """The rows with what was kept. What does not open is left out: its key was destroyed, or it is damaged."""
        opened, closed = [], 0
        for row in rows:
            key = self._key(seen_key(row.source_id, row.epoch, row.day))
            try:
                if key is not None:
                    data = key.open(row.payload, _context(row.source_id, row.post_id, row.media_id))
                    opened.append((row, kept(data)))
            except (CryptoError, ValueError):
                closed += 1
        if closed:
            log.error("kept fingerprints unreadable", extra={"rows": closed})
        return opened

    def _key(self, name: str) -> Key | None:
        if name not in self._keys:
            try:
                self._keys[name] = self._desk.keys.get(name)
            except KeyDestroyed:
                self._keys[name] = None
        return self._keys[name]


async def forget_posts(
    session: AsyncSession, source_id: str, post_ids: Iterable[str], *, now: datetime, standing: Iterable[str] = ()
) -> int:
    """Mirror the deletion of posts, but for their `standing` media. Returns how many fingerprints went."""
    posts, media = list(post_ids), list(standing)
    rows = (SeenMedium.source_id == source_id, SeenMedium.post_id.in_(posts), SeenMedium.media_id.not_in(media))
    looked = (InspectionRow.source_id == source_id, InspectionRow.post_id.in_(posts))
    deleted = await session.execute(delete(SeenMedium).where(*rows).returning(SeenMedium.media_id))
    await session.execute(
        update(InspectionRow).where(*looked, InspectionRow.media_id.not_in(media)).values(gone_at=now)
    )
    return len(deleted.all())


async def forget_replaced(session: AsyncSession, source_id: str, posts: Sequence[Post], *, now: datetime) -> None:
    """Mirror what became of posts that were read again: media that they no longer show."""
    query = select(SeenMedium.post_id, SeenMedium.media_id).where(
        SeenMedium.source_id == source_id, SeenMedium.post_id.in_([post.id for post in posts])
    )
    kept_media = {tuple(row) for row in (await session.execute(query)).all()}
    for post in posts:
        shown = {medium.id for medium in post.media}
        if tells_its_media(post) and any(at == post.id and medium not in shown for at, medium in kept_media):
            await forget_posts(session, source_id, [post.id], now=now, standing=shown)


def tells_its_media(post: Post) -> bool:
    """Can it be said of a medium that this post no longer shows it? A withheld post shows none, an odd one hides it."""
    return bool(post.media) and all(medium.kind is not MediaKind.UNSUPPORTED for medium in post.media)


async def forget_unless_watched(session: AsyncSession, desk: Desk, source_ids: Iterable[str]) -> None:
    """Destroy what is kept of those sources that no live consent covers. Call it once the consents are changed."""
    wanted = sorted(set(source_ids))
    await session.flush()
    query = select(Source).where(Source.id.in_(wanted)).order_by(Source.id).with_for_update(key_share=True)
    sources = (await session.scalars(query.execution_options(populate_existing=True))).all()
    watched = await watched_sources(session, wanted, desk.now())
    for source in sources:
        if source.id not in watched:
            await forget_source(session, desk, source)


async def forget_source(session: AsyncSession, desk: Desk, source: Source) -> None:
    """Destroy what is kept of a locked source: rows now, keys at the commit (or, after a death, by tidying)."""
    over = source.seen_epoch
    source.seen_epoch += 1
    await session.execute(delete(SeenMedium).where(SeenMedium.source_id == source.id))
    await session.flush()
    source_id = source.id
    after_commit(session, lambda: destroy_keys(desk, source_id, up_to=over))


def destroy_keys(desk: Desk, source_id: str, *, up_to: int) -> None:
    """From here on nothing that was sealed in these epochs of a source opens, in the database or in a copy of it."""
    try:
        names = [name for name in desk.keys.names(f"{SEEN}{source_id}:") if seen_key_parts(name)[1] <= up_to]
        desk.keys.destroy_all(names)
    except DBAPIError as error:
        # The transaction stands, so it must not look as if it failed: the tidying destroys them.
        log.error("keys not destroyed yet", extra={"source_id": source_id, "reason": type(error).__name__})
        return
    if names:
        log.info("source forgotten", extra={"source_id": source_id, "keys": len(names)})


def _context(source_id: str, post_id: str, media_id: str) -> str:
    return f"seen|{source_id}|{post_id}|{media_id}"
