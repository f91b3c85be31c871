"""What is said of a copy's item: the first copy, the first notice about any of them, and which left by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice, NoticeClock
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.clocks import RunningClock, clocks_of_notice
from db.queries.items import about_item
from db.queries.sightings import visible
from monitor.actions.access import get_notice
from monitor.actions.clocks import clocks_that_run
from monitor.context.context import DomainContext


@dataclass(frozen=True, slots=True)
class ItemOfCopy:
    """The item that a copy belongs to."""

    item_id: str
    first: bool
    """This copy is the item's first one."""
    copies: int
    """Decided or not."""
    first_notice: str | None
    """Id of the first notice about any copy that left."""
    first_sent_at: datetime | None
    past_receipts: tuple[tuple[datetime, datetime], ...] = ()
    """Of this copy: when it was removed, and when it came back."""
    taken_back: tuple[tuple[datetime, datetime], ...] = ()
    """Of this copy: when it was removed, and when its confirmation was taken back."""
    filings: int = 0
    """What people filed about this copy by hand."""


async def item_of(session: AsyncSession, sighting: Sighting) -> ItemOfCopy | None:
    """None while the copy belongs to no item: nobody confirmed it, and it is no re-upload of one that was."""
    if sighting.item_id is None:
        return None
    about = await about_item(session, sighting.item_id, sighting.id)
    first_notice, first_sent_at = about.first_notice or (None, None)
    return ItemOfCopy(
        item_id=sighting.item_id,
        first=sighting.item_id == sighting.id,
        copies=about.copies,
        first_notice=first_notice,
        first_sent_at=first_sent_at,
        past_receipts=about.past_receipts,
        taken_back=about.taken_back,
        filings=about.filings,
    )


@dataclass(frozen=True, slots=True)
class SentByItself:
    """A re-upload that was reported with no other decision."""

    sighting_id: str
    case_id: str
    item_id: str
    at: datetime
    notices: tuple[tuple[str, str, str], ...]
    """Id, route and state of each."""


async def sent_by_themselves(
    session: AsyncSession, actor: AdvocateActor, *, limit: int, offset: int = 0
) -> tuple[Sequence[SentByItself], int]:
    """The organisation's, the latest first; and how many in all."""
    by_itself = Sighting.by_itself_at.is_not(None)
    query = select(Sighting).join(Case, visible(actor)).where(by_itself)
    query = query.order_by(Sighting.by_itself_at.desc(), Sighting.id).limit(limit).offset(offset)
    rows = (await session.scalars(query)).all()
    about = select(Notice).where(Notice.sighting_id.in_([row.id for row in rows]))
    notices = (await session.scalars(about.order_by(Notice.created_at, Notice.id))).all()
    count = select(func.count()).select_from(Sighting).join(Case, visible(actor)).where(by_itself)
    found = [
        SentByItself(
            sighting_id=row.id,
            case_id=row.case_id,
            item_id=row.item_id or row.id,
            at=row.by_itself_at,
            notices=tuple((one.id, one.route, one.state) for one in notices if one.sighting_id == row.id),
        )
        for row in rows
        if row.by_itself_at is not None
    ]
    return found, await session.scalar(count) or 0


async def cases_with_resending(session: AsyncSession, actor: AdvocateActor, *, limit: int = 200) -> Sequence[Case]:
    """The organisation's cases in which somebody switched it on, the latest first."""
    on = Case.resend_person_at.is_not(None) | Case.resend_advocate_at.is_not(None)
    query = select(Case).where(Case.organisation_id == actor.organisation_id, Case.state == "vouched", on)
    return (await session.scalars(query.where(Case.frozen_at.is_(None)).order_by(Case.id).limit(limit))).all()


async def clocks_about(session: AsyncSession, actor: AdvocateActor, notice_id: str) -> Sequence[NoticeClock]:
    """Every clock of one notice, whether it runs or has ended. Raises NotFound for another organisation's."""
    await get_notice(session, actor, notice_id)
    return await clocks_of_notice(session, notice_id)


async def clocks_of_organisation(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor
) -> Sequence[RunningClock]:
    """What runs for the organisation: this advocate's own first, then what ends first."""
    clocks = await clocks_that_run(session, context, actor.organisation_id)
    return sorted(clocks, key=lambda one: (one.advocate_id != actor.id, one.ends_at, one.sighting_id or ""))
