"""What is stopped or frozen, as the database asks it: at work is whoever is neither.

Nothing is read, compared or sent for a case that is not at work. What is kept for it stays: a stop destroys nothing.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from db.models.cases import Case
from db.models.people import Advocate
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


async def any_stopped(session: AsyncSession, advocate_ids: Iterable[str]) -> bool:
    """Whether any of these advocates is stopped."""
    theirs = (Stop.scope == "advocate", Stop.subject.in_(set(advocate_ids)))
    return await session.scalar(select(Stop.id).where(Stop.ended_at.is_(None), *theirs).limit(1)) is not None


async def drop_word_of(session: AsyncSession, advocate_id: str) -> None:
    """What they said about letting work go on counts no more: a second person must not make it two."""
    theirs = (Stop.ended_at.is_(None), Stop.asked_by == f"advocate:{advocate_id}")
    await session.execute(update(Stop).where(*theirs).values(asked_at=None, asked_by=None))


async def open_stops(session: AsyncSession) -> Sequence[Stop]:
    """Everything that is stopped now, the oldest first."""
    query = select(Stop).where(Stop.ended_at.is_(None)).order_by(Stop.stopped_at, Stop.id)
    return (await session.scalars(query)).all()


async def stops_of(session: AsyncSession, organisation_id: str) -> Sequence[Stop]:
    """What is stopped of an organisation: all, itself, or one of its advocates."""
    query = select(Stop).where(stops_upon(organisation_id)).order_by(Stop.stopped_at, Stop.id)
    return (await session.scalars(query)).all()


def stops_upon(organisation_id: str) -> ColumnElement[bool]:
    """The condition of what `stops_of` gives."""
    theirs = select(Advocate.id).where(Advocate.organisation_id == organisation_id)
    mine = or_(
        Stop.scope == "all",
        and_(Stop.scope == "organisation", Stop.subject == organisation_id),
        and_(Stop.scope == "advocate", Stop.subject.in_(theirs)),
    )
    return and_(Stop.ended_at.is_(None), mine)
