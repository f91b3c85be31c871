"""Where programmers look first for the description of the API: both addresses lead to the one that holds it."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.pages.advocate_page import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DOCUMENT = "/api/openapi.json"


@router.get("/docs")
@router.get("/openapi.json")
async def lead_to_document() -> Response:
    """The document itself; a page that shows it would load its scripts from elsewhere."""
    return RedirectResponse(DOCUMENT, status_code=307)
