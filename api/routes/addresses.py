"""Where a route requires the person's own address, the person says yes or no to each notice."""

from fastapi import APIRouter

from api.deps import AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.addresses import AddressQuestion, AddressQuestions, AddressYes
from monitor.actions.addresses import addresses_asked, agree_to_address, decline_address

router = APIRouter(tags=["addresses"])


@router.get("/cases/{case_id}/addresses")
async def list_questions(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> AddressQuestions:
    """Which notices ask for the person's own address: to whom, and every word. Only the person reads it."""
    asked = await addresses_asked(session, context, case, actor)
    return AddressQuestions(questions=[AddressQuestion.model_validate(one, from_attributes=True) for one in asked])


@router.post("/cases/{case_id}/addresses/{notice_id}/agree", status_code=204, name="agree_to_address")
async def say_yes(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, notice_id: IdPath, body: AddressYes
) -> None:
    """This very notice may hold this very address. Only the person can."""
    await agree_to_address(session, context, case, actor, notice_id, address=body.address)


@router.post("/cases/{case_id}/addresses/{notice_id}/decline", status_code=204, name="decline_address")
async def say_no(context: Context, session: Writing, actor: AnyActor, case: CaseToChange, notice_id: IdPath) -> None:
    """It may not, or not any more; until the notice left this can be said. Only the person can."""
    await decline_address(session, context, case, actor, notice_id)
