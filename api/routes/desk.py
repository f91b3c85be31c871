"""How a centre works on its cases: the list, names and tags, who is in charge, notes, copies by picture, the record."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.deps import AdvocateOnly, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.desk import CallBody, DeskList, DeskView, HandOverBody, ItemsView, NoteBody, NoteList, RecordView
from api.views.desk import desk_list, desk_view, items_view, note_view, record_view
from db.models.cases import Case
from db.queries.actors import AdvocateActor
from monitor.actions.access import get_case
from monitor.actions.case_list import Wanted, case_list, standing_of_case
from monitor.actions.case_page import case_head, case_items, case_record
from monitor.actions.desk import call_case, count_told, hand_over, take_back_note, told_notes, write_note
from monitor.actions.messages import refuse_talk
from monitor.context.context import DomainContext
from monitor.model.desk import Order, Standing, Waits

router = APIRouter(tags=["desk"])

Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Asked = Annotated[str, Query(max_length=100)]


@router.get("/desk")
async def list_desk(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    text: Asked = "",
    tag: Asked = "",
    standing: Standing | None = None,
    in_charge: Annotated[str, Query(max_length=26, description="an advocate's id, me, or nobody: who left too")] = "",
    waits: Waits | None = None,
    order: Order = Order.WAITS,
    limit: Limit = 30,
    offset: Offset = 0,
) -> DeskList:
    """The centre's cases. `text` stands in a number, a name, a tag, or a channel's or an account's name."""
    wanted = Wanted(text=text, tag=tag, standing=standing, in_charge=in_charge, waits=waits, order=order)
    return desk_list(await case_list(session, context, actor, wanted, limit=limit, offset=offset))


@router.get("/cases/{case_id}/desk")
async def see_desk(context: Context, session: Reading, actor: AdvocateOnly, case_id: IdPath) -> DeskView:
    """What the centre calls a case, and who is in charge."""
    case = await get_case(session, actor, case_id)
    refuse_talk(actor, case)
    return await _desk(context, session, actor, case)


@router.put("/cases/{case_id}/desk")
async def call(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath, body: CallBody) -> DeskView:
    """Give a case a name and tags, for the centre alone."""
    case = await get_case(session, actor, case_id, lock=True)
    await call_case(session, context, case, actor, name=body.name, tags=body.tags, version=body.version)
    return await _desk(context, session, actor, case)


@router.put("/cases/{case_id}/charge")
async def hand(
    context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath, body: HandOverBody
) -> DeskView:
    """Take a case on, hand it to a colleague with a note, or leave it to whoever comes first."""
    case = await get_case(session, actor, case_id, lock=True)
    await hand_over(session, context, case, actor, to=body.to, note=body.note, shown=body.shown)
    return await _desk(context, session, actor, case)


@router.get("/cases/{case_id}/notes")
async def list_notes(
    context: Context, session: Reading, actor: AdvocateOnly, case_id: IdPath, limit: Limit = 50, offset: Offset = 0
) -> NoteList:
    """The centre's notes about a case, the latest first."""
    case = await get_case(session, actor, case_id)
    notes = await told_notes(session, context, case, actor, limit=limit, offset=offset)
    head = await case_head(session, context, actor, case)
    total = await count_told(session, actor, case)
    return NoteList(notes=[note_view(head, actor, one) for one in notes], total=total)


@router.post("/cases/{case_id}/notes", status_code=204, name="write_note")
async def write(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath, body: NoteBody) -> None:
    """Write a note for the colleagues. The person never sees it."""
    case = await get_case(session, actor, case_id, lock=True)
    await write_note(session, context, case, actor, body.text)


@router.delete("/cases/{case_id}/notes/{note_id}", status_code=204)
async def take_back(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath, note_id: IdPath) -> None:
    """Its writer takes a note back: the words are destroyed."""
    case = await get_case(session, actor, case_id, lock=True)
    await take_back_note(session, context, case, actor, note_id)


@router.get("/cases/{case_id}/items")
async def list_items(
    context: Context, session: Reading, actor: AdvocateOnly, case: CaseToRead, limit: Limit = 50, offset: Offset = 0
) -> ItemsView:
    """The case's copies, those of one picture together, what is worst first."""
    return items_view(await case_items(session, context, actor, case, limit=limit, offset=offset))


@router.get("/cases/{case_id}/record")
async def see_record(
    context: Context,
    session: Reading,
    _: AdvocateOnly,
    case: CaseToRead,
    language: Literal["ko", "en"] = "ko",
    limit: Limit = 50,
    offset: Offset = 0,
) -> RecordView:
    """What happened in a case, in words, the latest first."""
    return record_view(await case_record(session, context, case, limit=limit, offset=offset), language)


async def _desk(context: DomainContext, session: Reading, actor: AdvocateActor, case: Case) -> DeskView:
    return desk_view(await case_head(session, context, actor, case), standing_of_case(case))
