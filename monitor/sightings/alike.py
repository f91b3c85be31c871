"""Which sightings of a case show one picture, before anybody decided: the queue has one line for all of them.

By the rule for known identical copies (`identical_records`), so what is decided about one is true of each. It is told
once, when a sighting is written; the copies of a case are compared with the first one of each picture.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.sightings import Sighting
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.model.records.sighting import SightingRecord
from monitor.sightings.same_picture import identical_records

log = logging.getLogger(__name__)

MOST_PICTURES = 300
"""Pictures of a case that a new copy is compared with, the latest first: each is opened for it."""
MOST_AT_ONCE = 200
"""Older rows that are looked at in one go."""


async def alike(
    session: AsyncSession, context: DomainContext, case_id: str, sighting_id: str, evidence: SightingRecord
) -> str:
    """The first sighting of the case that shows the same picture; the sighting itself where it is the first."""
    for first in await _first_of_each(session, case_id):
        if first.id != sighting_id and identical_records(_opened(context, first), evidence):
            return first.id
    return sighting_id


async def gather_older(database: Database, context: DomainContext) -> None:
    """What was found before items were told apart at once is compared, the oldest first, a case at a time."""
    waits = (Sighting.alike_id.is_(None), Case.state == "vouched")
    async with database.read() as session:
        query = select(Sighting.case_id).join(Case, Case.id == Sighting.case_id).where(*waits)
        case_id = await session.scalar(query.order_by(Sighting.case_id).limit(1))
    if case_id is None:
        return
    async with database.begin() as session:
        oldest = select(Sighting.id).where(Sighting.case_id == case_id, Sighting.alike_id.is_(None))
        oldest = oldest.order_by(Sighting.found_at, Sighting.id).limit(MOST_AT_ONCE)
        rows = await lock_rows(session, select(Sighting).where(Sighting.id.in_(oldest)))
        for row in sorted(rows, key=lambda one: (one.found_at, one.id)):
            try:
                row.alike_id = await alike(session, context, case_id, row.id, _opened(context, row))
            except JikimiError as error:  # whatever cannot be opened is an item by itself, and stops no other
                log.warning("a sighting was not compared", extra={"sighting_id": row.id, "error": type(error).__name__})
                row.alike_id = row.id
            await session.flush()


async def _first_of_each(session: AsyncSession, case_id: str) -> Sequence[Sighting]:
    query = select(Sighting).where(Sighting.case_id == case_id, Sighting.alike_id == Sighting.id)
    return (await session.scalars(query.order_by(Sighting.found_at.desc(), Sighting.id).limit(MOST_PICTURES))).all()


def _opened(context: DomainContext, row: Sighting) -> SightingRecord:
    return context.open_record(SightingRecord, row.case_id, row.id, row.evidence)
