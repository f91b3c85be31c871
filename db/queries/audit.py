"""Ledger entries of one centre: those of its cases, and of the installation's chain. Who did what is sealed in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.desk import CaseDesk
from db.models.ledger import LedgerEntry
from db.models.linking import PlaceReport
from db.models.messages import Message
from db.models.notices import Notice, NoticeClock
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.queries.actors import AdvocateActor
from db.queries.clocks import runs
from db.queries.pool import waits

Position = tuple[datetime, str, int]
"""Time, chain and number of an entry: its place in the order of this page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries."""

    kinds: Collection[str] | None = None
    """None: all."""
    since: datetime | None = None
    until: datetime | None = None
    case_id: str | None = None
    """One case; None: all, and the installation's chain."""


async def entries_of(
    session: AsyncSession,
    actor: AdvocateActor,
    wanted: Wanted,
    *,
    installation: str,
    before: Position | None,
    limit: int,
) -> Sequence[LedgerEntry]:
    """The newest first, from `before` on. Of the installation's chain all entries: whose they are is sealed."""
    mine = select(Case.id).where(Case.organisation_id == actor.organisation_id, Case.state != "erased")
    # What a lead has on hold, or nobody vouched for, is hidden: so is what was done in it.
    seen = mine.where(Case.frozen_at.is_(None), Case.state == "vouched")
    chains = LedgerEntry.case_id.in_(seen)
    chain = or_(chains, LedgerEntry.case_id == installation) if wanted.case_id is None else chains
    query = select(LedgerEntry).where(chain)
    if wanted.case_id is not None:
        query = query.where(LedgerEntry.case_id == wanted.case_id)
    if wanted.kinds is not None:
        query = query.where(LedgerEntry.kind.in_(wanted.kinds))
    if wanted.since is not None:
        query = query.where(LedgerEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(LedgerEntry.at < wanted.until)
    place = (LedgerEntry.at, LedgerEntry.case_id, LedgerEntry.seq)
    if before is not None:
        query = query.where(tuple_(*place) < before)
    order = (LedgerEntry.at.desc(), LedgerEntry.case_id.desc(), LedgerEntry.seq.desc())
    return (await session.scalars(query.order_by(*order).limit(limit))).all()


async def people_of(session: AsyncSession, actor: AdvocateActor) -> Mapping[str, str]:
    """Everybody who ever worked in the own centre, by name: what somebody did stays when they are gone."""
    query = select(Advocate.id, Advocate.name).where(Advocate.organisation_id == actor.organisation_id)
    rows = await session.execute(query.order_by(Advocate.name, Advocate.id))
    return {row[0]: row[1] for row in rows}


async def held_by(session: AsyncSession, actor: AdvocateActor) -> Collection[str]:
    """Ids of the own centre's cases, whatever became of them, and of its reports about places. One statement."""
    cases = select(Case.id).where(Case.organisation_id == actor.organisation_id)
    reports = select(PlaceReport.id).where(PlaceReport.organisation_id == actor.organisation_id)
    return set(await session.scalars(union_all(cases, reports)))


async def count_kinds(
    session: AsyncSession, actor: AdvocateActor, kinds: Collection[str], since: datetime
) -> Mapping[str, int]:
    """How many entries of each kind the own vouched cases have since. Nothing is opened."""
    mine = select(Case.id).where(Case.organisation_id == actor.organisation_id, Case.state == "vouched")
    query = select(LedgerEntry.kind, func.count()).where(
        LedgerEntry.case_id.in_(mine), LedgerEntry.kind.in_(kinds), LedgerEntry.at >= since
    )
    return {row[0]: row[1] for row in await session.execute(query.group_by(LedgerEntry.kind))}


async def entries_of_kind(
    session: AsyncSession, actor: AdvocateActor, kind: str, since: datetime
) -> Sequence[LedgerEntry]:
    """The few that must be opened."""
    mine = select(Case.id).where(Case.organisation_id == actor.organisation_id, Case.state == "vouched")
    query = select(LedgerEntry).where(LedgerEntry.case_id.in_(mine), LedgerEntry.kind == kind, LedgerEntry.at >= since)
    return (await session.scalars(query.order_by(LedgerEntry.case_id, LedgerEntry.seq))).all()


@dataclass(frozen=True, slots=True)
class Duties:
    """What waits for somebody of a centre: numbers and times alone."""

    in_pool: int
    late_in_pool: int
    """Of them, longer than a person should."""
    oldest_in_pool: datetime | None
    in_hand: int
    """Of the own centre, before vouching."""
    unread: int
    """Messages of persons that nobody of the centre opened."""
    oldest_unread: datetime | None
    undecided: int
    """Possible copies that were found before a moment."""
    oldest_undecided: datetime | None
    clocks: int
    """Clocks of notices that left."""
    clocks_soon: int
    """That end by another moment."""
    first_clock: datetime | None


def _at_hand(actor: AdvocateActor, *states: str) -> ColumnElement[bool]:
    """The condition on a case of the own centre in which somebody can do something now: none on hold."""
    return and_(Case.organisation_id == actor.organisation_id, Case.state.in_(states), Case.frozen_at.is_(None))


async def duties_of(
    session: AsyncSession, actor: AdvocateActor, now: datetime, *, soon: datetime, undecided_before: datetime
) -> Duties:
    """Of the pool, and of the own cases that are not on hold. One statement."""
    at_hand = _at_hand(actor, "vouched")
    free, mine = and_(Case.state == "open", Case.organisation_id.is_(None)), _at_hand(actor, "open")
    pool = select(
        func.count().filter(free).label("in_pool"),
        func.count().filter(and_(free, Case.vouch_due_at < now)).label("late"),
        func.min(Case.opened_at).filter(free).label("oldest"),
        func.count().filter(mine).label("in_hand"),
    ).where(waits())
    new = (Message.organisation_id == actor.organisation_id, Message.written_by.is_(None), Message.read_at.is_(None))
    letters = select(func.count().label("unread"), func.min(Message.written_at).label("unread_since"))
    letters = letters.join(Case, Case.id == Message.case_id).where(*new, _at_hand(actor, "open", "vouched"))
    copies = select(func.count().label("undecided"), func.min(Sighting.found_at).label("undecided_since"))
    copies = copies.join(Case, Case.id == Sighting.case_id).where(
        at_hand, Sighting.state == "open", Sighting.found_at < undecided_before
    )
    ends = NoticeClock.ends_at
    clocks = (
        select(
            func.count().label("clocks"),
            func.count().filter(ends <= soon).label("clocks_soon"),
            func.min(ends).label("first_clock"),
        )
        .select_from(NoticeClock)
        .join(Notice, Notice.id == NoticeClock.notice_id)
        .join(Sighting, Sighting.id == Notice.sighting_id)
        .join(Case, and_(Case.id == NoticeClock.case_id, at_hand))
        .where(runs(now))
    )
    parts = [one.subquery() for one in (pool, letters, copies, clocks)]
    whole = parts[0].join(parts[1], true()).join(parts[2], true()).join(parts[3], true())
    query = select(*(column for part in parts for column in part.c)).select_from(whole)
    return Duties(*(await session.execute(query)).one())


@dataclass(frozen=True, slots=True)
class Load:
    """What one advocate is in charge of."""

    advocate_id: str
    """Empty, as the name is: of all together who work elsewhere. They moved, or the case came from there."""
    name: str
    lead: bool
    active: bool
    """False: they left, and nobody does what they were in charge of."""
    cases: int
    """That they are in charge of."""
    clocks: int
    """Running clocks of notices that they answer for."""
    notices: int
    """Notices of theirs that wait for a person's next step."""


async def load_of(
    session: AsyncSession, actor: AdvocateActor, now: datetime, *, needs_a_person: Collection[str]
) -> Sequence[Load]:
    """Everybody of the centre, by name: not by number, for this is no race. Of those who left: who left something.

    Of the own cases that are not on hold.
    """
    live = exists().where(Case.id == NoticeClock.case_id, _at_hand(actor, "vouched"))
    clocks = (
        select(NoticeClock.advocate_id, func.count().label("count"))
        .join(Notice, Notice.id == NoticeClock.notice_id)
        .join(Sighting, Sighting.id == Notice.sighting_id)
        .where(runs(now), live)
        .group_by(NoticeClock.advocate_id)
        .subquery()
    )
    theirs = exists().where(Case.id == Notice.case_id, _at_hand(actor, "vouched"))
    waiting = (
        select(Notice.created_by, func.count().label("count"))
        .where(Notice.state.in_(needs_a_person), theirs)
        .group_by(Notice.created_by)
        .subquery()
    )
    own = exists().where(Case.id == CaseDesk.case_id, _at_hand(actor, "open", "vouched"))
    cases = (
        select(CaseDesk.in_charge, func.count().label("count"))
        .where(CaseDesk.organisation_id == actor.organisation_id, CaseDesk.in_charge.is_not(None), own)
        .group_by(CaseDesk.in_charge)
        .subquery()
    )
    home = Advocate.organisation_id == actor.organisation_id
    active, counts = and_(home, Advocate.disabled_at.is_(None)), (cases.c.count, clocks.c.count, waiting.c.count)
    query = (
        select(case((home, Advocate.id), else_=""), Advocate.name, Advocate.lead, active, *counts)
        .outerjoin(cases, cases.c.in_charge == Advocate.id)
        .outerjoin(clocks, clocks.c.advocate_id == Advocate.id)
        .outerjoin(waiting, waiting.c.created_by == Advocate.id)
        .where(or_(active, *(count.is_not(None) for count in counts)))
        .order_by(active.desc(), Advocate.name, Advocate.id)
    )
    found, elsewhere = list[Load](), [0, 0, 0]
    for advocate_id, name, lead, here, *rest in await session.execute(query):
        numbers = [number or 0 for number in rest]
        if advocate_id:
            found.append(Load(advocate_id, name, lead, bool(here), *numbers))
        else:
            elsewhere = [sum(both) for both in zip(elsewhere, numbers, strict=True)]
    return [*found, Load("", "", False, False, *elsewhere)] if any(elsewhere) else found


async def open_alerts_by_kind(
    session: AsyncSession, actor: AdvocateActor, before: datetime
) -> Sequence[tuple[str, int, datetime]]:
    """Alerts of the centre that are open since before: kind, how many, since when the first one is."""
    mine = (Alert.organisation_id == actor.organisation_id, Alert.resolved_at.is_(None), Alert.raised_at < before)
    query = select(Alert.kind, func.count(), func.min(Alert.raised_at)).where(*mine).group_by(Alert.kind)
    rows = await session.execute(query.order_by(func.min(Alert.raised_at), Alert.kind))
    return [(row[0], row[1], row[2]) for row in rows]
