"""Items: the copies of one picture, and the first notice about any of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.notices import Notice
from db.models.sightings import Sighting


async def confirmed_with(session: AsyncSession, case_id: str, fingerprint_id: str) -> Sighting | None:
    """The confirmed copy of this case that a fingerprint came from; None where it came from no such copy."""
    query = select(Sighting).join(Fingerprint, Fingerprint.sighting_id == Sighting.id)
    query = query.where(Fingerprint.id == fingerprint_id, Fingerprint.origin == "confirmed")
    found: Sighting | None = await session.scalar(query.where(Sighting.case_id == case_id, _confirmed()))
    return found


async def first_copies(session: AsyncSession, case_id: str, *, limit: int) -> Sequence[Sighting]:
    """The first copy of each item of a case, the latest item first."""
    query = select(Sighting).where(Sighting.case_id == case_id, Sighting.item_id == Sighting.id, _confirmed())
    return (await session.scalars(query.order_by(Sighting.decided_at.desc(), Sighting.id).limit(limit))).all()


async def first_notice(session: AsyncSession, item_id: str) -> Notice | None:
    """The first notice about any copy of this item that left; None while none did."""
    query = select(Notice).join(Sighting, Sighting.id == Notice.sighting_id).where(Sighting.item_id == item_id)
    query = query.where(Notice.sent_at.is_not(None)).order_by(Notice.sent_at, Notice.id).limit(1)
    found: Notice | None = await session.scalar(query)
    return found


async def copies_of(session: AsyncSession, item_id: str) -> Sequence[Sighting]:
    """Every copy of an item, decided or not, as they were found."""
    query = select(Sighting).where(Sighting.item_id == item_id).order_by(Sighting.found_at, Sighting.id)
    return (await session.scalars(query)).all()


async def sent_by_itself(session: AsyncSession, case_id: str, since: datetime) -> int:
    """How many copies of a case were confirmed with no other decision since then."""
    query = select(func.count()).select_from(Sighting).where(Sighting.case_id == case_id)
    return await session.scalar(query.where(Sighting.by_itself_at > since)) or 0


def _confirmed() -> ColumnElement[bool]:
    return Sighting.state == "confirmed"
