"""What sightings have in common: counts, never whose they are. Open and confirmed ones of vouched cases that live.

Within one organisation for its advocates; over several only for those that share, and only where the asking one does:
the condition stands in the query.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.models.cases import Case
from db.models.linking import SightingMark
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import AdvocateActor
from db.queries.copies import to_report
from db.queries.sightings import visible
from db.queries.tenants import SOURCE_NAME, SourceName

_Query = Select[*tuple[Any, ...]]
_COUNTED = Sighting.state.in_(("open", "confirmed"))


@dataclass(frozen=True, slots=True)
class LinkCount:
    """How many cases and posts share something."""

    cases: int
    posts: int
    first_seen: datetime
    centres: int = 1


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A channel or account, and what an organisation's cases have there."""

    source: SourceName
    count: LinkCount
    confirmed: int
    """Of the sightings there, those that were confirmed and stand."""
    confirmed_posts: int
    """In how many posts those are."""


async def places_of(
    session: AsyncSession, actor: AdvocateActor, *, limit: int, offset: int = 0
) -> tuple[Sequence[PlaceCount], int]:
    """A page of the channels and accounts where something was found, most cases first; and how many there are."""
    mine = visible(actor) & _COUNTED
    query = _places(mine).order_by(_CASES.desc(), _POSTS.desc(), Source.id).limit(limit).offset(offset)
    found = [_place(row) for row in await session.execute(query)]
    total = select(func.count(func.distinct(Sighting.source_id))).select_from(Sighting).join(Case, mine)
    return found, await session.scalar(total) or 0


async def find_place(session: AsyncSession, actor: AdvocateActor, source_id: str) -> PlaceCount | None:
    """One of them; None where the organisation has nothing there, as for one that does not exist."""
    query = _places(visible(actor) & _COUNTED).where(Source.id == source_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _place(row)


_CASES, _POSTS = func.count(func.distinct(Sighting.case_id)), func.count(func.distinct(Sighting.post_id))


def _places(mine: ColumnElement[bool]) -> _Query:
    stands = to_report()
    copies = func.sum(case((stands, 1), else_=0))
    posts = func.count(func.distinct(case((stands, Sighting.post_id))))
    query: _Query = select(SOURCE_NAME, _CASES, _POSTS, func.min(Sighting.found_at), copies, posts)
    query = query.select_from(Sighting).join(Case, mine).join(Source, Source.id == Sighting.source_id)
    return query.group_by(Source.id)


def _place(row: Any) -> PlaceCount:
    return PlaceCount(row[0], LinkCount(row[1], row[2], row[3]), int(row[4]), int(row[5]))


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """What has something in common with one sighting, itself included."""

    place: LinkCount | None
    """Its channel or account."""
    marks: Mapping[str, LinkCount]
    """By kind of mark."""


async def linked_to(
    session: AsyncSession, actor: AdvocateActor, sighting: Sighting, *, beyond: bool
) -> tuple[LinkCounts, LinkCounts]:
    """What the organisation has; and, where somebody may see `beyond` it, what all that share have, the asking one
    included: nothing where it does not.

    For a sighting that the caller knows to be the asking organisation's. One statement.
    """
    parts, scopes = [], [("own", visible(actor) & _COUNTED)]
    if beyond:
        scopes.append(("shared", _shared(actor) & _COUNTED))
    for whose, mine in scopes:
        parts += [
            _by_place(mine, [sighting.source_id]).add_columns(literal(f"{whose} place")),
            _by_mark(mine, sighting.id).add_columns(literal(f"{whose} marks")),
        ]
    found: dict[str, dict[str, LinkCount]] = {}
    rows: Sequence[Any] = (await session.execute(union_all(*parts))).all()
    for key, *counts, what in rows:
        found.setdefault(what, {})[key] = _link_count(counts)
    own, shared = (
        LinkCounts(found.get(f"{whose} place", {}).get(sighting.source_id), found.get(f"{whose} marks", {}))
        for whose in ("own", "shared")
    )
    return own, shared


async def shared_by_place(
    session: AsyncSession, actor: AdvocateActor, source_ids: Collection[str]
) -> Mapping[str, LinkCount]:
    """Source -> what the organisations that share have there, the asking one included; nothing where it does not."""
    rows = await session.execute(_by_place(_shared(actor) & _COUNTED, source_ids))
    return {key: _link_count(counts) for key, *counts in rows}


async def shares_since(session: AsyncSession, actor: AdvocateActor) -> datetime | None:
    """Since when the actor's organisation shares counts; None: it does not."""
    query = select(Organisation.shares_links_at).where(Organisation.id == actor.organisation_id)
    since: datetime | None = await session.scalar(query)
    return since


async def confirmed_cases_at(session: AsyncSession, actor: AdvocateActor, source_id: str) -> Sequence[str]:
    """The organisation's cases with a confirmed copy that stands at a source, in the order of their ids."""
    query = select(Case.id).join(Sighting, visible(actor)).where(Sighting.source_id == source_id, to_report())
    return (await session.scalars(query.distinct().order_by(Case.id))).all()


def _shared(actor: AdvocateActor) -> ColumnElement[bool]:
    """The condition that a sighting's case counts over several centres: its centre shares, and so does the asker's."""
    theirs = select(Organisation.id).where(Organisation.shares_links_at.is_not(None))
    asks = exists().where(Organisation.id == actor.organisation_id, Organisation.shares_links_at.is_not(None))
    lives = (Case.state == "vouched") & Case.frozen_at.is_(None)
    return (Case.id == Sighting.case_id) & lives & Case.organisation_id.in_(theirs) & asks


def _by_place(mine: ColumnElement[bool], source_ids: Collection[str]) -> _Query:
    posts = func.count(func.distinct(Sighting.post_id))
    query = select(Sighting.source_id, *_counts(), posts).select_from(Sighting).join(Case, mine)
    return query.where(Sighting.source_id.in_(source_ids)).group_by(Sighting.source_id)


def _by_mark(mine: ColumnElement[bool], sighting_id: str) -> _Query:
    own = aliased(SightingMark)
    same = (SightingMark.kind == own.kind) & (SightingMark.mark == own.mark)
    post = func.count(func.distinct(Sighting.source_id.concat(":").concat(Sighting.post_id)))
    query = select(SightingMark.kind, *_counts(), post).select_from(own).join(SightingMark, same)
    query = query.join(Sighting, Sighting.id == SightingMark.sighting_id).join(Case, mine)
    return query.where(own.sighting_id == sighting_id, own.mark != "").group_by(SightingMark.kind)


def _link_count(counts: Sequence[Any]) -> LinkCount:
    cases, first_seen, centres, posts = counts
    return LinkCount(cases, posts, first_seen, centres)


def _counts() -> tuple[ColumnElement[int], ColumnElement[datetime], ColumnElement[int]]:
    """Cases, first seen, centres."""
    return (
        func.count(func.distinct(Sighting.case_id)),
        func.min(Sighting.found_at),
        func.count(func.distinct(Case.organisation_id)),
    )


@dataclass(frozen=True, slots=True)
class Gathered:
    """One sighting of an organisation's at a place, or of an account."""

    sighting: Sighting
    source: SourceName


def _same(kind: str, sighting_id: str) -> ColumnElement[bool]:
    """The condition that a sighting has the same mark as another."""
    own = aliased(SightingMark)
    mark = select(own.mark).where(own.sighting_id == sighting_id, own.kind == kind, own.mark != "").scalar_subquery()
    theirs = select(SightingMark.sighting_id).where(SightingMark.kind == kind, SightingMark.mark == mark)
    return Sighting.id.in_(theirs)


async def gathered(
    session: AsyncSession,
    actor: AdvocateActor,
    *,
    limit: int,
    offset: int = 0,
    source_id: str | None = None,
    mark: tuple[str, str] | None = None,
) -> tuple[Sequence[Gathered], LinkCount | None]:
    """A page of the organisation's copies at a source, or with the same mark (its kind, and a sighting that has it);
    and how much there is in all, None where nothing is. Two statements."""
    mine = visible(actor) & _COUNTED & (Sighting.source_id == source_id if mark is None else _same(*mark))
    query = select(Sighting, SOURCE_NAME).select_from(Sighting).join(Case, mine)
    query = query.join(Source, Source.id == Sighting.source_id)
    order = (Sighting.removed_at.is_not(None), Sighting.found_at.desc(), Sighting.id)
    rows = await session.execute(query.order_by(*order).limit(limit).offset(offset))
    post = func.count(func.distinct(Sighting.source_id.concat(":").concat(Sighting.post_id)))
    counted = (await session.execute(select(*_counts(), post).select_from(Sighting).join(Case, mine))).one()
    told = LinkCount(counted[0], counted[3], counted[1]) if counted[0] else None
    return [Gathered(sighting, source) for sighting, source in rows], told


async def marks_in_common(
    session: AsyncSession, actor: AdvocateActor, kind: str, *, limit: int, offset: int = 0
) -> tuple[Sequence[tuple[str, LinkCount]], int]:
    """A page of what several of the organisation's sightings have in common, most cases first: a sighting that has it,
    and how much; and how many such there are. Two statements."""
    post = func.count(func.distinct(Sighting.source_id.concat(":").concat(Sighting.post_id)))
    mine = visible(actor) & _COUNTED
    marks = select(SightingMark.mark, func.max(Sighting.id).label("one"), *_counts()[:2], post.label("posts"))
    marks = marks.select_from(SightingMark).join(Sighting, Sighting.id == SightingMark.sighting_id).join(Case, mine)
    marks = marks.where(SightingMark.kind == kind, SightingMark.mark != "").group_by(SightingMark.mark)
    order = (_CASES.desc(), post.desc(), SightingMark.mark)
    rows = await session.execute(marks.order_by(*order).limit(limit).offset(offset))
    found = [(one, LinkCount(cases, posts, first)) for _mark, one, cases, first, posts in rows]
    total = select(func.count(func.distinct(SightingMark.mark))).select_from(SightingMark)
    total = total.join(Sighting, Sighting.id == SightingMark.sighting_id).join(Case, mine)
    total = total.where(SightingMark.kind == kind, SightingMark.mark != "")
    return found, await session.scalar(total) or 0


async def sightings_with(session: AsyncSession, actor: AdvocateActor, ids: Collection[str]) -> Sequence[Gathered]:
    """Sightings of the organisation's by id."""
    query = select(Sighting, SOURCE_NAME).select_from(Sighting).join(Case, visible(actor))
    query = query.join(Source, Source.id == Sighting.source_id).where(Sighting.id.in_(ids))
    return [Gathered(sighting, source) for sighting, source in await session.execute(query)]


async def source_named(session: AsyncSession, source_id: str) -> SourceName:
    """Its name, for an organisation that has a report about it."""
    return (await session.execute(select(SOURCE_NAME).where(Source.id == source_id))).one()[0]
