"""A copy can be seen, or is gone: what that ends of its notices, and of what was told of them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.model.notice_states import FOLLOWED, OVER, NoticeState, move
from monitor.notices.platform_calls import CallEvent, call_platforms

ENDED_BY_REMOVAL = (
    AlertKind.CANNOT_VERIFY,
    AlertKind.DEADLINE_LAPSED,
    AlertKind.DEADLINE_NEAR,
    AlertKind.SENT_FOR_MINOR,
    AlertKind.WORK_STRANDED,
)
"""What was told of a notice whose copy is gone."""
_ENDED_WITH_THE_LAST = (
    AlertKind.NOTICE_FAILED,
    AlertKind.NOTICE_WAITS,
    AlertKind.NOTICE_BOUNCED,
    AlertKind.BOUNCE_CLAIMED,
    AlertKind.PLATFORM_ANSWERED,
    AlertKind.PLATFORM_NEEDS_MORE,
    AlertKind.PLATFORM_REFUSED,
)
"""What was told of a message: it stands until none of the copies that it carried is there."""


async def end_notices(session: AsyncSession, context: DomainContext, sighting: Sighting) -> Sequence[Notice]:
    """Two checks found the copy gone: what its notices asked for has happened. Returns those that were out, the first
    sent first. Call it with the copy, which stands as removed, and its notices locked."""
    query = select(Notice).where(Notice.sighting_id == sighting.id).order_by(Notice.sent_at, Notice.id)
    notices = (await session.scalars(query)).all()
    out = [one for one in notices if one.state in FOLLOWED]
    for notice in notices:
        await end_notice(session, context, notice)
    return out


async def end_notice(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """One of them, which is locked: no check is due any more, and nobody has to look at it."""
    if notice.state in FOLLOWED:
        notice.state, notice.due_at = move(notice.state, NoticeState.REMOVED), None
        await call_platforms(session, context, notice, CallEvent.OVER)
    if notice.state == NoticeState.WITHDRAWN:
        return  # what is told of it is about the letter that takes it back
    await session.flush()
    await context.resolve_all(session, ENDED_BY_REMOVAL, [notice.id])
    lead_id = notice.together_id or notice.id
    message = (Notice.id == lead_id) | (Notice.together_id == lead_id)
    stand = select(Notice.id).join(Sighting, Sighting.id == Notice.sighting_id)
    stand = stand.where(message, Notice.state.not_in(OVER), Sighting.removed_at.is_(None))
    if await session.scalar(stand.limit(1)) is None:
        # All of its notices: what failed may be told of another one than the mail's, see message_alerts.
        every = (await session.scalars(select(Notice.id).where(message))).all()
        await context.resolve_all(session, _ENDED_WITH_THE_LAST, sorted(every))


async def be_seen(session: AsyncSession, context: DomainContext, sighting: Sighting) -> None:
    """A look saw the copy: of none of its notices anybody has to find out whether it is there."""
    about = await session.scalars(select(Notice.id).where(Notice.sighting_id == sighting.id))
    await context.resolve_all(session, (AlertKind.CANNOT_VERIFY,), about.all())
