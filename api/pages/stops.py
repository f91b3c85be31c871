"""The page "Stop": what is stopped and why; a lead stops, two people let it go on. And a case on hold."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import Form, go
from monitor.actions.access import get_case
from monitor.actions.freeze import freeze, unfreeze
from monitor.cases.stops import LONGEST_REASON, Target, colleagues, leads_only, own_target, resume_own, stop
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)


@router.get("/stop")
async def show_stops(request: Request) -> Response:
    """What is stopped is in every page's frame already; here are the reasons and the buttons."""
    async with reading_page(request) as page:
        return await page.render(
            "advocate/stop.html",
            colleagues=await colleagues(page.session, page.advocate),
            longest=LONGEST_REASON,
        )


@router.post("/stop/now")
async def stop_now(request: Request) -> Response:
    """A lead stops the organisation's work, or a colleague's."""
    async with writing_page(request) as (page, form):
        leads_only(page.advocate)
        target = await own_target(page.session, page.advocate, _advocate(form))
        _short(form.text("reason"))
        await stop(page.session, page.context, target, reason=form.text("reason"))
    return go("/advocate/stop", done="stopped")


@router.post("/stop/resume")
async def resume_now(request: Request) -> Response:
    """The first or the second of two people says that it may go on."""
    async with writing_page(request) as (page, form):
        target: Target = await own_target(page.session, page.advocate, _advocate(form))
        done = (await resume_own(page.session, page.context, page.advocate, target)).done
    return go("/advocate/stop", done="resumed" if done else "resuming-asked")


@router.post("/cases/freeze")
async def freeze_case(request: Request) -> Response:
    """A lead puts a case on hold."""
    async with writing_page(request) as (page, form):
        leads_only(page.advocate)
        case = await get_case(page.session, page.advocate, form.text("case"), lock=True)
        reason, speak_to = form.text("reason"), form.text("speak_to")
        _short(reason, 3000)
        _short(speak_to, 200)
        await freeze(page.session, page.context, case, page.advocate, reason=reason, speak_to=speak_to)
    return go("/advocate/cases", done="frozen", number=case.id)


@router.post("/cases/unfreeze")
async def unfreeze_case(request: Request) -> Response:
    """The doubt is gone."""
    async with writing_page(request) as (page, form):
        case = await get_case(page.session, page.advocate, form.text("case"), lock=True)
        await unfreeze(page.session, page.context, case, page.advocate)
    return go("/advocate/cases", done="unfrozen", number=case.id)


def _advocate(form: Form) -> str | None:
    return form.text("advocate") or None


def _short(text: str, longest: int = LONGEST_REASON) -> None:
    if len(text) > longest:
        raise RuleBroken(Refusal.TOO_LARGE)
