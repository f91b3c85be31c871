"""A lead's overview, who did what, and an advocate's own days: pages over the same calls as the API's."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.deps import services_of
from api.pages.advocate_page import PageRoute, noting_page, reading_page, writing_page
from api.pages.deeds import GROUPS, words_of_deeds
from api.pages.forms import go
from api.pages.rendering import language_of
from api.views.oversight import choice_of, place_of, place_text
from monitor.actions.audit import audit_export, audit_page, note_audit_export
from monitor.actions.overview import SOON, UNDECIDED_FOR, overview_of
from monitor.actions.rest import LONGEST, SHORTEST, begin_work, count_opened, put_off, rest_of, set_break
from monitor.cases.roles import Right
from monitor.exports.audit import as_csv, as_json
from monitor.keys.envelope import canonical_json
from monitor.model.case_numbers import normal_number

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

HOUR = timedelta(hours=1)
BREAKS = (0, 25, 45, 60, 90)
"""Minutes to choose from; what was set otherwise stands among them."""
_PAGE = re.compile(r"/advocate(/[a-z0-9-]+){0,4}")


@router.get("/overview")
async def show_overview(request: Request) -> Response:
    """How the centre stands now. Only leads."""
    async with reading_page(request, Right.LEAD_CENTRE) as page:
        found = await overview_of(page.session, page.context, page.advocate)
        return await page.render(
            "advocate/overview.html",
            found=found,
            hours={"soon": SOON // HOUR, "undecided": UNDECIDED_FOR // HOUR},
        )


@router.get("/audit")
async def show_audit(request: Request) -> Response:
    """Who did what, the newest first. What is chosen stands in the address. Only leads."""
    asked = _asked(request.query_params)
    async with reading_page(request, Right.LEAD_CENTRE) as page:
        before = place_of(request.query_params.get("after", ""), page.context.keys, page.advocate.id)
        found = await audit_page(page.session, page.context, page.advocate, choice_of(**asked), before=before)
        following = place_text(found.following, page.context.keys, page.advocate.id)
        return await page.render(
            "advocate/audit.html",
            found=found,
            asked=asked,
            words=words_of_deeds(language_of(request)),
            groups={name: title for name, (title, _) in GROUPS.items()},
            following=None if following is None else urlencode({**asked, "after": following}),
            paged=before is not None,
        )


@router.post("/audit/export")
async def take_along(request: Request) -> Response:
    """The same as a file. That it was taken stands in the ledger."""
    async with writing_page(request, Right.LEAD_CENTRE, proof=True) as (page, form):
        values = {name: form.text(name) for name in ("who", "group", "since", "until", "case_id")}
        asked, kind = _asked(values), "csv" if form.text("form") == "csv" else "json"
    # Opening thousands of entries takes a while, so it comes between two transactions that write.
    async with reading_page(request) as page:
        found = await audit_export(page.session, page.context, page.advocate, choice_of(**asked))
    words, keys = words_of_deeds(language_of(request)), services_of(request).keys
    if kind == "json":
        text = canonical_json(as_json(found, words, keys, now=page.context.now()))
    else:
        text = as_csv(found, words, keys, now=page.context.now()).encode("utf-8-sig")
    async with noting_page(request) as page:
        await note_audit_export(page.session, page.context, page.advocate, form=kind, deeds=len(found.deeds))
    headers = {"content-disposition": f'attachment; filename="audit.{kind}"'}
    return Response(text, headers=headers, media_type="application/json" if kind == "json" else "text/csv")


@router.get("/rest")
async def show_rest(request: Request) -> Response:
    """One's own days and breaks."""
    async with reading_page(request) as page:
        found = await rest_of(page.session, page.advocate, datetime.now(UTC))
        return await page.render(
            "advocate/rest.html",
            rest=found,
            choices=sorted({*BREAKS, found.minutes}),
            shortest=SHORTEST,
            longest=LONGEST,
        )


@router.post("/rest/setting")
async def keep_setting(request: Request) -> Response:
    """After how many minutes to be reminded."""
    async with writing_page(request) as (page, form):
        text = form.text("minutes")
        minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        await set_break(page.session, page.advocate, minutes, datetime.now(UTC))
    return go("/advocate/rest", done="break-kept")


@router.post("/rest/had")
async def had_break(request: Request) -> Response:
    """A break is taken now."""
    async with writing_page(request) as (page, form):
        await begin_work(page.session, page.advocate.id, datetime.now(UTC))
    return go(_back(form.text("to")), done="break-taken")


@router.post("/rest/later")
async def later(request: Request) -> Response:
    """Not now."""
    async with writing_page(request) as (page, form):
        await put_off(page.session, page.advocate, datetime.now(UTC))
    return go(_back(form.text("to")))


@router.post("/rest/opened")
async def opened(request: Request) -> Response:
    """Our script says that a folded text was opened; it says not which."""
    async with writing_page(request) as (page, _):
        today = await count_opened(page.session, page.advocate, datetime.now(UTC))
    return JSONResponse({"today": today})


def _asked(values: Mapping[str, str]) -> dict[str, str]:
    plain = {name: values.get(name, "") for name in ("who", "group", "since", "until")}
    return {**plain, "case_id": normal_number(values.get("case_id", ""))}


def _back(path: str) -> str:
    """A page of ours, and nothing else that a form could name."""
    return path if _PAGE.fullmatch(path) else "/advocate"
