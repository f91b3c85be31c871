"""The age when the picture of a copy was taken: what was told of that picture decides, else the answer for all.

One picture may be told of more than once: registered twice, entered as a link, found by a copy that joined the watch.
Of what was told of any of these the most protective counts, in whatever way a copy of it arrives.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.sightings import Sighting
from monitor.model.facts import AgeGroup, Intake

YOUNG = tuple(one.value for one in AgeGroup if one.counts_as_minor)
"""What protects."""


def age_of(sighting: Sighting, intake: Intake) -> AgeGroup:
    """As the sighting's own row has it."""
    return AgeGroup(sighting.age_group) if sighting.age_group else intake.age_group


def most_protective(ages: Iterable[str | None]) -> str | None:
    """Of what was told of one picture, as an AgeGroup; None where nothing was that protects."""
    told = set(ages)
    return next((one.value for one in (AgeGroup.MINOR, AgeGroup.UNSURE) if one.value in told), None)


async def age_told(session: AsyncSession, fingerprint_id: str | None) -> str | None:
    """What was told of one picture, as an AgeGroup; None where the answer for all counts."""
    known = None if fingerprint_id is None else await session.get(Fingerprint, fingerprint_id)
    return None if known is None else known.age_group


async def age_at(session: AsyncSession, case_id: str, source_id: str, *, post_id: str, media_id: str) -> str | None:
    """What was told of the picture that a sighting of the case stands for; None also where there is no sighting."""
    there = (Sighting.case_id == case_id, Sighting.source_id == source_id)
    this = (Sighting.post_id == post_id, Sighting.media_id == media_id)
    age: str | None = await session.scalar(select(Sighting.age_group).where(*there, *this))
    return age


async def protecting_age(session: AsyncSession, sighting: Sighting) -> str | None:
    """What was told of another copy of the same picture, where that protects and this one's own row does not."""
    if sighting.age_group in YOUNG:
        return None
    names = {sighting.id, sighting.alike_id, sighting.item_id}
    return await told_of_the_same(session, sighting.case_id, names)


async def told_of_the_same(session: AsyncSession, case_id: str, names: Collection[str | None]) -> str | None:
    """Of the copies of a case that show one picture, by any of the ids that they share."""
    mine = (Sighting.case_id == case_id, Sighting.age_group.in_(YOUNG), shares({one for one in names if one}))
    return most_protective(await session.scalars(select(Sighting.age_group).where(*mine).distinct()))


def shares(names: Collection[str]) -> ColumnElement[bool]:
    """Sightings that are, or belong to, one of these: the first copy of a picture names all of them."""
    one_of = sorted(names)
    return Sighting.id.in_(one_of) | Sighting.alike_id.in_(one_of) | Sighting.item_id.in_(one_of)
