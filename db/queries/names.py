"""Words that persons let be looked for beside their pictures."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.own import NameTerm
from db.models.sightings import Sighting
from db.queries.consents import consenting


async def terms_of(session: AsyncSession, case_id: str) -> Sequence[NameTerm]:
    """Every word of a case, the oldest first."""
    query = select(NameTerm).where(NameTerm.case_id == case_id)
    return (await session.scalars(query.order_by(NameTerm.entered_at, NameTerm.id))).all()


async def terms_to_find(session: AsyncSession, source_id: str, now: datetime) -> Sequence[NameTerm]:
    """Approved words of the cases that consent to watching this source and let their names be looked for."""
    query = select(NameTerm).join(Case, Case.id == NameTerm.case_id)
    query = query.where(Case.names_at.is_not(None), NameTerm.state == "approved")
    query = query.where(NameTerm.case_id.in_(consenting(source_id, "watch", now)))
    return (await session.scalars(query.order_by(NameTerm.case_id, NameTerm.id))).all()


async def found_by_names(session: AsyncSession, case_id: str, how: str, since: datetime) -> int:
    """How many sightings of a case its words made since then."""
    query = select(func.count()).select_from(Sighting)
    query = query.where(Sighting.case_id == case_id, Sighting.how == how, Sighting.found_at > since)
    return await session.scalar(query) or 0
