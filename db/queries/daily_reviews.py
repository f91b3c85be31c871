"""Which open sightings a fingerprint's daily budget of reviews lets stand in the queue, and which wait behind one line.

Of what one fingerprint fitted loosely on one day (UTC) the best come first; what was dismissed of it uses the budget up
too. What is confident, identical, or came from a link never waits, and nothing is lost: whoever asks for that
fingerprint sees all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import CTE, ColumnElement, Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import ORGANISATIONS_KEPT, AdvocateActor
from db.queries.sightings import of_visible_cases
from db.queries.tenants import SOURCE_NAME, SourceName

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class WaitingReviews:
    """What waits of one fingerprint."""

    fingerprint_id: str
    case_id: str
    count: int
    examples: tuple[tuple[Sighting, SourceName], ...]
    """The best of them."""


@lru_cache(maxsize=ORGANISATIONS_KEPT)
def _placed(organisation_id: str, a_day: int) -> CTE:
    """Each loose fit with its place among those of the same fingerprint and day, of the fingerprints that have more in
    all than one day allows: of the others, which are nearly all, nothing can be beyond it, and nothing is put in order.
    Made once: every page asks for it, and a statement that asks for it twice puts in order once."""
    place = func.row_number().over(
        partition_by=(Sighting.fingerprint_id, func.date(Sighting.found_at)),
        order_by=(case((Sighting.state == "open", 1), else_=0), Sighting.distance, Sighting.found_at, Sighting.id),
    )
    loose = (
        Sighting.fingerprint_id.is_not(None),
        Sighting.verdict == "review",
        Sighting.identical.is_(False),
        Sighting.state.in_(("open", "dismissed")),
    )
    mine = of_visible_cases(organisation_id)
    many = select(Sighting.fingerprint_id).where(mine, *loose).group_by(Sighting.fingerprint_id)
    many = many.having(func.count() > a_day)
    query = select(Sighting.id, Sighting.state, place.label("place")).where(
        mine, *loose, Sighting.fingerprint_id.in_(many)
    )
    return query.cte("placed")


def within_budget(actor: AdvocateActor, a_day: int) -> ColumnElement[bool]:
    """The condition that an open sighting stands in the queue."""
    placed = _placed(actor.organisation_id, a_day)
    return or_(Sighting.state != "open", Sighting.id.not_in(select(placed.c.id).where(placed.c.place > a_day)))


def count_beyond(actor: AdvocateActor, a_day: int) -> Select[int]:
    """How many open sightings wait beyond it."""
    placed = _placed(actor.organisation_id, a_day)
    return select(func.count()).select_from(placed).where(placed.c.place > a_day, placed.c.state == "open")


async def waiting_reviews(session: AsyncSession, actor: AdvocateActor, a_day: int) -> Sequence[WaitingReviews]:
    """What waits beyond the budget, by fingerprint, most first."""
    placed = _placed(actor.organisation_id, a_day)
    waiting = (
        select(
            Sighting.id,
            Sighting.fingerprint_id,
            Sighting.case_id,
            func.count().over(partition_by=Sighting.fingerprint_id).label("count"),
            func.row_number()
            .over(partition_by=Sighting.fingerprint_id, order_by=(Sighting.distance, Sighting.found_at, Sighting.id))
            .label("number"),
        )
        .join(placed, placed.c.id == Sighting.id)
        .where(Sighting.state == "open", placed.c.place > a_day)
        .subquery("waiting")
    )
    query = (
        select(Sighting, SOURCE_NAME, waiting.c.count)
        .select_from(Sighting)
        .join(waiting, waiting.c.id == Sighting.id)
        .join(Source, Source.id == Sighting.source_id)
        .where(waiting.c.number <= EXAMPLES)
        .order_by(waiting.c.count.desc(), Sighting.fingerprint_id, waiting.c.number)
    )
    found: dict[str, WaitingReviews] = {}
    for sighting, source, count in await session.execute(query):
        known = found.get(sighting.fingerprint_id)
        examples = (*(known.examples if known else ()), (sighting, source))
        found[sighting.fingerprint_id] = WaitingReviews(sighting.fingerprint_id, sighting.case_id, count, examples)
    return list(found.values())
