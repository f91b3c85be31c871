"""What was kept of a source ends: with its post, with its last consent."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.seen import SeenMedium
from db.models.sources import Inspection, Source
from db.queries.consents import watched_sources
from db.session import after_commit
from monitor.context.context import DomainContext
from monitor.keys.store import SEEN, seen_key_parts
from monitor.platforms.base import MediaKind, Post

log = logging.getLogger(__name__)


async def forget_posts(
    session: AsyncSession,
    source_id: str,
    post_ids: Iterable[str],
    *,
    now: datetime,
    case_id: str | None,
    standing: Iterable[str] = (),
) -> int:
    """Mirror the deletion of posts, but for their `standing` media. Returns how many fingerprints went.

    `case_id`: on whose behalf it was found out; None: in everybody's turn.
    """
    posts, media = list(post_ids), list(standing)
    rows = (SeenMedium.source_id == source_id, SeenMedium.post_id.in_(posts), SeenMedium.media_id.not_in(media))
    inspected = (Inspection.source_id == source_id, Inspection.post_id.in_(posts), Inspection.gone_at.is_(None))
    deleted = await session.execute(delete(SeenMedium).where(*rows).returning(SeenMedium.media_id))
    gone = update(Inspection).where(*inspected, Inspection.media_id.not_in(media))
    await session.execute(gone.values(gone_at=now, gone_for=case_id))
    return len(deleted.all())


async def tell_everybody_what_went(session: AsyncSession, source_id: str, *, now: datetime) -> None:
    """What was found out on behalf of one case is everybody's from the next deletion sync on, as if found there."""
    theirs = update(Inspection).where(Inspection.source_id == source_id, Inspection.gone_for.is_not(None))
    await session.execute(theirs.values(gone_at=now, gone_for=None))


async def forget_replaced(
    session: AsyncSession, source_id: str, posts: Sequence[Post], *, now: datetime, case_id: str | None
) -> None:
    """Mirror what became of posts that were read again: media that they no longer show."""
    query = select(SeenMedium.post_id, SeenMedium.media_id).where(
        SeenMedium.source_id == source_id, SeenMedium.post_id.in_([post.id for post in posts])
    )
    kept_media = {tuple(row) for row in (await session.execute(query)).all()}
    for post in posts:
        shown = {medium.id for medium in post.media}
        if tells_its_media(post) and any(at == post.id and medium not in shown for at, medium in kept_media):
            await forget_posts(session, source_id, [post.id], now=now, case_id=case_id, standing=shown)


def tells_its_media(post: Post) -> bool:
    """Can it be said of a medium that this post no longer shows it? A withheld post shows none, an odd one hides it."""
    return bool(post.media) and all(medium.kind is not MediaKind.UNSUPPORTED for medium in post.media)


async def forget_unless_watched(session: AsyncSession, context: DomainContext, source_ids: Iterable[str]) -> None:
    """Destroy what is kept of those sources that no live consent covers. Call it once the consents are changed."""
    wanted = sorted(set(source_ids))
    await session.flush()
    sources = await lock_rows(session, select(Source).where(Source.id.in_(wanted)))
    watched = await watched_sources(session, wanted, context.now())
    for source in sources:
        if source.id not in watched:
            await forget_source(session, context, source)


async def forget_source(session: AsyncSession, context: DomainContext, source: Source) -> None:
    """Destroy what is kept of a locked source: rows now, keys at the commit (or, after a death, by tidying)."""
    over = source.seen_epoch
    source.seen_epoch += 1
    await session.execute(delete(SeenMedium).where(SeenMedium.source_id == source.id))
    await session.flush()
    source_id = source.id
    after_commit(session, lambda: destroy_keys(context, source_id, up_to=over))


def destroy_keys(context: DomainContext, source_id: str, *, up_to: int) -> None:
    """From here on nothing that was sealed in these epochs of a source opens, in the database or in a copy of it."""
    try:
        names = [name for name in context.keys.names(f"{SEEN}{source_id}:") if seen_key_parts(name)[1] <= up_to]
        context.keys.destroy_all(names)
    except DBAPIError as error:
        # The transaction stands, so it must not look as if it failed: the tidying destroys them.
        log.error("keys not destroyed yet", extra={"source_id": source_id, "reason": type(error).__name__})
        return
    if names:
        log.info("source forgotten", extra={"source_id": source_id, "keys": len(names)})
