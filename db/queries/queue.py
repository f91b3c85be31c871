"""An organisation's possible copies by item: the copies of one picture of one case, whatever the channel, are one line.

What harms most comes first: a minor's, one that stands beside the person's name, one that spreads, one that is surely
the picture; and of two that are alike in this the one that waits longer. A fixed number of statements however many
there are, and nothing sealed is read for a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.copies import Filing
from db.models.desk import CaseDesk
from db.models.messages import SightingQuestion
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.models.viewings import Viewing
from db.queries.actors import ORGANISATIONS_KEPT, AdvocateActor, any_of
from db.queries.daily_reviews import within_budget
from db.queries.sightings import of_visible_cases, visible
from db.queries.tenants import SOURCE_NAME, SourceName

SPREADS_FROM = 2
"""Channels or accounts in which one picture was found, from which on it spreads."""
_NAMED_BY = ("name", "school", "contact")
"""What an advocate saw beside a copy that tells who the person is: values of monitor.model.facts.PostedWith."""


def item() -> ColumnElement[str]:
    """What the copies of one picture have in common: the id of the first of them."""
    return func.coalesce(Sighting.alike_id, Sighting.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: those of which at least one copy fits all of it. None: whatever it is."""

    state: str
    a_day: int | None
    """Budget of reviews of one fingerprint; see db/queries/daily_reviews.py. None: nothing waits beyond it."""
    minors: frozenset[str] = frozenset()
    """Cases whose person counts as a minor where nothing else was told of a picture."""
    case_id: str | None = None
    source_ids: tuple[str, ...] | None = None
    verdict: str | None = None
    found_from: datetime | None = None
    found_until: datetime | None = None
    fingerprint_id: str | None = None
    """What this one fitted, also beyond its budget."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line."""

    item_id: str
    case_id: str
    copies: int
    """In this state."""
    places: int
    since: datetime
    """When the first of them was found."""
    decided_at: datetime | None
    confident: bool
    minor: bool
    named: bool
    total: int
    """Copies of the picture that were found, whatever became of them, without those that were dismissed."""
    total_places: int
    asked: bool
    """The person is asked about one of them."""
    says: str | None
    """What they said of one of them last."""
    head_id: str
    """The copy that is shown for all."""
    source: SourceName
    kind: str
    how: str
    identical: bool
    dismissal: str | None
    basis: str | None
    called: bytes | None = field(repr=False)
    """What the organisation calls the case, sealed; see db.models.desk.CaseDesk."""

    @property
    def spreads(self) -> bool:
        """Found in several places."""
        return self.total_places >= SPREADS_FROM


@dataclass(slots=True)
class _Copies:
    """Of one item, while its copies are read, the first found first."""

    here: list[Any] = field(default_factory=list)
    """Those in the state that is asked for."""
    counted: list[Any] = field(default_factory=list)
    """Those that were not dismissed."""


async def minors_told(session: AsyncSession, actor: AdvocateActor, state: str) -> Sequence[tuple[str, bytes | None]]:
    """Cases with a sighting in this state, and what their person told, sealed."""
    inner = select(Sighting.case_id).where(Sighting.state == state, Sighting.age_group.is_(None))
    query = select(Case.id, Case.intake).where(_mine(actor), Case.id.in_(inner))
    return [(row[0], row[1]) for row in await session.execute(query)]


async def items_of(
    session: AsyncSession, actor: AdvocateActor, wanted: Wanted, *, limit: int, offset: int
) -> tuple[Sequence[ItemRow], int]:
    """A page, and how many items fit. Of a page beyond the last one: nothing, and 0.

    What orders them is asked for of all, everything that is shown for the page alone.
    """
    page, minors = _ordered_items(actor.organisation_id, _shape(wanted)), {"minors": sorted(wanted.minors)}
    moments = {"found_from": wanted.found_from, "found_until": wanted.found_until}
    rows = (await session.execute(page.limit(limit).offset(offset), minors | moments)).all()
    items = [row[0] for row in rows]
    if not items:
        return [], 0
    found: dict[str, _Copies] = {one: _Copies() for one in items}
    for copy in await session.execute(_every_copy(actor.organisation_id), minors | {"items": items}):
        one = found[copy.item]
        # Copies that were dismissed say nothing of how far a picture spreads.
        if copy.state != "dismissed":
            one.counted.append(copy)
        if copy.state == wanted.state:
            one.here.append(copy)
    # What was decided between the two statements has left the list.
    return [_row(item_id, one) for item_id, one in found.items() if one.here], rows[0][1]


def _shape(wanted: Wanted) -> Wanted:
    """What a statement is made by: without what is told each time, which never comes twice."""
    found_from, found_until = (at and datetime.min for at in (wanted.found_from, wanted.found_until))
    return replace(wanted, minors=frozenset(), found_from=found_from, found_until=found_until)


@lru_cache(maxsize=ORGANISATIONS_KEPT)
def _ordered_items(organisation_id: str, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """The statement, made once: what most advocates look at is the same, and it takes as long to make as to answer.

    It says which they are, and how many there are in all: what else it told would be carried along while they are put
    in order. The moments and minors of `wanted` are the statement's own.
    """
    here = Sighting.state == wanted.state
    fits = here & _fits(any_of(organisation_id), wanted)
    order = _by_harm(here) if wanted.state == "open" else {"decided": func.max(case((here, Sighting.decided_at)))}
    columns = {"item": item(), **order}
    query: Select[*tuple[Any, ...]] = select(*(column.label(name) for name, column in columns.items()))
    query = query.where(of_visible_cases(organisation_id))
    if wanted.case_id is not None:
        query = query.where(Sighting.case_id == wanted.case_id)
    every = query.group_by(item()).having(func.max(_flag(fits)) == 1).cte("items")
    one = every.c
    # Counted apart: a window would have every line carried to where only the first of them are taken.
    page: Select[*tuple[Any, ...]] = select(one.item, select(func.count()).select_from(every).scalar_subquery())
    if wanted.state != "open":
        return page.order_by(one.decided.desc(), one.item)
    spreads = case((one.one_place != one.other_place, 1), else_=0)  # from SPREADS_FROM places on: two
    return page.order_by(one.minor.desc(), one.named.desc(), spreads.desc(), one.confident.desc(), one.since, one.item)


def _by_harm(here: ColumnElement[bool]) -> dict[str, ColumnElement[Any]]:
    """Of an item with copies in a state: what tells how much it harms."""
    counts = Sighting.state != "dismissed"
    return {
        "since": func.min(case((here, Sighting.found_at))),
        "confident": func.max(case((here, _confident()), else_=0)),
        "minor": func.max(case((here, _minor()), else_=0)),
        "named": func.max(case((counts, _named()), else_=0)),
        "one_place": func.min(case((counts, Sighting.source_id))),
        "other_place": func.max(case((counts, Sighting.source_id))),
    }


def _confident() -> ColumnElement[int]:
    return _flag(Sighting.verdict == "confident")


def _minor() -> ColumnElement[int]:
    """1 where the picture counts as a minor's; of the statement's `minors` where nothing was told of it."""
    minors: BindParameter[Any] = bindparam("minors", expanding=True)
    return case(
        (Sighting.age_group == "adult", 0),
        (Sighting.age_group.is_not(None), 1),
        (Sighting.case_id.in_(minors), 1),
        else_=0,
    )


def _named() -> ColumnElement[int]:
    """1 where what stands beside it tells who the person is."""
    seen = Sighting.posted_with != ""  # nearly all say nothing of it, and need no search
    return _flag(or_(Sighting.named, and_(seen, or_(*(Sighting.posted_with.contains(one) for one in _NAMED_BY)))))


def _row(item_id: str, known: _Copies) -> ItemRow:
    here, head = known.here, known.here[0]
    said = [(copy.asked_at, copy.answer) for copy in here if copy.asked_at is not None]
    return ItemRow(
        item_id=item_id,
        case_id=head.case_id,
        copies=len(here),
        places=len({copy.source.id for copy in here}),
        since=head.found_at,
        decided_at=max((copy.decided_at for copy in here if copy.decided_at is not None), default=None),
        confident=any(copy.confident for copy in here),
        minor=any(copy.minor for copy in here),
        named=any(copy.named for copy in known.counted),
        total=len(known.counted),
        total_places=len({copy.source.id for copy in known.counted}),
        asked=bool(said),
        says=max(said, key=itemgetter(0))[1] if said else None,
        head_id=head.id,
        source=head.source,
        kind=head.kind,
        how=head.how,
        identical=head.identical,
        dismissal=head.dismissal,
        basis=head.basis,
        called=head.called,
    )


@lru_cache(maxsize=ORGANISATIONS_KEPT)
def _every_copy(organisation_id: str) -> Select[*tuple[Any, ...]]:
    """The statement, made once, of all copies of `items`."""
    shown = (Sighting.id, Sighting.kind, Sighting.how, Sighting.identical, Sighting.dismissal, Sighting.basis)
    times = (Sighting.found_at, Sighting.decided_at, SightingQuestion.asked_at, SightingQuestion.answer)
    flags = (_confident().label("confident"), _minor().label("minor"), _named().label("named"))
    query: Select[*tuple[Any, ...]] = select(item().label("item"), Sighting.case_id, Sighting.state)
    query = query.add_columns(*shown, *times, *flags, SOURCE_NAME, CaseDesk.content.label("called"))
    query = (
        query.select_from(Sighting)
        .join(Source, Source.id == Sighting.source_id)
        .outerjoin(CaseDesk, _desk_of(organisation_id))
    )
    query = query.outerjoin(SightingQuestion, SightingQuestion.sighting_id == Sighting.id)
    return query.where(_of_items()).order_by(Sighting.found_at, Sighting.id)


def _desk_of(organisation_id: str) -> ColumnElement[bool]:
    return (CaseDesk.case_id == Sighting.case_id) & (CaseDesk.organisation_id == organisation_id)


def _of_items() -> ColumnElement[bool]:
    """The same as item() in the statement's `items`, by their indexes."""
    items: BindParameter[Any] = bindparam("items", expanding=True)
    return Sighting.alike_id.in_(items) | (Sighting.alike_id.is_(None) & Sighting.id.in_(items))


def _fits(actor: AdvocateActor, wanted: Wanted) -> ColumnElement[bool]:
    """Of a copy. An item of which one copy fits is shown with all of them: what is decided is decided about each."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.source_ids is not None:
        conditions.append(Sighting.source_id.in_(sorted(wanted.source_ids)))
    if wanted.verdict is not None:
        conditions.append(Sighting.verdict == wanted.verdict)
    if wanted.found_from is not None:
        conditions.append(Sighting.found_at >= bindparam("found_from"))
    if wanted.found_until is not None:
        conditions.append(Sighting.found_at < bindparam("found_until"))
    if wanted.fingerprint_id is not None:
        conditions.append(Sighting.fingerprint_id == wanted.fingerprint_id)
    elif wanted.a_day is not None and wanted.state == "open":
        conditions.append(within_budget(actor, wanted.a_day))
    return and_(true(), *conditions)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


async def count_items(session: AsyncSession, actor: AdvocateActor, wanted: Wanted) -> dict[str, int]:
    """How many items have a copy in each state; of one case and one fingerprint where they are named."""
    query = select(Sighting.state, func.count(item().distinct())).select_from(Sighting).join(Case, visible(actor))
    if wanted.case_id is not None:
        query = query.where(Sighting.case_id == wanted.case_id)
    if wanted.fingerprint_id is not None:
        query = query.where(Sighting.fingerprint_id == wanted.fingerprint_id)
    elif wanted.a_day is not None:
        query = query.where(within_budget(actor, wanted.a_day))
    return {str(row[0]): int(row[1]) for row in await session.execute(query.group_by(Sighting.state))}


@dataclass(frozen=True, slots=True)
class CopyOfItem:
    """One copy of the item that is looked at."""

    row: Sighting
    source: SourceName
    case: Case
    question: SightingQuestion | None
    origin: str
    """Where the fingerprint that fits comes from; empty where it was removed meanwhile."""
    copies: int
    """Of the item in this state, shown or not."""
    called: bytes | None = field(repr=False)
    """What the organisation calls the case, sealed."""
    confirmed_at: datetime | None
    dismissed_at: datetime | None
    """When it was so decided last about any of these."""
    may_be_left: bool
    """Something was filed about this one, or taken back after it had left."""


async def copies_of_item(
    session: AsyncSession, actor: AdvocateActor, sighting_id: str, state: str | None, *, limit: int
) -> Sequence[CopyOfItem]:
    """Of the item that a sighting belongs to: those in one state, or all, the first found first, and how many."""
    query = _copies_of_one(actor.organisation_id, state is not None).limit(limit)
    rows = await session.execute(query, {"one": sighting_id} | ({} if state is None else {"is_now": state}))
    return [
        CopyOfItem(row[0], row[1], row[2], row[3], row[4] or "", row[5], row[6], row[7], row[8], bool(row[9]))
        for row in rows
    ]


@lru_cache(maxsize=2 * ORGANISATIONS_KEPT)
def _copies_of_one(organisation_id: str, in_one_state: bool) -> Select[*tuple[Any, ...]]:
    """The statement, made once, of the copies of the item of `one`; of those that are `is_now`, or of all."""
    known, copy = aliased(Sighting), aliased(Sighting)
    one: BindParameter[Any] = bindparam("one")
    item_id = select(func.coalesce(known.alike_id, known.id)).where(known.id == one).scalar_subquery()
    # By these indexes, whatever state is asked for: else SQLite reads all that are in it.
    alike = select(copy.id).where(copy.alike_id == item_id)
    alone = select(copy.id).where(copy.alike_id.is_(None), copy.id == one)
    last = (
        func.max(case((Sighting.state == state, Sighting.decided_at))).over() for state in ("confirmed", "dismissed")
    )
    filed = exists().where(Filing.sighting_id == Sighting.id)
    retracted = exists().where(
        Notice.sighting_id == Sighting.id, Notice.state == "withdrawn", Notice.sent_at.is_not(None)
    )
    query: Select[*tuple[Any, ...]] = (
        select(
            *(Sighting, SOURCE_NAME, Case, SightingQuestion, Fingerprint.origin, func.count().over(), CaseDesk.content),
            *last,
            filed | retracted,
        )
        .select_from(Sighting)
        .join(Case, visible(any_of(organisation_id)))
        .join(Source, Source.id == Sighting.source_id)
        .outerjoin(SightingQuestion, SightingQuestion.sighting_id == Sighting.id)
        .outerjoin(Fingerprint, Fingerprint.id == Sighting.fingerprint_id)
        .outerjoin(CaseDesk, _desk_of(organisation_id))
        .where(Sighting.id.in_(union_all(alike, alone)))
    )
    if in_one_state:
        query = query.where(Sighting.state.concat("") == bindparam("is_now"))  # not by its index
    return query.order_by(Sighting.found_at, Sighting.id)


@dataclass(frozen=True, slots=True)
class HeldItem:
    """Every copy of an item, locked, with its case and what joined the case's watch by one of them."""

    copies: Sequence[Sighting]
    case: Case
    fingerprints: Sequence[Fingerprint]


async def lock_item(session: AsyncSession, actor: AdvocateActor, sighting_id: str) -> HeldItem | None:
    """The item that a sighting belongs to; None where it is not theirs."""
    found = select(item(), Sighting.case_id).select_from(Sighting).join(Case, visible(actor))
    row = (await session.execute(found.where(Sighting.id == sighting_id))).one_or_none()
    if row is None:
        return None
    item_id, case_id = row
    (case_row,) = await lock_rows(session, select(Case).where(Case.id == case_id))
    joined = select(Fingerprint).join(Sighting, Sighting.id == Fingerprint.sighting_id)
    fingerprints = await lock_rows(session, joined.where(item() == item_id, Fingerprint.removed_at.is_(None)))
    mine = select(Sighting).join(Case, visible(actor)).where(item() == item_id, Sighting.case_id == case_id)
    copies = await lock_rows(session, mine)
    return HeldItem(copies, case_row, fingerprints) if copies else None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, or is asked to say, of one of the copies of an item."""

    who: str
    """monitor.model.viewings.Viewer; `answer`: the person, on their page."""
    said: str | None
    at: datetime | None
    asked_at: datetime | None
    sighting_id: str
    """The copy of which it was said."""
    posted_at: datetime
    """When that was posted."""


async def said_of_item(session: AsyncSession, item_id: str) -> Sequence[Said]:
    """By the person who was asked, and by whoever looked at any of its copies. The caller made sure who asks."""
    rows: Sequence[Any] = (await session.execute(_everything_said(), {"items": [item_id]})).all()
    found = [Said(*row) for row in rows]
    return sorted(found, key=lambda one: max(at for at in (one.at, one.asked_at) if at is not None))


@cache
def _everything_said() -> CompoundSelect[*tuple[Any, ...]]:
    """The statement, made once, of what was said of the copies of `items`."""
    asked, seen = SightingQuestion, Viewing
    about = (Sighting.id, Sighting.posted_at)
    answers = select(literal("answer"), asked.answer, asked.answered_at, asked.asked_at, *about)
    answers = answers.join(Sighting, Sighting.id == asked.sighting_id).where(_of_items())
    looks = select(seen.body, seen.said, seen.said_at, seen.asked_at, *about)
    looks = looks.join(Sighting, Sighting.id == seen.sighting_id).where(_of_items())
    return union_all(answers, looks)


@dataclass(frozen=True, slots=True)
class ChannelBefore:
    """What became of what the organisation found in one channel or account so far."""

    cases: int
    confirmed: int
    dismissed: int
    removed: int
    came_back: int
    first_found: datetime | None


async def channel_before(session: AsyncSession, actor: AdvocateActor, source_id: str) -> ChannelBefore:
    """Counted over the organisation's own cases alone."""
    row = (await session.execute(_counts_of_channel(actor.organisation_id), {"source": source_id})).one()
    cases, confirmed, dismissed, removed, came_back = (int(one or 0) for one in row[:5])
    return ChannelBefore(cases, confirmed, dismissed, removed, came_back, row[5])


@lru_cache(maxsize=ORGANISATIONS_KEPT)
def _counts_of_channel(organisation_id: str) -> Select[*tuple[Any, ...]]:
    """The statement, made once, of what became of what was found in `source`."""
    counted: tuple[ColumnElement[Any], ...] = (
        func.count(Sighting.case_id.distinct()),
        *(func.sum(_flag(Sighting.state == state)) for state in ("confirmed", "dismissed")),
        func.sum(_flag(Sighting.removed_at.is_not(None))),
        func.sum(_flag(Sighting.came_back_at.is_not(None))),
        func.min(Sighting.found_at),
    )
    query: Select[*tuple[Any, ...]] = select(*counted).select_from(Sighting)
    query = query.join(Case, visible(any_of(organisation_id)))
    return query.where(Sighting.source_id == bindparam("source"))


async def places_to_choose(
    session: AsyncSession, actor: AdvocateActor, state: str, *, limit: int
) -> Sequence[tuple[SourceName, int]]:
    """Where most of what is in this state was found, and how much."""
    count = func.count()
    query = select(SOURCE_NAME, count).select_from(Sighting).join(Case, visible(actor))
    query = query.join(Source, Source.id == Sighting.source_id).where(Sighting.state == state)
    query = query.group_by(Source.id).order_by(count.desc(), Source.id)
    return [(row[0], row[1]) for row in await session.execute(query.limit(limit))]


async def sees_case(session: AsyncSession, actor: AdvocateActor, case_id: str) -> bool:
    """Whether it is a vouched case of the organisation."""
    return await session.scalar(select(Case.id).where(Case.id == case_id, _mine(actor))) is not None


def _mine(actor: AdvocateActor) -> ColumnElement[bool]:
    vouched = (Case.state == "vouched") & Case.frozen_at.is_(None)
    return (Case.organisation_id == actor.organisation_id) & vouched
