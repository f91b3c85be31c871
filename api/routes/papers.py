"""Papers that the person takes along: what was sent, receipts, a letter, and all that is held."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response

from api.deps import AdmitChange, AnyActor, Context, IdPath, ServicesDep
from api.schemas.papers import LetterBody
from api.views.everything import everything, packed
from monitor.actions.access import get_open_case
from monitor.actions.papers import (
    LetterWanted,
    letter_document,
    receipts_document,
    sent_copy,
    sent_document,
    take_everything,
)
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.exports.glyphs import can_be_drawn
from monitor.notices.fields import clean

router = APIRouter(prefix="/cases/{case_id}/papers", tags=["papers"], dependencies=[AdmitChange])

Language = Annotated[Literal["ko", "en"] | None, Query(description="none: the case's own")]
_PDF: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_ZIP: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/sent/{notice_id}/text", response_class=PlainTextResponse)
async def see_sent_text(
    services: ServicesDep, context: Context, actor: AnyActor, case_id: IdPath, notice_id: IdPath
) -> PlainTextResponse:
    """A notice as it left, without the names of advocates and the link by which its recipient answers."""
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        copy = await sent_copy(session, context, case, actor, notice_id, "text")
    head = [one for one in (f"{copy.sent_at:%Y-%m-%d %H:%M} UTC", copy.recipient, copy.subject) if one]
    return PlainTextResponse("\n".join(head) + f"\n\n{copy.body}", headers=_kept("copy.txt"))


@router.get("/sent/{notice_id}/pdf", response_class=Response, responses=_PDF)
async def see_sent_pdf(
    services: ServicesDep,
    context: Context,
    actor: AnyActor,
    case_id: IdPath,
    notice_id: IdPath,
    language: Language = None,
) -> Response:
    """The same to print."""
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        unmade = await sent_document(session, context, case, actor, notice_id, language or case.language)
    return Response(await unmade.make(), media_type="application/pdf", headers=_kept("copy.pdf"))


@router.get("/receipts", response_class=Response, responses=_PDF)
async def see_receipts_pdf(
    services: ServicesDep, context: Context, actor: AnyActor, case_id: IdPath, language: Language = None
) -> Response:
    """Every receipt of removal, to keep or print."""
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        unmade = await receipts_document(session, context, case, actor, language or case.language)
    return Response(await unmade.make(), media_type="application/pdf", headers=_kept("receipts.pdf"))


@router.post("/letter", response_class=Response, responses=_PDF)
async def make_letter(
    services: ServicesDep, context: Context, actor: AnyActor, case_id: IdPath, body: LetterBody
) -> Response:
    """A letter for a school or an employer, in neutral words: only what is chosen stands in it, all of it printed."""
    if not await asyncio.to_thread(can_be_drawn, clean(f"{body.addressee} {body.name}")):
        raise RuleBroken(Refusal.NOT_IN_FONTS)
    wanted = LetterWanted(**body.model_dump(exclude={"language"}))
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        unmade = await letter_document(session, context, case, actor, wanted, body.language)
    return Response(await unmade.make(), media_type="application/pdf", headers=_kept("letter.pdf"))


@router.get("/everything", response_class=Response, responses=_ZIP)
async def see_everything(
    services: ServicesDep, context: Context, actor: AnyActor, case_id: IdPath, language: Language = None
) -> Response:
    """All that is held, as JSON and as text, in one ZIP: no picture, and not the case's number."""
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        await take_everything(session, context, case, actor)
    # Put together by a reader: it opens everything there is, and keeps nobody else from writing.
    async with services.database.read() as session:
        case = await get_open_case(session, actor, case_id)
        spoken = language or case.language
        told = await everything(session, context, case, actor, spoken)
    data = await asyncio.to_thread(packed, told, spoken)
    return Response(data, media_type="application/zip", headers=_kept("data.zip"))


def _kept(name: str) -> dict[str, str]:
    """A file, under a name that tells nothing."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
