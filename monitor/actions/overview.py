"""A lead's view of the centre: who waits, which clocks run, who is in charge of how much, what is overdue.

Nothing in it counts how much anybody decides, and nobody stands above anybody: names come in their own order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.actors import AdvocateActor
from db.queries.audit import Duties, Load, duties_of, load_of, open_alerts_by_kind
from monitor.actions.audit import FoundWrong, found_wrong
from monitor.cases.stops import leads_only
from monitor.context.context import DomainContext
from monitor.model.notice_states import NEEDS_A_PERSON

SOON = timedelta(hours=48)
UNDECIDED_FOR = timedelta(hours=72)
"""A possible copy that nobody decided about for so long is overdue."""
ALERTS_FOR = timedelta(days=1)
WRONG_SINCE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class OverdueAlerts:
    """Alerts of one kind that nobody dealt with for a day."""

    kind: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    duties: Duties
    load: Sequence[Load]
    alerts: Sequence[OverdueAlerts]
    wrong: FoundWrong


async def overview_of(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> Overview:
    """How the own centre stands now. Raises RuleBroken(LEADS_ONLY)."""
    leads_only(actor)
    now = context.now()
    return Overview(
        duties=await duties_of(session, actor, now, soon=now + SOON, undecided_before=now - UNDECIDED_FOR),
        load=await load_of(session, actor, now, needs_a_person=NEEDS_A_PERSON),
        alerts=[OverdueAlerts(*one) for one in await open_alerts_by_kind(session, actor, now - ALERTS_FOR)],
        wrong=await found_wrong(session, context, actor, now - WRONG_SINCE),
    )
