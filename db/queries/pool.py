"""The pool: cases that nobody has vouched for belong to no organisation, and advocates of every one see that they wait.

Content is not read here, nor who a person is, nor what they registered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import AdvocateActor


def waits() -> ColumnElement[bool]:
    """Nobody has vouched for it: whoever is told its number finds it, of whichever organisation."""
    return Case.vouched_at.is_(None) & Case.state.in_(("open", "erasing"))


def _pool(actor: AdvocateActor, language: str | None) -> ColumnElement[bool]:
    """What others have in hand waits, too; what one's own organisation has in hand stands elsewhere."""
    mine = Case.organisation_id.is_distinct_from(actor.organisation_id)
    pool = (Case.state == "open") & mine
    return pool if language is None else pool & (Case.language == language)


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Cases that were opened from one place on one day; mostly one."""

    cases: Sequence[Case]
    """The first ones."""
    total: int


async def waiting_groups(
    session: AsyncSession, actor: AdvocateActor, *, language: str | None, limit: int, offset: int, most: int
) -> tuple[Sequence[WaitingGroup], int]:
    """A page of what waits to be vouched for, the longest waiting first, and how many groups there are.

    `most` cases of each: whoever opens hundreds takes one place. `language`: only those cases.
    """
    waiting = _pool(actor, language)
    group = func.coalesce(Case.origin_tag, Case.id)
    first, size = func.min(Case.opened_at), func.count()
    page = select(group, size).where(waiting).group_by(group).order_by(first, group).limit(limit).offset(offset)
    sizes = {row[0]: row[1] for row in await session.execute(page)}
    place = func.row_number().over(partition_by=group, order_by=(Case.opened_at, Case.id))
    placed = select(Case.id, place.label("place")).where(waiting, group.in_(sizes)).subquery()
    query = select(Case).join(placed, placed.c.id == Case.id).where(placed.c.place <= most)
    found: dict[str, list[Case]] = {key: [] for key in sizes}
    for case in await session.scalars(query.order_by(Case.opened_at, Case.id)):
        found[case.origin_tag or case.id].append(case)
    total = await session.scalar(select(func.count(group.distinct())).where(waiting))
    return [WaitingGroup(cases, sizes[key]) for key, cases in found.items()], total or 0


def may_vouch(actor: AdvocateActor) -> ColumnElement[bool]:
    """The condition that this advocate could vouch for a case: the pool's, and what their organisation has in hand."""
    within = Case.organisation_id.is_(None) | (Case.organisation_id == actor.organisation_id)
    return (Case.state == "open") & within
