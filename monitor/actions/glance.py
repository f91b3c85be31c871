"""What stands above every page of an advocate: how much waits, what is stopped, how many alerts are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.actors import AdvocateActor
from db.queries.glance import GlanceAsked, glance_counts
from monitor.actions.alerts import TOLD, alerts_of_sources, how_many
from monitor.actions.pauses import ToldStop, told_stops
from monitor.context.alerts import AlertKind
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
    """One statement; up to four more while a source cannot be read or something is stopped."""
    asked = GlanceAsked(context.most_reviews_a_day, NEEDS_A_PERSON, TOLD, AlertKind.ACCOUNT_STOPPED)
    counted = await glance_counts(session, actor, asked)
    alerts = how_many(actor, counted.own_alerts, counted.shared_alerts)
    if counted.failed_reads:
        alerts += len(await alerts_of_sources(session, actor, context.now(), counted.stopped_accounts))
    return Glance(
        to_decide=counted.to_decide,
        confirmed=counted.confirmed,
        dismissed=counted.dismissed,
        beyond=counted.beyond,
        to_vouch=counted.to_vouch,
        to_do=counted.to_do,
        alerts=alerts,
        unread=counted.unread,
        stops=await told_stops(session, context, actor) if counted.stops else (),
    )
