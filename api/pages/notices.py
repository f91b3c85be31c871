"""The advocate's notices: what was sent, how its clock stands, and what only a person can do about it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.notice_reading import GROUPS, PAGE_SIZE, count_groups, find_notice, notice_cards, notice_detail
from api.pages.rendering import language_of
from monitor.core.errors import RuleBroken
from monitor.notices import writing

router = APIRouter(prefix="/advocate/notices", route_class=PageRoute, include_in_schema=False)


@router.get("")
async def show_notices(request: Request) -> Response:
    """One tab, a page at a time."""
    group = request.query_params.get("group", "")
    offset = offset_of(request.query_params.get("from", ""))
    async with reading_page(request) as page:
        counts = await count_groups(page.session, page.advocate)
        if group not in GROUPS:
            group = "attention" if counts["attention"] else "running"
        cards = await notice_cards(page.session, page.context, page.advocate, group=group, offset=offset)
        following = offset + PAGE_SIZE if offset + PAGE_SIZE < counts[group] else None
        return await page.render(
            "advocate/notices.html", {"cards": cards, "group": group, "counts": counts, "following": following}
        )


@router.get("/{notice_id}")
async def show_notice(request: Request, notice_id: str) -> Response:
    """What was sent, to whom, what came back, and the sheet of a prepared form."""
    async with reading_page(request) as page:
        detail = await notice_detail(page.session, page.context, page.advocate, notice_id, language_of(request))
        return await page.render("advocate/notice.html", {"detail": detail, "card": detail.card})


@router.post("/{notice_id}/settle")
async def settle(request: Request, notice_id: str) -> Response:
    """A person found out whether a notice in doubt arrived."""
    async with writing_page(request) as (page, form):
        if form.text("arrived") not in ("yes", "no"):
            raise RuleBroken("choose-answer")
        notice = await find_notice(page.session, page.advocate, notice_id, lock=True)
        await writing.settle(
            page.session, page.context, notice, arrived=form.text("arrived") == "yes", by=page.advocate.id
        )
    return go(f"/advocate/notices/{notice_id}", done="settled")


@router.post("/{notice_id}/retry")
async def retry(request: Request, notice_id: str) -> Response:
    """What made it fail is mended: send it again."""
    async with writing_page(request) as (page, _form):
        notice = await find_notice(page.session, page.advocate, notice_id, lock=True)
        await writing.retry(page.session, page.context, notice)
    return go(f"/advocate/notices/{notice_id}", done="retried")


@router.post("/{notice_id}/submission")
async def record_submission(request: Request, notice_id: str) -> Response:
    """The form was submitted by hand; keep the reference number it answered with."""
    async with writing_page(request) as (page, form):
        notice = await find_notice(page.session, page.advocate, notice_id, lock=True)
        await writing.record_submission(
            page.session, page.context, notice, reference=form.text("reference"), by=page.advocate.id
        )
    return go(f"/advocate/notices/{notice_id}", done="submitted")
