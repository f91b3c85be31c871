"""Hashes of pictures that are known to be harmless."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.benign import BenignHash


async def benign_ids(session: AsyncSession, *, version: str) -> frozenset[str]:
    """What is listed now. A row never changes, so the ids tell whether the list did."""
    return frozenset((await session.scalars(select(BenignHash.id).where(BenignHash.version == version))).all())


async def benign_hashes(session: AsyncSession) -> Sequence[BenignHash]:
    """The whole list, the oldest first."""
    return (await session.scalars(select(BenignHash).order_by(BenignHash.added_at, BenignHash.id))).all()
