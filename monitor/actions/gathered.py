"""One ring, many cases: the centre's own copies by channel, by who posted them, or by where they came from.

Nothing of another centre is in it, and no picture. Who posted is opened from each sighting's own evidence; what links
them are the keyed hashes of monitor/sightings/marks.py.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sightings import Sighting
from db.queries import linking
from db.queries.actors import AdvocateActor
from db.queries.desk import desks_of
from db.queries.tenants import SourceName
from monitor.actions.access import get_sighting
from monitor.actions.desk import called_of
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError, NotFound
from monitor.model.desk import Called
from monitor.model.linking import Counted, MarkKind
from monitor.model.records.sighting import SightingRecord


@dataclass(frozen=True, slots=True)
class Author:
    """Who posted something, or whence it was forwarded, as the platform names them; empty where it does not."""

    id: str = field(default="", repr=False)
    handle: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Ring:
    """What several copies have in common."""

    sighting_id: str
    """One that has it: the address of the others."""
    platform: str
    author: Author
    counted: Counted


@dataclass(frozen=True, slots=True)
class RingList:
    """A page of them, most cases first."""

    rings: Sequence[Ring]
    total: int


@dataclass(frozen=True, slots=True)
class GatheredCopy:
    """One copy, with the case that it belongs to."""

    row: Sighting
    source: SourceName
    called: Called


@dataclass(frozen=True, slots=True)
class GatheredPage:
    """A page of the copies, and how many there are."""

    copies: Sequence[GatheredCopy]
    counted: Counted
    author: Author | None = None
    """Where they are gathered by one."""


async def rings(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, kind: MarkKind, *, limit: int, offset: int = 0
) -> RingList:
    """Accounts that posted (or channels whence was forwarded), or files, over all channels. Three statements."""
    found, total = await linking.marks_in_common(session, actor, kind, limit=limit, offset=offset)
    rows = {one.sighting.id: one for one in await linking.sightings_with(session, actor, [one for one, _ in found])}
    authors = await asyncio.to_thread(_authors, context, [one.sighting for one in rows.values()], kind)
    return RingList(
        [
            Ring(
                sighting_id=sighting_id,
                platform=rows[sighting_id].source.platform,
                author=authors.get(sighting_id, Author()),
                counted=Counted(count.cases, count.posts, count.first_seen),
            )
            for sighting_id, count in found
            if sighting_id in rows
        ],
        total,
    )


async def gathered_at(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, source_id: str, *, limit: int, offset: int = 0
) -> GatheredPage:
    """The centre's copies in one channel, or of one account. Raises NotFound where it has nothing there."""
    rows, counted = await linking.gathered(session, actor, source_id=source_id, limit=limit, offset=offset)
    if counted is None:
        raise NotFound
    return await _page(session, context, actor, rows, counted)


async def gathered_with(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    kind: MarkKind,
    *,
    limit: int,
    offset: int = 0,
) -> GatheredPage:
    """The centre's copies that have this in common with one that the advocate sees; none before it was marked.

    Raises NotFound for a sighting that they do not see.
    """
    sighting, *_ = await get_sighting(session, actor, sighting_id)
    mark = (kind.value, sighting.id)
    rows, counted = await linking.gathered(session, actor, mark=mark, limit=limit, offset=offset)
    if counted is None:
        return GatheredPage((), Counted(0, 0, None), Author())  # it is marked within a minute after it was found
    authors = await asyncio.to_thread(_authors, context, [sighting], kind)
    return await _page(session, context, actor, rows, counted, authors.get(sighting.id, Author()))


async def _page(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    rows: Sequence[linking.Gathered],
    counted: linking.LinkCount,
    author: Author | None = None,
) -> GatheredPage:
    desks = await desks_of(session, actor, {one.sighting.case_id for one in rows})

    def open_all() -> list[GatheredCopy]:
        named = [case_id for case_id, desk in desks.items() if desk.content is not None]
        held = context.holding(named) if named else context
        called = {case_id: _called(held, actor, case_id, desks[case_id].content) for case_id in named}
        return [GatheredCopy(one.sighting, one.source, called.get(one.sighting.case_id, Called())) for one in rows]

    copies = await asyncio.to_thread(open_all)
    return GatheredPage(copies, Counted(counted.cases, counted.posts, counted.first_seen), author)


def _called(context: DomainContext, actor: AdvocateActor, case_id: str, sealed: bytes | None) -> Called:
    try:
        return called_of(context, case_id, actor.organisation_id, sealed)
    except JikimiError:
        return Called()  # a case whose key was lost is listed by its number


def _authors(context: DomainContext, rows: Sequence[Sighting], kind: MarkKind) -> Mapping[str, Author]:
    if kind is MarkKind.FILE or not rows:
        return {}
    held, found = context.holding({row.case_id for row in rows}), {}
    for row in rows:
        try:
            record = held.open_record(SightingRecord, row.case_id, row.id, row.evidence)
        except JikimiError:
            continue  # it opens no more: the copies are listed without a name
        found[row.id] = _author(record, kind)
    return found


def _author(record: SightingRecord, kind: MarkKind) -> Author:
    seen = record.observed
    if kind is MarkKind.ORIGIN:
        origin = seen and seen.forwarded
        if not origin:
            return Author()
        return Author(origin.channel_id or origin.user_id or "", origin.handle or "", origin.name or "")
    handle, name = (seen.author_handle or "", seen.author_name or "") if seen else ("", "")
    return Author(record.author_id or "", handle, name)
