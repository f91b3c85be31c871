"""Which platforms are called when a notice leaves or is over: a row and a task each, in the caller's transaction."""

from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.notices import Notice
from db.models.platform_side import PlatformCall
from db.queries.platform_side import link_about, to_be_called
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.work import tasks


class CallEvent(StrEnum):
    """What a webhook is told. The values are stored and sent: add, never rename."""

    SENT = "notice.sent"
    """It left, or is open again since its copy came back."""
    OVER = "notice.over"
    """Removed, taken back, or its link was revoked: it is not listed any more."""


async def call_platforms(session: AsyncSession, context: DomainContext, notice: Notice, event: CallEvent) -> None:
    """Once each time that it happens: a notice may leave anew, and its copy come back. Only ids will leave, and nothing
    where the operator did not switch it on. The notice is held by the caller."""
    link = await link_about(session, notice.id) if context.webhooks else None
    if link is None:
        return
    now = context.now()
    for token in await to_be_called(session, link, notice.platform):
        row_id = new_id()
        about = {"case_id": notice.case_id, "notice_id": notice.id, "token_id": token.id, "event": event.value}
        # One that was told, or given up, makes room: as a new call it has an id of its own, which nobody has seen.
        told = [getattr(PlatformCall, name) == value for name, value in about.items()]
        await session.execute(delete(PlatformCall).where(*told, PlatformCall.due_at.is_(None)))
        if await insert_unless_there(session, PlatformCall, id=row_id, **about, at=now, attempt=1, due_at=now):
            await context.enqueue(session, tasks.call_platform(row_id, 1))
