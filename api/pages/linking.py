"""The page "Channels": where the centre's copies were found, how many cases share a place, and sharing with others."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.paging import following
from monitor.actions.linking import places, set_sharing
from monitor.model.linking import LEAST_CASES, LEAST_CENTRES

router = APIRouter(prefix="/advocate/linking", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50


@router.get("")
async def show_places(request: Request) -> Response:
    """Channels and accounts, most cases first."""
    offset = offset_of(request.query_params.get("from", ""))
    async with reading_page(request) as page:
        found = await places(page.session, page.advocate, limit=PAGE_SIZE, offset=offset)
        onward = following(request, offset, found.total, PAGE_SIZE)
        least = {"cases": LEAST_CASES, "centres": LEAST_CENTRES}
        return await page.render("advocate/linking.html", found=found, following=onward, least=least)


@router.post("/sharing")
async def change_sharing(request: Request) -> Response:
    """A lead lets the centre's counts be seen by leads of others that share, or does so no more."""
    async with writing_page(request) as (page, form):
        share = form.text("share") == "yes"
        await set_sharing(page.session, page.context, page.advocate, share=share)
    return go("/advocate/linking", done="sharing-on" if share else "sharing-off")
