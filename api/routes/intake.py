"""What a notice needs to know, as the person tells it."""

from fastapi import APIRouter

from api.deps import AdmitChange, AnyActor, CaseToChange, Context, Writing
from api.schemas.cases import IntakeBody, IntakeKept, IntakeView
from api.views.cases import intake_view, moved_of
from db.queries.notices import states_of
from monitor.actions.change_intake import change_intake
from monitor.actions.reading import note_intake_read, show_intake
from monitor.model.facts import Intake

router = APIRouter(prefix="/cases/{case_id}/intake", tags=["cases"])


@router.get("")
async def see_intake(context: Context, session: Writing, actor: AnyActor, case: CaseToChange) -> IntakeView:
    """The intake; an empty one (age unsure, nothing permitted) until it was filled in. An advocate's look is noted."""
    return await intake_view(session, context, actor, case, await show_intake(session, context, case))


@router.put("", dependencies=[AdmitChange])
async def keep_intake(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, body: IntakeBody
) -> IntakeKept:
    """Replace the intake. What has not left stops when the permission is taken back, or the age is not an adult's.

    Only the person lifts a wait for the police. A signature, the permission and an adult's age that an advocate enters
    wait for the person (`waiting`), unless a mandate covers them; a field that is sent as it stands changes nothing.
    """
    before = await states_of(session, actor, case.id)
    told = Intake(**body.model_dump(exclude={"permission_to_send"}))
    done = await change_intake(session, context, case, actor, told, permitted=body.permission_to_send)
    # Counted as this actor sees them: a number is no way to what an advocate did not release.
    moved = moved_of(before, await states_of(session, actor, case.id))
    if done.waiting:
        await note_intake_read(session, context, case)  # the answer shows what the person told in its place
    return IntakeKept(
        **(await intake_view(session, context, actor, case, done.intake)).model_dump(),
        notices_stopped=moved["stopped"],
        notices_held=moved["held"],
        notices_lifted=moved["lifted"],
        notices_prepared=moved["prepared"],
        steps_stopped=done.steps_stopped,
        notices_sent_before=done.sent_before,
    )
