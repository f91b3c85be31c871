"""The pages "Deadlines" and "Reported by itself": what ends soon, and what left with no other decision."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.paging import following
from api.pages.rendering import language_of
from api.views.copies import title_of
from monitor.actions.access import get_case
from monitor.actions.items import cases_with_resending, clocks_of_organisation, sent_by_themselves
from monitor.actions.resend import resending_of, switch_resending
from monitor.model.case_numbers import normal_number
from monitor.notices.resending import MOST_A_DAY

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
MOST_CLOCKS = 100


@router.get("/clocks")
async def show_clocks(request: Request) -> Response:
    """The deadlines that run: one's own first."""
    async with reading_page(request) as page:
        clocks = await clocks_of_organisation(page.session, page.context, page.advocate)
        titles = {one.route: title_of(one.route, language_of(request)) for one in clocks if one.sighting_id}
        shown = {"clocks": clocks[:MOST_CLOCKS], "more": max(0, len(clocks) - MOST_CLOCKS), "titles": titles}
        return await page.render("advocate/clocks.html", **shown, now=page.context.now(), kinds=texts.CLOCK_KINDS)


@router.get("/resent")
async def show_resent(request: Request) -> Response:
    """What was reported by itself, and the cases in which that is switched on."""
    offset = offset_of(request.query_params.get("from", ""))
    async with reading_page(request) as page:
        rows, total = await sent_by_themselves(page.session, page.advocate, limit=PAGE_SIZE, offset=offset)
        cases = await cases_with_resending(page.session, page.advocate)
        return await page.render(
            "advocate/resent.html",
            resent=rows,
            total=total,
            following=following(request, offset, total, PAGE_SIZE),
            switched=[(case.id, resending_of(case)) for case in cases],
            most=MOST_A_DAY,
        )


@router.post("/resent/switch")
async def switch(request: Request) -> Response:
    """The advocate's switch of one case."""
    async with writing_page(request) as (page, form):
        on, number = form.ticked("on"), normal_number(form.text("case"))
        case = await get_case(page.session, page.advocate, number, lock=True)
        await switch_resending(page.session, page.context, case, page.advocate, on=on)
    return go("/advocate/resent", done="resending-on" if on else "resending-off")
