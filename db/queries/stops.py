"""What is stopped or frozen, as the database asks it: at work is whoever is neither.

Nothing is read, compared or sent for a case that is not at work. What is kept for it stays: a stop destroys nothing.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.stops import Stop

FROZEN, STOPPED, ADVOCATE_STOPPED = "case-frozen", "work-stopped", "advocate-stopped"
"""Why a notice waits; values of monitor.core.refusals.Refusal."""


def _stopped() -> ColumnElement[bool]:
    """The condition that everything, or the organisation of `Case`, is stopped."""
    theirs = and_(Stop.scope == "organisation", Stop.subject == Case.organisation_id)
    return exists().where(Stop.ended_at.is_(None), or_(Stop.scope == "all", theirs)).correlate(Case)


def at_work() -> ColumnElement[bool]:
    """The condition that work for a case (of `Case` in the query) is neither stopped nor frozen."""
    return and_(Case.frozen_at.is_(None), ~_stopped())


def not_stopped(advocate_id: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """The condition that an advocate is not stopped."""
    stopped = exists().where(Stop.ended_at.is_(None), Stop.scope == "advocate", Stop.subject == advocate_id)
    return ~stopped.correlate(advocate_id.class_)


async def why_paused(session: AsyncSession, case_id: str) -> str | None:
    """FROZEN or STOPPED; None where the case is at work."""
    query = select(Case.frozen_at, _stopped()).where(Case.id == case_id)
    frozen_at, stopped = (await session.execute(query)).one()
    if frozen_at is not None:
        return FROZEN
    return STOPPED if stopped else None


async def why_waits(session: AsyncSession, notice: Notice) -> str | None:
    """Why a notice must not leave now: its case's reason, or that an advocate who answers for it is stopped."""
    paused = await why_paused(session, notice.case_id)
    if paused is not None:
        return paused
    decided = select(Sighting.decided_by).where(Sighting.id == notice.sighting_id)
    answering = [one for one in (notice.created_by, await session.scalar(decided)) if one is not None]
    query = select(Stop.id).where(Stop.ended_at.is_(None), Stop.scope == "advocate", Stop.subject.in_(answering))
    return ADVOCATE_STOPPED if await session.scalar(query.limit(1)) is not None else None


async def open_stops(session: AsyncSession) -> Sequence[Stop]:
    """Everything that is stopped now, the oldest first."""
    query = select(Stop).where(Stop.ended_at.is_(None)).order_by(Stop.stopped_at, Stop.id)
    return (await session.scalars(query)).all()


async def stops_of(session: AsyncSession, organisation_id: str) -> Sequence[Stop]:
    """What is stopped of an organisation: all, itself, or one of its advocates."""
    theirs = select(Advocate.id).where(Advocate.organisation_id == organisation_id)
    mine = or_(
        Stop.scope == "all",
        and_(Stop.scope == "organisation", Stop.subject == organisation_id),
        and_(Stop.scope == "advocate", Stop.subject.in_(theirs)),
    )
    query = select(Stop).where(Stop.ended_at.is_(None), mine).order_by(Stop.stopped_at, Stop.id)
    return (await session.scalars(query)).all()
