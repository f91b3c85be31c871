"""The person says whether their own address may stand in one notice, and their advocates learn of a yes."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import Actor
from monitor.actions.access import only_the_person
from monitor.actions.copies import stood, tell_ready
from monitor.context.context import DomainContext
from monitor.notices.address import AddressAsked, answer_address, asked_of


async def addresses_asked(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor
) -> Sequence[AddressAsked]:
    """What the person is asked. Only the person reads it: it holds their address."""
    only_the_person(actor)
    return await asked_of(session, context, case)


async def agree_to_address(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, notice_id: str, *, address: str
) -> None:
    """Yes, to this very notice with this very address. The caller holds the case."""
    only_the_person(actor)
    before = await stood(session, context, case)
    await answer_address(session, context, case, notice_id, agree=True, address=address)
    await tell_ready(session, context, case, before)


async def decline_address(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, notice_id: str
) -> None:
    """No, or a yes taken back: this notice is not sent, and every other way stays open."""
    only_the_person(actor)
    await answer_address(session, context, case, notice_id, agree=False)
