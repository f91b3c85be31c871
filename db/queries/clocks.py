"""Clocks of notices: which run, which are near their end, and who is in charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, defer

from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.desk import CaseDesk
from db.models.notices import Notice, NoticeClock
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.queries.stops import at_work


@dataclass(frozen=True, slots=True)
class RunningClock:
    """One clock that runs, with the notice and who is in charge."""

    notice_id: str
    case_id: str
    kind: str
    route: str
    ends_at: datetime
    remind_at: datetime
    advocate_id: str
    advocate: str
    """Their name; empty where the row is gone."""


def runs(now: datetime) -> ColumnElement[bool]:
    """The condition that a clock joined with its notice and copy runs: it has not ended, and somebody may still act.

    An answer is waited for until the next step was prepared; of a copy that is gone, or closed, nothing is waited for.
    """
    closed = exists().where(CopyClosing.sighting_id == Sighting.id).correlate(Sighting)
    asked = (Notice.state == "sent") | (Notice.state.in_(("sent", "lapsed")) & (NoticeClock.kind != "answer"))
    return and_(NoticeClock.ends_at > now, Sighting.removed_at.is_(None), ~closed, asked)


async def running_clocks(
    session: AsyncSession,
    organisation_id: str,
    now: datetime,
    *,
    before: datetime | None = None,
    limit: int = 500,
    case_id: str | None = None,
) -> Sequence[RunningClock]:
    """The clocks that run for an organisation's cases, the one that ends first before others.

    `before`: only those that end by then. `case_id`: only those of one case.
    """
    query = (
        select(NoticeClock, Notice.route, _in_charge(NoticeClock.advocate_id), Advocate.name)
        .join(Notice, Notice.id == NoticeClock.notice_id)
        .join(Sighting, Sighting.id == Notice.sighting_id)
        .join(Case, and_(Case.id == NoticeClock.case_id, Case.organisation_id == organisation_id))
        .outerjoin(CaseDesk, _desk())
        .outerjoin(Advocate, Advocate.id == _in_charge(NoticeClock.advocate_id))
        .where(runs(now), Case.state == "vouched", Case.frozen_at.is_(None))
    )
    if before is not None:
        query = query.where(NoticeClock.ends_at <= before)
    if case_id is not None:
        query = query.where(NoticeClock.case_id == case_id)
    rows = await session.execute(query.order_by(NoticeClock.ends_at, NoticeClock.notice_id).limit(limit))
    return [
        RunningClock(
            notice_id=clock.notice_id,
            case_id=clock.case_id,
            kind=clock.kind,
            route=route,
            ends_at=clock.ends_at,
            remind_at=clock.remind_at,
            advocate_id=in_charge,
            advocate=name or "",
        )
        for clock, route, in_charge, name in rows
    ]


async def clocks_to_tell(
    session: AsyncSession, now: datetime, *, limit: int = 200
) -> Sequence[tuple[NoticeClock, str | None, str]]:
    """The clocks whose reminder is due and was not given, each with the organisation of its case and who is in charge
    there."""
    query = (
        select(NoticeClock, Case.organisation_id, _in_charge(NoticeClock.advocate_id))
        .join(Notice, Notice.id == NoticeClock.notice_id)
        .join(Sighting, Sighting.id == Notice.sighting_id)
        .join(Case, Case.id == NoticeClock.case_id)
        .outerjoin(CaseDesk, _desk())
        .where(runs(now), NoticeClock.remind_at <= now, NoticeClock.reminded_at.is_(None))
        .where(Case.state == "vouched", at_work())
    )
    rows = await session.execute(query.order_by(NoticeClock.ends_at, NoticeClock.notice_id).limit(limit))
    return [(clock, organisation_id, in_charge) for clock, organisation_id, in_charge in rows]


def _desk() -> ColumnElement[bool]:
    return (CaseDesk.case_id == Case.id) & (CaseDesk.organisation_id == Case.organisation_id)


def _in_charge(otherwise: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Who works on the case by now; whoever did the deed where nobody was named."""
    return func.coalesce(CaseDesk.in_charge, otherwise)


async def told_and_running(session: AsyncSession, now: datetime) -> set[str]:
    """The notices of which a clock runs that somebody was reminded of. One question, however many they are."""
    query = (
        select(NoticeClock.notice_id)
        .join(Notice, Notice.id == NoticeClock.notice_id)
        .join(Sighting, Sighting.id == Notice.sighting_id)
        .where(runs(now), NoticeClock.reminded_at.is_not(None))
    )
    return set((await session.scalars(query)).all())


async def clocks_of_notice(session: AsyncSession, notice_id: str) -> Sequence[NoticeClock]:
    """The clocks of one notice, the one that ends first before others."""
    query = select(NoticeClock).where(NoticeClock.notice_id == notice_id)
    return (await session.scalars(query.order_by(NoticeClock.ends_at, NoticeClock.kind))).all()


async def filings_in_hand(
    session: AsyncSession, now: datetime, *, since: datetime
) -> Sequence[tuple[Filing, str | None, str]]:
    """What people filed since then about copies that still stand, each with the organisation of its case and who is in
    charge there.

    Without what is sealed: of a year's filings that would be megabytes in every round.
    """
    query = (
        select(Filing, Case.organisation_id, _in_charge(Filing.filed_by))
        .join(Sighting, Sighting.id == Filing.sighting_id)
        .join(Case, Case.id == Filing.case_id)
        .outerjoin(CopyClosing, CopyClosing.sighting_id == Filing.sighting_id)
        .outerjoin(CaseDesk, _desk())
        .options(defer(Filing.content, raiseload=True), defer(Filing.answer_content, raiseload=True))
        .where(Sighting.removed_at.is_(None), CopyClosing.sighting_id.is_(None), Filing.filed_at > since)
        .where(Case.state == "vouched", at_work())
    )
    rows = await session.execute(query.order_by(Filing.filed_at, Filing.id))
    return [(filing, home, in_charge) for filing, home, in_charge in rows if filing.filed_at <= now]
