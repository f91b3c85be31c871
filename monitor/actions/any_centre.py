"""The person's tick: may any centre take the case from the pool, or only one that they tell its number?"""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import Actor
from monitor.actions.access import only_the_person
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import CaseState


async def allow_any_centre(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, *, allowed: bool
) -> None:
    """Tick it or take it back, as long as nobody has vouched. The same again changes nothing.

    Raises RuleBroken: ONLY_THE_PERSON, CASE_STATE.
    """
    only_the_person(actor)
    if case.state != CaseState.OPEN:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} does not wait for a centre")
    if case.any_centre != allowed:
        case.any_centre = allowed
        await context.record(session, case.id, EntryKind.ANY_CENTRE_CHANGED, allowed=allowed)
