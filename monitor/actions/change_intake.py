"""What the person told us changes, and with it what has not left yet."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import Actor
from monitor.actions.access import only_the_person
from monitor.cases.intake import fill_intake, read_intake
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.model.facts import Intake, Timing
from monitor.notices.stopping import hold_unsent, stop_unsent
from monitor.notices.writing import lift_hold


@dataclass(frozen=True, slots=True)
class IntakeChanged:
    """The intake as it is kept now, and how many notices that had not left it moved."""

    intake: Intake
    stopped: int = 0
    held: int = 0
    lifted: int = 0


async def change_intake(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, told: Intake, *, permitted: bool
) -> IntakeChanged:
    """Replace the intake by what was `told`. `permitted`: notices may be sent; when that was said first is kept.

    Taking the permission back stops what has not left; a wait for the police holds it, and only the person lifts that.
    """
    before = read_intake(context, case)
    since = (before.permission_to_send_at or context.now()) if permitted else None
    intake = replace(told, permission_to_send_at=since)
    waited, waits = before.timing is Timing.WAIT_FOR_POLICE, intake.timing is Timing.WAIT_FOR_POLICE
    if waited and not waits:
        only_the_person(actor, "only the person lifts the wait for the police, with their passphrase")
    stopped = held = lifted = 0
    if not permitted:
        stopped = await stop_unsent(session, context, case.id, Refusal.NO_PERMISSION)
    elif waits and not waited:
        held = await hold_unsent(session, context, case)
    elif waited and not waits:
        lifted = await lift_hold(session, context, case)
    # After the notices: the ledger is locked last.
    await fill_intake(session, context, case, intake)
    return IntakeChanged(intake, stopped, held, lifted)
