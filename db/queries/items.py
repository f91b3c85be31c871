"""Items: the copies of one picture, and the first notice about any of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, cast, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.copies import Filing
from db.models.notices import Notice, PastReceipt
from db.models.sightings import Sighting
from db.types import UtcDateTime


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


@dataclass(frozen=True, slots=True)
class AboutItem:
    """What is counted of an item."""

    copies: int
    """Decided or not."""
    first_notice: tuple[str, datetime] | None
    """The first notice about any copy that left, and when; None while none did."""
    past_receipts: tuple[tuple[datetime, datetime], ...]
    """Of one of its copies: when it was removed, and when it came back."""
    taken_back: tuple[tuple[datetime, datetime], ...]
    """The same of receipts whose confirmation was taken back, and when."""
    filings: int
    """What people filed about it by hand."""


async def about_item(session: AsyncSession, item_id: str, sighting_id: str) -> AboutItem:
    """Of the item, and of this one of its copies. One statement."""
    nothing = cast(null(), UtcDateTime)
    sent = select(literal("notice"), Notice.id, Notice.sent_at, nothing, literal(0))
    sent = sent.join(Sighting, Sighting.id == Notice.sighting_id)
    sent = sent.where(Sighting.item_id == item_id, Notice.sent_at.is_not(None)).order_by(Notice.sent_at, Notice.id)
    first = sent.limit(1).subquery()
    what_ended = case((PastReceipt.taken_back_for.is_(None), "receipt"), else_="taken back")
    past = select(what_ended, literal(""), PastReceipt.written_at, PastReceipt.came_back_at, literal(0))
    copies = select(literal("copies"), literal(""), nothing, nothing, func.count())
    copies = copies.select_from(Sighting).where(Sighting.item_id == item_id)
    filed = select(literal("filings"), literal(""), nothing, nothing, func.count())
    filed = filed.select_from(Filing).where(Filing.sighting_id == sighting_id)
    found = select(first), past.where(PastReceipt.sighting_id == sighting_id), copies, filed
    rows: Sequence[Any] = (await session.execute(union_all(*found))).all()
    return AboutItem(
        copies=sum(number for what, *_, number in rows if what == "copies"),
        first_notice=next(((key, at) for what, key, at, *_ in rows if what == "notice"), None),
        past_receipts=tuple(sorted((gone, back) for what, _, gone, back, _ in rows if what == "receipt")),
        taken_back=tuple(sorted((gone, at) for what, _, gone, at, _ in rows if what == "taken back")),
        filings=sum(number for what, *_, number in rows if what == "filings"),
    )


async def sent_by_itself(session: AsyncSession, case_id: str, since: datetime) -> int:
    """How many copies of a case were confirmed with no other decision since then."""
    query = select(func.count()).select_from(Sighting).where(Sighting.case_id == case_id)
    return await session.scalar(query.where(Sighting.by_itself_at > since)) or 0


def _confirmed() -> ColumnElement[bool]:
    return Sighting.state == "confirmed"
