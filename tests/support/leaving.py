"""The two steps of a notice in one: it is written, then what would leave is looked at and sent."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.model.notice_states import NoticeState
from monitor.notices.leaving import what_leaves
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import send_notice
from monitor.notices.writing import Skipped, queue_notices


async def write_and_send(
    session: AsyncSession, context: DomainContext, sighting: Sighting, *, routes: tuple[str, ...] | None, by: str
) -> tuple[list[Notice], list[Skipped]]:
    """As `queue_notices`; what is ready and leaves from here is queued afterwards."""
    written, skipped = await queue_notices(session, context, sighting, routes=routes, by=by)
    for notice in written:
        await look_and_send(session, context, notice, by=by)
    return written, skipped


async def look_and_send(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """What an advocate does with one notice that is ready; held ones and forms stay as they are."""
    if notice.state == NoticeState.PREPARED and not ROUTES[notice.route].channel.by_hand:
        leaving = await what_leaves(session, context, notice)
        await send_notice(session, context, notice, digest=leaving.digest, by=by)
