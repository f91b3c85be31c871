"""A person and their centre write to each other; and "is this yours?"."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.deps import AdmitChange, AdvocateOnly, AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.sightings import SightingView
from api.schemas.talk import AskingAgain, MessageBody, QuestionAnswer, QuestionList, TalkView
from api.views.sightings import sighting_view
from api.views.talk import question_list, talk_view
from monitor.actions.access import get_case, get_sighting
from monitor.actions.ask_person import answer_question, ask_person, questions_of
from monitor.actions.messages import read_messages, write_message

router = APIRouter(tags=["talk"])


@router.get("/cases/{case_id}/messages")
async def see_messages(context: Context, session: Writing, actor: AnyActor, case_id: IdPath) -> TalkView:
    """Everything that the person and this centre wrote; what the other side wrote counts as read from now on."""
    case = await get_case(session, actor, case_id, lock=True)
    return talk_view(await read_messages(session, context, case, actor))


@router.post("/cases/{case_id}/messages", status_code=204, name="write_message", dependencies=[AdmitChange])
async def write(context: Context, session: Writing, actor: AnyActor, case_id: IdPath, body: MessageBody) -> None:
    """Write to the other side: plain text. While a case waits only the centre that has it in hand takes part."""
    case = await get_case(session, actor, case_id, lock=True)
    await write_message(session, context, case, actor, body.text, centre=body.centre)


@router.get("/cases/{case_id}/questions")
async def list_questions(
    context: Context,
    session: Reading,
    actor: AnyActor,
    case: CaseToRead,
    language: Annotated[Literal["ko", "en"] | None, Query(description="none: the case's own")] = None,
) -> QuestionList:
    """Which possible copies the person is asked about: where, when, which of their photos, which part. No link."""
    return question_list(await questions_of(session, context, case, actor), language or case.language)


@router.post("/cases/{case_id}/questions/{sighting_id}", status_code=204, name="answer_question")
async def answer(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, sighting_id: IdPath, body: QuestionAnswer
) -> None:
    """Is it theirs? Only the person can, and as long as nobody decided they can change it."""
    await answer_question(session, context, case, actor, sighting_id, body.answer)


@router.post("/sightings/{sighting_id}/ask", name="ask_person")
async def ask(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: AskingAgain | None = None
) -> SightingView:
    """Ask the person whether this possible copy is theirs. They are told its place and time, and no link."""
    sighting, source, _ = await get_sighting(session, actor, sighting_id, lock=True)
    question = await ask_person(session, context, sighting, by=actor.id, over=body.over if body else None)
    return await sighting_view(session, context, sighting, source, question)
