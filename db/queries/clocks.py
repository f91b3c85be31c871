"""Clocks of notices: which run, which are near their end, and who is in charge."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, defer

from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.desk import CaseDesk
from db.models.notices import Escalation, Notice, NoticeClock
from db.models.people import Advocate, Organisation
from db.models.platform_side import PlatformAnswer
from db.models.preservations import Preservation
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.copies import Untold
from db.queries.preservations import counts
from db.queries.stops import at_work
from db.queries.tenants import SOURCE_NAME, SourceName


@dataclass(frozen=True, slots=True)
class RunningClock:
    """One clock that runs, with what it is about and who is in charge."""

    notice_id: str | None
    """None: of what was filed about the copy by hand, of a duty, or of what the police have kept."""
    sighting_id: str | None
    """None: of what the police have kept, which is of a case."""
    case_id: str
    kind: str
    route: str
    """Or the step that was filed, or is to be."""
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
        select(NoticeClock, Notice.route, Notice.sighting_id, _in_charge(NoticeClock.advocate_id), Advocate.name)
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
            sighting_id=sighting_id,
            case_id=clock.case_id,
            kind=clock.kind,
            route=route,
            ends_at=clock.ends_at,
            remind_at=clock.remind_at,
            advocate_id=in_charge,
            advocate=name or "",
        )
        for clock, route, sighting_id, in_charge, name in rows
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


def _in_charge(
    otherwise: ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> ColumnElement[str]:
    """Who works on the case by now; whoever did the deed where nobody was named."""
    return func.coalesce(CaseDesk.in_charge, otherwise)


def _is_in_charge(
    otherwise: ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> ColumnElement[bool]:
    """The condition of an outer join with whoever is in charge: nobody who is of a centre that had the case before."""
    return (Advocate.id == _in_charge(otherwise)) & (Advocate.organisation_id == Case.organisation_id)


_WHO = (func.coalesce(Advocate.id, ""), func.coalesce(Advocate.name, ""))
"""Id and name of whoever `_is_in_charge`; empty where that is nobody."""


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
    session: AsyncSession, now: datetime, *, since: datetime, organisation_id: str | None = None
) -> Sequence[tuple[Filing, str | None, str, str]]:
    """What people filed since then about copies that still stand, each with the organisation of its case, who is in
    charge there, and their name. `organisation_id`: of this one alone, also while its work is stopped.

    Without what is sealed: of a year's filings that would be megabytes in every round.
    """
    query = (
        select(Filing, Case.organisation_id, *_WHO)
        .join(Sighting, Sighting.id == Filing.sighting_id)
        .join(Case, Case.id == Filing.case_id)
        .outerjoin(CopyClosing, CopyClosing.sighting_id == Filing.sighting_id)
        .outerjoin(CaseDesk, _desk())
        .outerjoin(Advocate, _is_in_charge(Filing.filed_by))
        .options(defer(Filing.content, raiseload=True), defer(Filing.answer_content, raiseload=True))
        .where(Sighting.removed_at.is_(None), CopyClosing.sighting_id.is_(None), Filing.filed_at > since)
        .where(Case.state == "vouched", *_worked_on(organisation_id))
    )
    rows = await session.execute(query.order_by(Filing.filed_at, Filing.id))
    return [(filing, home, in_charge, name) for filing, home, in_charge, name in rows if filing.filed_at <= now]


def _worked_on(organisation_id: str | None) -> tuple[ColumnElement[bool], ...]:
    if organisation_id is None:
        return (at_work(),)
    return (Case.frozen_at.is_(None), Case.organisation_id == organisation_id)


@dataclass(frozen=True, slots=True)
class StepInTime:
    """A step that was prepared, is taken for some time only, and that nobody filed."""

    step: str
    notice_id: str
    sighting_id: str
    case_id: str
    prepared_at: datetime
    refused_at: datetime | None
    """When the recipient of its notice first refused, as far as they told by link or token."""
    organisation_id: str | None
    advocate_id: str
    """Who is in charge; empty where that is nobody of the case's centre."""
    advocate: str
    """Their name."""


async def steps_in_time(
    session: AsyncSession, steps: Collection[str], *, organisation_id: str | None = None
) -> Sequence[StepInTime]:
    """Those of these steps that are about copies that stand. `organisation_id`: see `filings_in_hand`."""
    filed = exists().where(Filing.sighting_id == Notice.sighting_id, Filing.step == Escalation.step)
    query = (
        select(Escalation.step, Notice.id, Notice.sighting_id, Escalation.case_id, Escalation.prepared_at)
        .add_columns(refused_at(), Case.organisation_id, *_WHO)
        .join(Notice, Notice.id == Escalation.notice_id)
        .join(Sighting, Sighting.id == Notice.sighting_id)
        .join(Case, Case.id == Escalation.case_id)
        .outerjoin(CopyClosing, CopyClosing.sighting_id == Sighting.id)
        .outerjoin(CaseDesk, _desk())
        .outerjoin(Advocate, _is_in_charge(Sighting.decided_by))
        .where(Escalation.step.in_(steps), Notice.state.in_(("sent", "lapsed")))
        .where(Sighting.state == "confirmed", Sighting.removed_at.is_(None), CopyClosing.sighting_id.is_(None), ~filed)
        .where(Case.state == "vouched", *_worked_on(organisation_id))
    )
    rows = await session.execute(query.order_by(Escalation.prepared_at, Escalation.id))
    return [StepInTime(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class KeptData:
    """What a platform keeps because the police asked it: the latest request to it about a case, as long as somebody
    needs it."""

    case_id: str
    platform: str
    renew_at: datetime
    ends_at: datetime
    organisation_id: str | None
    advocate_id: str
    """Who is in charge; empty where that is nobody of the case's centre."""
    advocate: str
    """Their name."""


async def kept_data(
    session: AsyncSession,
    *,
    since: datetime,
    told: Collection[str] = (),
    case_id: str | None = None,
    organisation_id: str | None = None,
) -> Sequence[KeptData]:
    """Of vouched cases, what ends first before others: what ends after `since`, and all of the cases `told`, since
    somebody was told of them and did not answer.

    `case_id`, `organisation_id`: of this one alone; of an organisation without what is frozen.
    """
    query = (
        select(Preservation.case_id, Preservation.platform, Preservation.renew_at, Preservation.ends_at)
        .add_columns(Case.organisation_id, *_WHO)
        .join(Case, Case.id == Preservation.case_id)
        .outerjoin(CaseDesk, _desk())
        .outerjoin(Advocate, _is_in_charge(Preservation.recorded_by))
        .where(counts(), Case.state == "vouched")
        .where((Preservation.ends_at > since) | Preservation.case_id.in_(told))
    )
    if case_id is not None:
        query = query.where(Preservation.case_id == case_id)
    if organisation_id is not None:
        query = query.where(*_worked_on(organisation_id))
    rows = await session.execute(query.order_by(Preservation.ends_at, Preservation.id))
    return [KeptData(*row) for row in rows]


def refused_at() -> ScalarSelect[datetime]:
    """Of the notice of a query: when its recipient first refused the mail that is out now; None: never."""
    of_this = (PlatformAnswer.notice_id == Notice.id, PlatformAnswer.kind == "refused")
    since = PlatformAnswer.at >= func.coalesce(Notice.dated_at, PlatformAnswer.at)
    return select(func.min(PlatformAnswer.at)).where(*of_this, since).correlate(Notice).scalar_subquery()


@dataclass(frozen=True, slots=True)
class UntoldCopy:
    """A confirmed copy, there or gone, that may be a minor's and of which the police were not told."""

    sighting_id: str
    source: SourceName
    age_group: str | None
    decided_at: datetime
    case: Case
    home: Organisation
    advocate_id: str
    """Who is in charge; empty where that is nobody of the case's centre."""
    advocate: str
    """Their name."""


async def untold_copies(
    session: AsyncSession, untold: Untold, *, organisation_id: str | None = None
) -> Sequence[UntoldCopy]:
    """Every one, the longest confirmed first, but what was confirmed by mistake. `organisation_id`: see
    `filings_in_hand`."""
    mistaken = exists().where(CopyClosing.sighting_id == Sighting.id, CopyClosing.reason == "confirmed-by-mistake")
    query = (
        select(Sighting.id, SOURCE_NAME, Sighting.age_group, Sighting.decided_at, Case, Organisation)
        .add_columns(*_WHO)
        .join(Case, Case.id == Sighting.case_id)
        .join(Source, Source.id == Sighting.source_id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(CaseDesk, _desk())
        .outerjoin(Advocate, _is_in_charge(Sighting.decided_by))
        .where(Sighting.state == "confirmed", untold.condition(), ~mistaken.correlate(Sighting))
        .where(Case.state == "vouched", *_worked_on(organisation_id))
    )
    rows = await session.execute(query.order_by(Sighting.decided_at, Sighting.id))
    return [
        UntoldCopy(sighting_id, source, age, at, case, home, in_charge, name)
        for sighting_id, source, age, at, case, home, in_charge, name in rows
    ]
