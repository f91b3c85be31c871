"""The pack that a person takes to the police, the Commission, a centre or a platform, as text and as PDF."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response

from api.deps import AdmitChange, AnyActor, CaseToChange, Context, IdPath, ServicesDep, Writing
from monitor.actions.access import get_open_case
from monitor.actions.hand_off import hand_off_document, hand_off_text

router = APIRouter(prefix="/cases/{case_id}/hand-off", tags=["hand-off"])

Language = Annotated[Literal["ko", "en"] | None, Query(description="none: the case's own")]
NAME = "links"
"""Of the file: it tells nothing to whoever sees the list of downloads."""


@router.get("/text", response_class=PlainTextResponse, dependencies=[AdmitChange])
async def see_text(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, language: Language = None
) -> PlainTextResponse:
    """Of the copies that this actor sees: links, numbers, times, what was done, and where it can be taken."""
    text = await hand_off_text(session, context, actor, case, language or case.language)
    return PlainTextResponse(text, headers=attachment("txt"))


@router.get(
    "/pdf",
    response_class=Response,
    dependencies=[AdmitChange],
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def see_pdf(
    context: Context, services: ServicesDep, actor: AnyActor, case_id: IdPath, language: Language = None
) -> Response:
    """The same as a PDF, with selectable text and its fonts inside."""
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        unmade = await hand_off_document(session, context, actor, case, language or case.language)
    return Response(await unmade.make(), media_type="application/pdf", headers=attachment("pdf"))


def attachment(kind: str) -> dict[str, str]:
    """Kept as a file, not shown in place of the page."""
    return {"Content-Disposition": f'attachment; filename="{NAME}.{kind}"'}
