"""What centres tell of themselves."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.centres import CentreProfile


async def profile_rows(session: AsyncSession) -> Mapping[str, CentreProfile]:
    """Every profile, by the organisation's id."""
    return {row.organisation_id: row for row in await session.scalars(select(CentreProfile))}
