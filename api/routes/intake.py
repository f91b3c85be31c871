"""What a notice needs to know, as the person tells it."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from api.deps import AnyActor, IdPath, Reading, ServicesDep, Writing, get_open_case
from api.schemas.cases import IntakeBody, IntakeKept, IntakeView
from api.views.cases import intake_view
from db.queries.actors import AdvocateActor
from monitor.cases.intake import fill_intake, read_intake
from monitor.core.errors import RuleBroken
from monitor.model.facts import Intake, Timing
from monitor.notices.stopping import hold_unsent, stop_unsent
from monitor.notices.writing import lift_hold

router = APIRouter(prefix="/cases/{case_id}/intake", tags=["cases"])


@router.get("")
async def see_intake(services: ServicesDep, session: Reading, actor: AnyActor, case_id: IdPath) -> IntakeView:
    """The intake; an empty one (age unsure, nothing permitted) until it was filled in."""
    case = await get_open_case(session, actor, case_id)
    return intake_view(read_intake(services.context, case))


@router.put("")
async def keep_intake(
    services: ServicesDep, session: Writing, actor: AnyActor, case_id: IdPath, body: IntakeBody
) -> IntakeKept:
    """Replace the intake. Taking the permission back stops what has not left; only the person lifts a police wait."""
    context = services.context
    case = await get_open_case(session, actor, case_id, lock=True)
    before = read_intake(context, case)
    intake = _merged(before, body)
    if body.permission_to_send and intake.permission_to_send_at is None:
        intake = replace(intake, permission_to_send_at=context.now())
    waited, waits = before.timing is Timing.WAIT_FOR_POLICE, intake.timing is Timing.WAIT_FOR_POLICE
    if waited and not waits and isinstance(actor, AdvocateActor):
        raise RuleBroken("only-the-person", "only the person lifts the wait for the police, with their passphrase")
    # Notices before the ledger: what has not left is moved first.
    stopped = held = lifted = 0
    if not body.permission_to_send:
        stopped = await stop_unsent(session, context, case.id, "no-permission-to-send")
    elif waits and not waited:
        held = await hold_unsent(session, context, case)
    elif waited and not waits:
        lifted = await lift_hold(session, context, case)
    await fill_intake(session, context, case, intake)
    return IntakeKept(
        **intake_view(intake).model_dump(), notices_stopped=stopped, notices_held=held, notices_lifted=lifted
    )


def _merged(before: Intake, body: IntakeBody) -> Intake:
    """The body as an intake; the time of a permission that stands is kept."""
    values: dict[str, Any] = body.model_dump(exclude={"permission_to_send"})
    return Intake(**values, permission_to_send_at=before.permission_to_send_at if body.permission_to_send else None)
