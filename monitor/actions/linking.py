"""What an advocate sees of what their centre's cases have in common, and a lead of several centres'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.people import Organisation
from db.models.sightings import Sighting
from db.queries import linking
from db.queries.actors import AdvocateActor
from db.queries.linking import LinkCount
from db.queries.tenants import SourceName
from monitor.cases.stops import leads_only
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.linking import Across, Counted, MarkKind, across


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or account where something of the centre's was found."""

    source: SourceName
    counted: Counted
    confirmed: int
    across: Across | None
    """Over the centres that share, for a lead; None: nobody may see it, or too few are behind it."""


@dataclass(frozen=True, slots=True)
class Places:
    """A page of them, most cases first."""

    places: Sequence[Place]
    total: int
    shares: bool
    """Whether the centre shares counts with others that do."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What one sighting has in common with others of its centre, itself included."""

    place: Counted
    place_across: Across | None = None
    marks: Mapping[MarkKind, Counted] = field(default_factory=dict)
    marks_across: Mapping[MarkKind, Across] = field(default_factory=dict)


async def places(session: AsyncSession, actor: AdvocateActor, *, limit: int, offset: int = 0) -> Places:
    """The centre's channels and accounts. Four statements, whatever there is."""
    rows, total = await linking.places_of(session, actor, limit=limit, offset=offset)
    shared = await _shared_places(session, actor, [row.source.id for row in rows])
    found = [Place(row.source, _counted(row.count), row.confirmed, shared.get(row.source.id)) for row in rows]
    return Places(found, total, await linking.shares_since(session, actor) is not None)


async def place(session: AsyncSession, actor: AdvocateActor, source_id: str) -> Place:
    """One of them. Raises NotFound where the centre has nothing there."""
    row = await linking.find_place(session, actor, source_id)
    if row is None:
        raise NotFound
    shared = await _shared_places(session, actor, [source_id])
    return Place(row.source, _counted(row.count), row.confirmed, shared.get(source_id))


async def linked(session: AsyncSession, actor: AdvocateActor, sighting: Sighting) -> Linked:
    """For a sighting that this advocate sees. Nothing is opened for it."""
    own, shared = await linking.linked_to(session, actor, sighting, beyond=actor.lead)
    seen = ((MarkKind(kind), _across(count)) for kind, count in shared.marks.items())
    return Linked(
        place=Counted(0, 0, None) if own.place is None else _counted(own.place),
        marks={MarkKind(kind): _counted(count) for kind, count in own.marks.items()},
        place_across=None if shared.place is None else _across(shared.place),
        marks_across={kind: told for kind, told in seen if told is not None},
    )


async def set_sharing(session: AsyncSession, context: DomainContext, actor: AdvocateActor, *, share: bool) -> None:
    """A lead lets the centre's cases count, rounded, for leads of other centres that share, or does so no more."""
    leads_only(actor)
    home = await session.get_one(Organisation, actor.organisation_id)
    if (home.shares_links_at is not None) == share:
        return
    home.shares_links_at = context.now() if share else None
    await session.flush()
    await context.record_installation(session, EntryKind.ORGANISATION_CHANGED, organisation=home.id, shares_links=share)


async def _shared_places(
    session: AsyncSession, actor: AdvocateActor, source_ids: Sequence[str]
) -> Mapping[str, Across]:
    """Leads only; nothing where the centre does not share."""
    if not actor.lead:
        return {}
    counted = await linking.shared_by_place(session, actor, source_ids)
    return {source_id: told for source_id, count in counted.items() if (told := _across(count)) is not None}


def _across(count: LinkCount) -> Across | None:
    return across(cases=count.cases, posts=count.posts, centres=count.centres)


def _counted(count: LinkCount) -> Counted:
    return Counted(count.cases, count.posts, count.first_seen)
