"""What is kept of what sources showed: which rows, for whom, and what is missing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.seen import SeenMedium
from db.models.sources import WITH_HASHES, Inspection, Source


def usable(source: Source, version: str) -> ColumnElement[bool]:
    """The condition that a kept row opens and can be compared."""
    return and_(SeenMedium.source_id == source.id, SeenMedium.epoch == source.seen_epoch, SeenMedium.version == version)


async def seen_chunk(
    session: AsyncSession, source: Source, *, version: str, since: datetime, after: tuple[str, str], limit: int
) -> Sequence[SeenMedium]:
    """The next rows of a source after a post and medium, in a fixed order."""
    query = (
        select(SeenMedium)
        .where(
            usable(source, version),
            SeenMedium.seen_at >= since,
            tuple_(SeenMedium.post_id, SeenMedium.media_id) > tuple_(*after),
        )
        .order_by(SeenMedium.post_id, SeenMedium.media_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def seen_of_posts(
    session: AsyncSession, source: Source, post_ids: Sequence[str], *, version: str
) -> Sequence[SeenMedium]:
    """What is kept of some posts."""
    query = select(SeenMedium).where(usable(source, version), SeenMedium.post_id.in_(post_ids))
    return (await session.scalars(query.order_by(SeenMedium.post_id, SeenMedium.media_id))).all()


async def is_uncovered(
    session: AsyncSession, source: Source, *, version: str, since: datetime, before: datetime
) -> bool:
    """Was a medium inspected between these times of which nothing is kept, although its post may still stand?"""
    row = exists().where(
        usable(source, version), SeenMedium.post_id == Inspection.post_id, SeenMedium.media_id == Inspection.media_id
    )
    query = select(Inspection.post_id).where(
        Inspection.source_id == source.id,
        Inspection.outcome.in_(WITH_HASHES),
        Inspection.gone_at.is_(None),
        Inspection.at >= since,
        Inspection.at < before,
        ~row,
    )
    return (await session.execute(query.limit(1))).first() is not None


async def unchecked_posts(session: AsyncSession, source_id: str, *, before: datetime, limit: int) -> Sequence[str]:
    """Posts of which something is kept and that were not seen to exist since, the longest unseen first."""
    query = (
        select(SeenMedium.post_id)
        .where(SeenMedium.source_id == source_id, SeenMedium.checked_at < before)
        .order_by(SeenMedium.checked_at, SeenMedium.post_id)
        .limit(limit)
    )
    return tuple(dict.fromkeys((await session.scalars(query)).all()))


async def sources_with_kept(session: AsyncSession) -> set[str]:
    """Ids of the sources of which anything is kept."""
    return set((await session.scalars(select(SeenMedium.source_id).distinct())).all())
