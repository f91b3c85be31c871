"""The person hands in a helpline's one-time code while they wait."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import Actor
from monitor.actions.access import only_the_person
from monitor.cases.opening import vouch_later_by_code
from monitor.context.context import DomainContext


async def hand_in_code(session: AsyncSession, context: DomainContext, case: Case, actor: Actor, code: str) -> None:
    """Raises RuleBroken: ONLY_THE_PERSON, CASE_STATE, CASE_FROZEN, CODE_INVALID."""
    only_the_person(actor)
    await vouch_later_by_code(session, context, case, code)
