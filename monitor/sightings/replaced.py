"""A confirmed picture that is put into its post anew, under another media id, stays the same item.

Telegram keeps a post's number when its media are replaced; only the media's ids tell. A copy that was taken for gone
because its id is would be found again as a new one, while its notice was closed with a receipt.
"""

from collections.abc import Collection, Sequence
from typing import Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.model.records.observed import ObservedPart
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.platforms.base import Media, Post, Presence
from monitor.sightings.following import come_back, lock_notices_of
from monitor.sightings.same_picture import is_same

REMOVED = "removed:"
"""Begins the media id of a removed copy whose picture an older program found again, under its old id, as a new one."""


async def keep_as_same_item(
    session: AsyncSession, context: DomainContext, sighting: Sighting, post: Post, media: Media, hashed: HashedMedium
) -> None:
    """The confirmed picture of a locked sighting stands at its post under another media id: notices about it go on."""
    sighting.presence, sighting.gone_since, sighting.gone_looks = Presence.EDITED, None, 0
    taken = select(Sighting.id).where(
        Sighting.case_id == sighting.case_id,
        Sighting.source_id == sighting.source_id,
        Sighting.post_id == sighting.post_id,
        Sighting.media_id == media.id,
    )
    if await session.scalar(taken) is not None:
        return  # found under the new id before this was known: an advocate decides about that row
    before, sighting.media_id = sighting.media_id, media.id
    await session.flush()
    platform = (await session.get_one(Source, sighting.source_id)).platform
    collector = context.accounts.get(platform, platform)
    seen = ObservedPart.of(post, at=context.now(), collector=collector, media=media, hashed=hashed)
    await context.record(
        session,
        sighting.case_id,
        EntryKind.COPY_REPLACED,
        sighting=sighting.id,
        media_before=before,
        evidence=SightingRecord.of(post, media, hashed, seen).for_ledger(platform, post.id),
    )


class ConfirmedCopies:
    """The confirmed copies at some posts, those that were removed too; locked."""

    def __init__(self, context: DomainContext, rows: Sequence[Sighting]) -> None:
        self._context, self._rows = context, rows

    @classmethod
    async def at(
        cls, session: AsyncSession, context: DomainContext, source_id: str, posts: Collection[Post], cases: set[str]
    ) -> Self:
        """Call it before the transaction's first ledger entry."""
        if not posts:
            return cls(context, ())
        query = select(Sighting).where(
            Sighting.source_id == source_id,
            Sighting.case_id.in_(sorted(cases)),
            Sighting.post_id.in_(sorted({post.id for post in posts})),
            Sighting.state == SightingState.CONFIRMED,
        )
        rows = await lock_rows(session, query)
        await lock_notices_of(session, [row for row in rows if row.removed_at is not None])
        return cls(context, rows)

    async def take(self, session: AsyncSession, case_id: str, post: Post, media: Media, hashed: HashedMedium) -> bool:
        """True when this medium is a confirmed copy that was put there anew: it stays the same copy.

        Also one that was removed, with its receipt: it came back, whether under the very same id or another.
        """
        shown = {one.id for one in post.media}
        for row in self._rows:
            if (row.case_id, row.post_id) != (case_id, post.id):
                continue
            if row.removed_at is not None and row.media_id == media.id:
                await come_back(session, self._context, row, Presence.LIVE)
                return True
            if row.media_id in shown or row.media_id.startswith(REMOVED):
                continue
            evidence = self._context.open_record(SightingRecord, row.case_id, row.id, row.evidence)
            if is_same(evidence, hashed):
                if row.removed_at is not None:
                    await come_back(session, self._context, row, Presence.EDITED)
                await keep_as_same_item(session, self._context, row, post, media, hashed)
                return True
        return False
