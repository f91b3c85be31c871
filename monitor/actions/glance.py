"""What stands above every page of an advocate: how much waits, what is stopped, how many alerts are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.actors import AdvocateActor
from db.queries.glance import glance_counts
from monitor.actions.alerts import alerts_of
from monitor.actions.pauses import ToldStop, told_stops
from monitor.context.context import DomainContext
from monitor.model.notice_states import NEEDS_A_PERSON


@dataclass(frozen=True, slots=True)
class Glance:
    """Counts, and what is stopped."""

    to_decide: int
    confirmed: int
    dismissed: int
    beyond: int
    """See GlanceCounts."""
    to_vouch: int
    to_do: int
    """Notices that need a person."""
    alerts: int
    unread: Mapping[str, int]
    """By case: messages of the person that nobody of the centre has read."""
    stops: Sequence[ToldStop]


async def glance(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> Glance:
    """Three statements; up to three more while a source cannot be read or something is stopped."""
    counted = await glance_counts(
        session, actor, a_day=context.most_reviews_a_day, needs_a_person=sorted(NEEDS_A_PERSON)
    )
    return Glance(
        to_decide=counted.to_decide,
        confirmed=counted.confirmed,
        dismissed=counted.dismissed,
        beyond=counted.beyond,
        to_vouch=counted.to_vouch,
        to_do=counted.to_do,
        alerts=len(await alerts_of(session, actor, context.now())),
        unread=counted.unread,
        stops=await told_stops(session, context, actor) if counted.stops else (),
    )
