"""What the police can ask a platform to keep: drafts to hand over, and what they told us of."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute, noting_page, writing_page
from api.pages.forms import go
from api.views.custody import preservations_view
from monitor.actions.access import get_open_case
from monitor.actions.case_page import case_head
from monitor.actions.reading import note_evidence_read
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.exports.custody.recording import drop_preservation, preservations_of, record_preservation
from monitor.platforms.base import PlatformName

router = APIRouter(prefix="/advocate/cases/{case_id}/police", route_class=PageRoute, include_in_schema=False)


@router.get("")
async def show_police(request: Request, case_id: str) -> Response:
    """Drafts with every place, number and hash: that an advocate read them is noted."""
    async with noting_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        await note_evidence_read(page.session, page.context, case.id)
        head = await case_head(page.session, page.context, page.advocate, case)
        told = await preservations_view(page.session, page.context, case)
        return await page.render("advocate/police.html", case=case, head=head, told=told)


@router.post("/sent")
async def record_sent(request: Request, case_id: str) -> Response:
    """The police told that they sent it, or renewed it; or the day that was recorded was wrong."""
    async with writing_page(request) as (page, form):
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        sent_at = form.moment("sent_at")
        if sent_at is None:
            raise RuleBroken(Refusal.PRESERVATION_TIME)
        row = await record_preservation(
            page.session,
            page.context,
            case,
            platform=_platform(form.text("platform")),
            sent_at=sent_at,
            reference=form.text("reference"),
            by=page.advocate.id,
            corrects=form.text("corrects") or None,
        )
        kept = await preservations_of(page.session, page.context, case)
        behind = any(one.row.id == row.id and not one.needed for one in kept)
    return go(f"/advocate/cases/{case_id}/police", done="preservation-behind" if behind else "preservation-recorded")


@router.post("/not-needed")
async def not_needed(request: Request, case_id: str) -> Response:
    """Nobody needs any more what a platform keeps, or kept."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        await drop_preservation(page.session, page.context, case, form.text("preservation"), by=page.advocate.id)
    return go(f"/advocate/cases/{case_id}/police", done="preservation-dropped")


def _platform(text: str) -> PlatformName:
    try:
        return PlatformName(text)
    except ValueError:
        raise RuleBroken(Refusal.CHOOSE_ANSWER) from None
