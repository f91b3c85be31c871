"""The age when the picture of a copy was taken: the fingerprint that matched decides, else the answer for all."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.sightings import Sighting
from monitor.model.facts import AgeGroup, Intake


def age_of(sighting: Sighting, intake: Intake) -> AgeGroup:
    """As the sighting's own row has it."""
    return AgeGroup(sighting.age_group) if sighting.age_group else intake.age_group


async def age_told(session: AsyncSession, fingerprint_id: str | None) -> str | None:
    """What was told of one picture, as an AgeGroup; None where the answer for all counts."""
    known = None if fingerprint_id is None else await session.get(Fingerprint, fingerprint_id)
    return None if known is None else known.age_group
