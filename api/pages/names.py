"""The page of the words that a person gave: an advocate says of each whether it is this person's."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import go
from monitor.actions.access import get_open_case
from monitor.actions.case_page import case_head
from monitor.actions.names import decide_term, terms_told

router = APIRouter(prefix="/advocate/cases/{case_id}/names", route_class=PageRoute, include_in_schema=False)


@router.get("")
async def show_names(request: Request, case_id: str) -> Response:
    """Every word, and how it stands."""
    async with reading_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id)
        head = await case_head(page.session, page.context, page.advocate, case)
        terms = await terms_told(page.session, page.context, case)
        return await page.render("advocate/names.html", case=case, head=head, terms=terms, on=case.names_at is not None)


@router.post("/decide")
async def decide(request: Request, case_id: str) -> Response:
    """It is this person's, or it is not."""
    async with writing_page(request) as (page, form):
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        approved = form.text("approved") == "yes"
        await decide_term(page.session, page.context, case, page.advocate, form.text("term"), approved=approved)
    return go(f"/advocate/cases/{case_id}/names", done="term-approved" if approved else "term-declined")
