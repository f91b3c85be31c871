"""The age of a picture that is found now: a new copy is compared with everything that was said to be a minor's."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.matching.verdict import judge
from monitor.sightings.age import YOUNG, age_told, most_protective, protecting_age, told_of_the_same
from monitor.sightings.case_pictures import shown_by_copy, shown_by_print
from monitor.sightings.looking_alike import Lookalikes, Shown
from monitor.watch.opening import watched


async def age_when_found(
    session: AsyncSession,
    context: DomainContext,
    case_id: str,
    hashed: HashedMedium,
    *,
    told: str | None,
    alike_id: str,
    item_id: str | None,
    fingerprint_id: str | None = None,
) -> str | None:
    """Of a copy that is written now. `told`: of the fingerprint that it matched (`fingerprint_id`), or of the copy in
    whose place it stands.

    It is compared with every picture of the case that was said to be a minor's, too: two fingerprints may fit it, or
    the one that does may be of the same picture as another.
    """
    if told in YOUNG:
        return told
    return (
        await told_of_the_same(session, case_id, {alike_id, item_id})
        or await _of_a_young_picture(session, context, case_id, hashed, fingerprint_id)
        or told
    )


async def age_anew(session: AsyncSession, context: DomainContext, sighting: Sighting) -> str | None:
    """What protects a copy that was written before, where its own row does not: an older program may have written it,
    or it was being written while the age was told."""
    if sighting.age_group in YOUNG:
        return None
    led = await age_told(session, sighting.fingerprint_id)
    if led in YOUNG:
        return led
    known = await protecting_age(session, sighting)
    if known is not None:
        return known
    rows = await _young_pictures(session, sighting.case_id)
    if not rows:
        return None
    mine = shown_by_copy(context, sighting.case_id, sighting.id, sighting.evidence)
    return await _looks_young(session, context, rows, [mine], sighting.fingerprint_id)


async def _of_a_young_picture(
    session: AsyncSession, context: DomainContext, case_id: str, hashed: HashedMedium, fingerprint_id: str | None
) -> str | None:
    rows = await _young_pictures(session, case_id)
    if not rows:
        return None
    fits = {one.fingerprint_id for one in judge(hashed, watched(context, rows))}
    itself = most_protective(row.age_group for row in rows if row.id in fits)
    return itself or await _looks_young(session, context, rows, [], fingerprint_id)


async def _young_pictures(session: AsyncSession, case_id: str) -> Sequence[Fingerprint]:
    told = (Fingerprint.age_group.in_(YOUNG), Fingerprint.removed_at.is_(None))
    return (await session.scalars(select(Fingerprint).where(Fingerprint.case_id == case_id, *told))).all()


async def _looks_young(
    session: AsyncSession,
    context: DomainContext,
    rows: Sequence[Fingerprint],
    shown: list[Shown],
    fingerprint_id: str | None,
) -> str | None:
    """What was told of those of `rows` that look like what is shown, or like the fingerprint that led to it. Not of
    what only lay beside a copy: nobody said that it is the same picture."""
    led_by = None if fingerprint_id is None else await session.get(Fingerprint, fingerprint_id)
    if led_by is not None:
        shown = [*shown, _shown(context, led_by)]
    same = [row for row in rows if row.origin != "beside" and row.id != fingerprint_id]
    alike = Lookalikes({row.id: _shown(context, row) for row in same}).of(shown)
    return most_protective(row.age_group for row in rows if row.id in alike)


def _shown(context: DomainContext, row: Fingerprint) -> Shown:
    return shown_by_print(context, row.case_id, row.id, row.version, row.payload)
