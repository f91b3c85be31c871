"""What stands above every page of an advocate, in one statement: how much waits, and where something is unread."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import CompoundSelect, Select, String, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.messages import Message
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.stops import Stop
from db.queries.actors import ORGANISATIONS_KEPT, AdvocateActor, any_of
from db.queries.daily_reviews import count_beyond, within_budget
from db.queries.messages import unread_by_case
from db.queries.pool import may_vouch
from db.queries.queue import item
from db.queries.sightings import of_visible_cases
from db.queries.stops import stops_upon


@dataclass(frozen=True, slots=True)
class GlanceCounts:
    """How much of each there is."""

    to_decide: int
    """Items: copies of one picture are one."""
    confirmed: int
    dismissed: int
    beyond: int
    """Open copies beyond a fingerprint's daily budget of reviews."""
    to_vouch: int
    to_do: int
    """Notices that need a person."""
    stops: int
    """What is stopped of the organisation: all, itself, or an advocate."""
    unread: dict[str, int] = field(default_factory=dict)
    """By case: messages of the person that nobody of the centre has read."""


async def glance_counts(
    session: AsyncSession, actor: AdvocateActor, *, a_day: int, needs_a_person: Collection[str]
) -> GlanceCounts:
    """Counted now. `a_day`: a fingerprint's daily budget of reviews; `needs_a_person`: states of notices."""
    counted = {"unread": dict[str, int]()}
    found: dict[str, int] = {}
    for name, case_id, number in await session.execute(
        _all_counts(actor.organisation_id, a_day, frozenset(needs_a_person))
    ):
        if name == "unread":
            counted["unread"][case_id] = number
        else:
            found[name] = number
    return GlanceCounts(**found, unread=dict(sorted(counted["unread"].items())))


@lru_cache(maxsize=ORGANISATIONS_KEPT)
def _all_counts(organisation_id: str, a_day: int, needs_a_person: frozenset[str]) -> CompoundSelect[str, str, int]:
    """The statement, made once: every page of an advocate asks it."""
    actor, mine = any_of(organisation_id), of_visible_cases(organisation_id)
    items = select(func.count(item().distinct())).where(mine)
    to_do = select(func.count()).select_from(Notice).join(Sighting, Sighting.id == Notice.sighting_id)
    to_do = to_do.where(Notice.state.in_(needs_a_person), mine)
    parts = (
        _part("to_decide", items.where(Sighting.state == "open", within_budget(actor, a_day))),
        _part("confirmed", items.where(Sighting.state == "confirmed")),
        _part("dismissed", items.where(Sighting.state == "dismissed")),
        _part("beyond", count_beyond(actor, a_day)),
        _part("to_vouch", select(func.count()).select_from(Case).where(may_vouch(actor))),
        _part("to_do", to_do),
        _part("stops", select(func.count()).select_from(Stop).where(stops_upon(organisation_id))),
        unread_by_case(actor).with_only_columns(literal("unread"), Message.case_id, func.count()).order_by(None),
    )
    return union_all(*parts)


def _part(name: str, counted: Select[int]) -> Select[str, str, int]:
    return select(literal(name), literal("", String), counted.scalar_subquery())


async def names_of_advocates(session: AsyncSession, advocate_ids: Collection[str]) -> dict[str, str]:
    """Names by id, disabled ones too; one statement, none where nobody is asked for."""
    if not advocate_ids:
        return {}
    rows = await session.execute(select(Advocate.id, Advocate.name).where(Advocate.id.in_(set(advocate_ids))))
    return {one: name for one, name in rows}  # noqa: C416  # typed as a pair
