"""An advocate puts several copies of one channel or account into one notice, or takes them apart again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.notices import lock_messages, notices_alike
from monitor.actions.access import get_notice
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.notices.leaving import NOT_YET_SENT, carried_by, carrier_of
from monitor.notices.route_table import ROUTES
from monitor.notices.together import put_together, take_apart


@dataclass(frozen=True, slots=True)
class OneMessage:
    """How a notice goes."""

    carried_by: str | None
    """The notice whose message carries it; None: its own does."""
    carries: Sequence[tuple[Notice, Sighting]] = ()
    may_join: Sequence[tuple[Notice, Sighting]] = ()
    """Notices that may be put into its message; whether one text is true of all is said when somebody tries."""


async def message_of(session: AsyncSession, actor: AdvocateActor, notice: Notice) -> OneMessage:
    """Before it left: what goes with it now, and what might. Of what left: what left with it."""
    route = ROUTES[notice.route]
    if notice.state in NOT_YET_SENT:
        lead = await carrier_of(session, notice)
        mates = await carried_by(session, notice)
        alike = await notices_alike(session, actor, notice) if route.several and lead is None else ()
        free = [(one, sighting) for one, sighting in alike if one.id != notice.id]
        return OneMessage(None if lead is None else lead.id, await _with_copies(session, mates), free)
    return OneMessage(notice.together_id, await _with_copies(session, await carried_by(session, notice)))


async def join_notices(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, notice_id: str, others: Sequence[str]
) -> Notice:
    """Put these into the message of the first. NotFound for what is not this organisation's; see `put_together`."""
    rows = {row.id: row for row in await lock_messages(session, actor, {notice_id, *others})}
    if not {notice_id, *others} <= set(rows):
        raise NotFound
    lead = rows[notice_id]
    await put_together(session, context, [lead, *(row for key, row in rows.items() if key != notice_id)], by=actor.id)
    return lead


async def part_notices(session: AsyncSession, context: DomainContext, actor: AdvocateActor, notice_id: str) -> Notice:
    """Each goes by itself again."""
    notice, *_ = await get_notice(session, actor, notice_id, lock=True)
    await take_apart(session, context, notice, by=actor.id)
    return notice


async def _with_copies(session: AsyncSession, notices: Sequence[Notice]) -> list[tuple[Notice, Sighting]]:
    return [(one, await session.get_one(Sighting, one.sighting_id)) for one in notices]
