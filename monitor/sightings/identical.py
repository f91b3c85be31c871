"""A copy that was confirmed only because it is identical to another: whether what it rests on still stands."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.copies import CopyClosing
from db.models.sightings import Sighting
from db.queries.queue import said_of_item
from monitor.model.copies import Closing
from monitor.model.facts import Basis, PersonsWord
from monitor.model.grounds import persons_word
from monitor.model.states import Dismissal, SightingState

_SAYS_NO = (Closing.PERSON_WANTS_NO_MORE, Closing.WITH_THE_AUTHORITIES, Closing.HANDED_OVER, Closing.BY_MISTAKE)
"""Of one copy, and meant of its picture wherever it stands: unlike that this one is gone, or that all was tried."""
_IS_MISTAKE = CopyClosing.reason == Closing.BY_MISTAKE
_DECLINED = (Dismissal.PERSON_DECLINED, Dismissal.NOT_THE_PICTURE, Dismissal.HARMLESS)


def rests_on_another(sighting: Sighting) -> bool:
    """Nobody decided about this very copy: it is confirmed because it is identical."""
    return sighting.state == SightingState.CONFIRMED and sighting.basis == Basis.IDENTICAL_COPY


async def ground_stands(session: AsyncSession, sighting: Sighting) -> bool:
    """Whether what it rests on stands: see `another_stands`. True of whatever rests on no other."""
    return not rests_on_another(sighting) or await another_stands(session, sighting)


async def another_stands(session: AsyncSession, sighting: Sighting) -> bool:
    """Whether another copy of its picture is confirmed for a reason of its own, and not closed as a mistake."""
    mistaken = exists().where(CopyClosing.sighting_id == Sighting.id, _IS_MISTAKE)
    of_its_own = Sighting.basis.is_distinct_from(Basis.IDENTICAL_COPY)
    ground = select(Sighting.id).where(_others(sighting), Sighting.state == SightingState.CONFIRMED, of_its_own)
    return await session.scalar(ground.where(~mistaken).limit(1)) is not None


async def said_no(session: AsyncSession, sighting: Sighting) -> bool:
    """Whether somebody decided that nothing is done about this picture, as another copy of it was closed or dismissed;
    or the person says that it is not theirs: what overrules that is one advocate's choice, of the copies they saw."""
    said = await said_of_item(session, sighting.alike_id or sighting.id)
    if persons_word((one.who, one.said, one.at) for one in said) is PersonsWord.NO:
        return True
    closed = exists().where(CopyClosing.sighting_id == Sighting.id, CopyClosing.reason.in_(_SAYS_NO))
    dismissed = (Sighting.state == SightingState.DISMISSED) & Sighting.dismissal.in_(_DECLINED)
    found = select(Sighting.id).where(_others(sighting), or_(dismissed, closed)).limit(1)
    return await session.scalar(found) is not None


async def resting_on(session: AsyncSession, sighting: Sighting) -> Sequence[str]:
    """Ids of the copies that have no other ground than this one."""
    if rests_on_another(sighting) or await another_stands(session, sighting):
        return ()
    resting = (Sighting.state == SightingState.CONFIRMED, Sighting.basis == Basis.IDENTICAL_COPY)
    query = select(Sighting.id).where(_others(sighting), *resting).order_by(Sighting.id)
    return (await session.scalars(query)).all()


async def closed_as_mistakes(session: AsyncSession, copies: Sequence[Sighting]) -> frozenset[str]:
    """Ids of those of these that were closed as confirmed by mistake: no ground for any other."""
    query = select(CopyClosing.sighting_id).where(CopyClosing.sighting_id.in_([row.id for row in copies]), _IS_MISTAKE)
    return frozenset(await session.scalars(query))


def without_ground(
    copies: Sequence[Sighting], taken_back: Sequence[Sighting], mistaken: Collection[str]
) -> list[Sighting]:
    """Of all copies of one picture those that rest on another, where none is left once these are taken back.
    `mistaken`: see `closed_as_mistakes`."""
    left = [row for row in copies if row not in taken_back and row.state == SightingState.CONFIRMED]
    resting = [row for row in left if rests_on_another(row)]
    return resting if all(row in resting or row.id in mistaken for row in left) else []


def _others(sighting: Sighting) -> ColumnElement[bool]:
    """The other copies of the same picture: see `alike_id` and `item_id`."""
    names = {one for one in (sighting.id, sighting.alike_id, sighting.item_id) if one is not None}
    same = or_(Sighting.id.in_(names), Sighting.alike_id.in_(names), Sighting.item_id.in_(names))
    return same & (Sighting.case_id == sighting.case_id) & (Sighting.id != sighting.id)
