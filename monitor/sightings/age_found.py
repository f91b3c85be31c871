"""The age of a picture that is found now: a new copy is compared with everything that was said to be a minor's."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.matching.verdict import judge
from monitor.sightings.age import YOUNG, most_protective, told_of_the_same
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
) -> str | None:
    """Of a copy that is written now. `told`: of the fingerprint that it matched, or of the copy whose place it took.

    It is compared with every picture of the case that was said to be a minor's, too: two fingerprints may fit it.
    """
    if told in YOUNG:
        return told
    return (
        await told_of_the_same(session, case_id, {alike_id, item_id})
        or await _of_a_young_picture(session, context, case_id, hashed)
        or told
    )


async def _of_a_young_picture(
    session: AsyncSession, context: DomainContext, case_id: str, hashed: HashedMedium
) -> str | None:
    told = (Fingerprint.age_group.in_(YOUNG), Fingerprint.removed_at.is_(None))
    rows = (await session.scalars(select(Fingerprint).where(Fingerprint.case_id == case_id, *told))).all()
    if not rows:
        return None
    fits = {one.fingerprint_id for one in judge(hashed, watched(context, rows))}
    return most_protective(row.age_group for row in rows if row.id in fits)
