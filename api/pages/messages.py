"""What a person and their centre write to each other, as an advocate sees it; and asking the person about a copy."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute, noting_page, writing_page
from api.pages.forms import go
from api.pages.queue import persons_word_of
from monitor.actions.access import get_case, get_sighting
from monitor.actions.ask_person import ask_person
from monitor.actions.case_page import case_head
from monitor.actions.messages import read_messages, write_message

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)


@router.get("/cases/{case_id}/messages")
async def show_messages(request: Request, case_id: str) -> Response:
    """Everything between this centre and the person; what the person wrote counts as read."""
    async with noting_page(request) as page:
        case = await get_case(page.session, page.advocate, case_id, lock=True)
        head = await case_head(page.session, page.context, page.advocate, case)
        talk = await read_messages(page.session, page.context, case, page.advocate)
        return await page.render("advocate/messages.html", case=case, head=head, talk=talk)


@router.post("/cases/{case_id}/messages/write")
async def write(request: Request, case_id: str) -> Response:
    """Write to the person."""
    async with writing_page(request) as (page, form):
        case = await get_case(page.session, page.advocate, case_id, lock=True)
        await write_message(page.session, page.context, case, page.advocate, form.text("text"))
    return go(f"/advocate/cases/{case_id}/messages", done="message-written")


@router.post("/sightings/{sighting_id}/ask")
async def ask(request: Request, sighting_id: str) -> Response:
    """Is this the person's? They answer without seeing it."""
    async with writing_page(request) as (page, form):
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        over = persons_word_of(form)
        await ask_person(page.session, page.context, sighting, by=page.advocate.id, over=over)
    return go(f"/advocate/sightings/{sighting_id}", done="person-asked")
