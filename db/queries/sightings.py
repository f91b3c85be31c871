"""Sightings as one actor may see them: a person the confirmed and released ones, an advocate those of vouched cases."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.locking import lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import Actor, PersonActor
from db.queries.tenants import SOURCE_NAME, SourceName


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition that a sighting joined with its case may be seen by this actor. Nothing before vouching.

    And nothing by anybody while a lead keeps the case frozen: where something is must not be told to the wrong person.
    """
    mine: ColumnElement[bool]
    if isinstance(actor, PersonActor):
        mine = (Case.id == actor.case_id) & (Sighting.state == "confirmed") & Sighting.released_at.is_not(None)
    else:
        mine = Case.organisation_id == actor.organisation_id
    return (Case.id == Sighting.case_id) & (Case.state == "vouched") & Case.frozen_at.is_(None) & mine


def of_visible_cases(organisation_id: str) -> ColumnElement[bool]:
    """The same as `visible` for any advocate of an organisation, without a join: what is counted needs no case's row.

    SQLite then reads its index of the desk and never a row, which takes a third of the time.
    """
    cases = select(Case.id).where(Case.organisation_id == organisation_id, Case.state == "vouched")
    return Sighting.case_id.in_(cases.where(Case.frozen_at.is_(None)))


def visible_sightings(actor: Actor) -> Select[Sighting, SourceName, Case]:
    """The sightings that this actor sees, each with its source and case."""
    query = select(Sighting, SOURCE_NAME, Case).select_from(Sighting).join(Source, Source.id == Sighting.source_id)
    return query.join(Case, visible(actor))


async def find_sighting(
    session: AsyncSession, actor: Actor, sighting_id: str, *, lock: bool = False
) -> tuple[Sighting, SourceName, Case] | None:
    """One sighting with its source and case; `lock` lets one advocate decide at a time.

    The case is locked too: what the person says meanwhile, of their age or of the police, is waited for.
    """
    query = visible_sightings(actor).where(Sighting.id == sighting_id)
    if lock:
        await lock_rows(session, select(Case).join(Sighting, visible(actor)).where(Sighting.id == sighting_id))
        await lock_rows(session, select(Sighting).join(Case, visible(actor)).where(Sighting.id == sighting_id))
        await lock_notices_about(session, sighting_id)
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def lock_notices_about(session: AsyncSession, sighting_id: str) -> None:
    """Lock every notice about a locked sighting: who decides writes to the ledger and to the notices by turns.

    And those that leave in one message with it: what is withdrawn of one changes the others' text.
    """
    about = aliased(Notice)
    leads = select(func.coalesce(about.together_id, about.id)).where(about.sighting_id == sighting_id)
    own = Notice.sighting_id == sighting_id
    await lock_rows(session, select(Notice).where(own | Notice.id.in_(leads) | Notice.together_id.in_(leads)))


async def sightings_of(
    session: AsyncSession,
    actor: Actor,
    *,
    case_id: str | None = None,
    state: str | None = None,
    limit: int = 1000,
    after: str | None = None,
    offset: int = 0,
) -> tuple[Sequence[tuple[Sighting, SourceName]], int]:
    """A page in the order they were found, after the sighting `after` or `offset` rows on; and how many in all."""
    mine = visible(actor)
    if case_id is not None:
        mine &= Sighting.case_id == case_id
    if state is not None:
        mine &= Sighting.state == state
    query = select(Sighting, SOURCE_NAME).select_from(Sighting).join(Case, mine)
    query = query.join(Source, Source.id == Sighting.source_id)
    if after is not None:
        last = await session.scalar(select(Sighting).join(Case, visible(actor)).where(Sighting.id == after))
        if last is not None:
            query = query.where(tuple_(Sighting.found_at, Sighting.id) > (last.found_at, last.id))
    rows = await session.execute(query.order_by(Sighting.found_at, Sighting.id).limit(limit).offset(offset))
    total = await session.scalar(select(func.count()).select_from(Sighting).join(Case, mine))
    return [(sighting, source) for sighting, source in rows], total or 0
