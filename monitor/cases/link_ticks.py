"""Links to places that are not read here: the person ticks off what they have done there themselves."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, KnownLink
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import LinkState, move_link


async def tick_link(
    session: AsyncSession, context: DomainContext, case: Case, link_id: str, *, done: bool
) -> KnownLink:
    """Note that it is done, or take that back. A link that is read here cannot be ticked: RuleBroken(LINK_STATE)."""
    query = select(KnownLink).where(KnownLink.case_id == case.id, KnownLink.id == link_id)
    link = await session.scalar(query)
    if link is None or link.state == LinkState.REMOVED:
        raise NotFound("there is no such link")
    wanted = LinkState.DONE if done else LinkState.ROUTED
    if link.state != wanted:
        link.state = move_link(link.state, wanted)
        await session.flush()  # before the ledger: db/locking.py
        await context.record(session, case.id, EntryKind.LINK_TICKED, link=link.id, done=done)
    return link
