"""The deletion sync: which posts of which something is kept were deleted, or show something else? What is kept goes.

What an older post shows since is read by the next crawl: a crawl itself sees the edits of the newest posts only.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.seen import SeenMedium
from db.models.sources import Source
from db.queries.seen import unchecked_posts
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import PlatformError
from monitor.core.leave import asking
from monitor.history.forgetting import forget_posts, tell_everybody_what_went
from monitor.platforms.base import Platform
from monitor.sources.accounts import Accounts
from monitor.sources.inspection_log import note_changed
from monitor.sources.names import resolved
from monitor.sources.sources import locked, readable

log = logging.getLogger(__name__)

SYNC_EVERY = timedelta(hours=6)
"""How often a source is asked."""
CHECKED_LATELY = timedelta(hours=20)
"""A post that was seen to exist since is not asked for: so each is asked for about once a day."""
AT_A_TIME = 100
"""Posts of one question."""
MOST_BATCHES = 20
"""Questions of one run: what is left comes with the next."""


class DeletionSync:
    """Mirrors deletions, where the platform answers for many posts at once and free of charge."""

    def __init__(self, database: Database, context: DomainContext, accounts: Accounts) -> None:
        self._database, self._context, self._accounts = database, context, accounts

    async def sync(self, source_id: str) -> None:
        """Ask for the posts that were not seen to exist for the longest time."""
        with asking(partial(self._may_go_on, source_id)):
            await self._sync(source_id)

    async def _may_go_on(self, source_id: str) -> bool:
        return await readable(self._database, source_id, self._context.now()) is not None

    async def _sync(self, source_id: str) -> None:
        source = await readable(self._database, source_id, self._context.now())
        if source is None:
            return
        async with self._database.begin() as session:
            await locked(session, source_id)
            await tell_everybody_what_went(session, source_id, now=self._context.now())
        try:
            async with self._accounts.use(source.platform) as platform:
                for _ in range(MOST_BATCHES):
                    # Asked before every question: a consent may have been withdrawn a moment ago.
                    source = await readable(self._database, source_id, self._context.now())
                    if source is None or not await self._batch(platform, source):
                        break
        except PlatformError as error:
            # Nothing is known, so nothing goes; the next run asks again.
            log.warning("posts not rechecked", extra={"source_id": source_id, "reason": type(error).__name__})

    async def _batch(self, platform: Platform, source: Source) -> bool:
        """One question; False when nothing is left to ask."""
        before = self._context.now() - CHECKED_LATELY
        async with self._database.read() as session:
            posts = await unchecked_posts(session, source.id, before=before, limit=AT_A_TIME)
        if not posts:
            return False
        ref = await resolved(self._database, source, platform, self._context.now())
        told = await platform.standing(ref, posts)
        if told is None:
            return False
        now, deleted = self._context.now(), {post_id for post_id, media in told.items() if media is None}
        shown, standing = {post_id: media for post_id, media in told.items() if media is not None}, set(posts) - deleted
        async with self._database.begin() as session:
            await locked(session, source.id)
            rows = await forget_posts(session, source.id, deleted, now=now, case_id=None)
            for post_id in await _replaced(session, source.id, shown):
                rows += await forget_posts(
                    session, source.id, [post_id], now=now, case_id=None, standing=shown[post_id]
                )
            changed = await note_changed(session, source.id, shown, now)
            checked = update(SeenMedium).where(SeenMedium.source_id == source.id, SeenMedium.post_id.in_(standing))
            await session.execute(checked.values(checked_at=now))
        log.info(
            "posts rechecked",
            extra={"source_id": source.id, "posts": len(posts), "rows_gone": rows, "changed": changed},
        )
        return True


async def _replaced(session: AsyncSession, source_id: str, shown: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Posts that no longer show something that is kept of them."""
    query = select(SeenMedium.post_id, SeenMedium.media_id)
    mine = (SeenMedium.source_id == source_id, SeenMedium.post_id.in_(shown))
    kept = (await session.execute(query.where(*mine))).all()
    return sorted({post_id for post_id, media_id in kept if media_id not in shown[post_id]})
