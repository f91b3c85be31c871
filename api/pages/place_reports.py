"""One channel with what was asked of its platform about all of it, and one such report."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import Form, go
from api.views.place_reports import report_detail
from db.queries.linking import source_named
from monitor.actions.joint import ask_parts
from monitor.actions.joint_text import send_joint
from monitor.actions.linking import place
from monitor.actions.place_reports import (
    get_place_report,
    note_sent,
    place_reports_of,
    send_place_report,
    settle_place_report,
    withdraw_place_report,
    write_place_report,
)
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.place_reports import LEAST_PARTS, PlaceRoute

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)


@router.get("/linking/{source_id}")
async def show_place(request: Request, source_id: str) -> Response:
    """A channel: what is there of ours, and the reports about all of it."""
    async with reading_page(request) as page:
        found = await place(page.session, page.advocate, source_id)
        return await page.render(
            "advocate/place.html",
            place=found,
            reports=await place_reports_of(page.session, page.advocate, source_id),
            routes=[route for route in PlaceRoute if found.source.platform in route.platforms],
        )


@router.post("/linking/{source_id}/report")
async def write_report(request: Request, source_id: str) -> Response:
    """Prepare one, to be read before it leaves."""
    async with writing_page(request) as (page, form):
        if form.text("route") not in texts.PLACE_ROUTES:
            raise RuleBroken(Refusal.CHOOSE_ROUTE)
        row = await write_place_report(
            page.session,
            page.context,
            page.advocate,
            source_id,
            route=PlaceRoute(form.text("route")),
            language="ko" if form.text("language") == "ko" else "en",
        )
    return go(f"/advocate/place-reports/{row.id}", done="place-report-written")


@router.get("/place-reports/{place_report_id}")
async def show_report(request: Request, place_report_id: str) -> Response:
    """Exactly what is sent, where to, and what is to be done."""
    async with noting_page(request) as page:
        row = await get_place_report(page.session, page.advocate, place_report_id)
        told = await report_detail(page.session, page.context, page.advocate, row)
        return await page.render(
            "advocate/place_report.html",
            report=row,
            told=told,
            source=await source_named(page.session, row.source_id),
            agreed=[one.part_id for one in told.parts if one.in_text],
            least=LEAST_PARTS,
        )


@router.post("/place-reports/{place_report_id}/send")
async def send_report(request: Request, place_report_id: str) -> Response:
    """Have it sent."""
    async with writing_page(request) as (page, form):
        row = await get_place_report(page.session, page.advocate, place_report_id, lock=True)
        await send_place_report(page.session, page.context, page.advocate, row, digest=form.text("digest"))
    return _back(place_report_id, "place-report-queued")


@router.post("/place-reports/{place_report_id}/submission")
async def note_submission(request: Request, place_report_id: str) -> Response:
    """A person sent it."""
    async with writing_page(request) as (page, form):
        row = await get_place_report(page.session, page.advocate, place_report_id)
        reference, digest, who = _short(form.text("reference")), form.text("digest"), page.advocate
        if row.route == PlaceRoute.JOINT:
            parts = form.all("part")
            await send_joint(page.session, page.context, who, row.id, reference=reference, parts=parts, digest=digest)
        else:
            row = await get_place_report(page.session, who, place_report_id, lock=True)
            await note_sent(page.session, page.context, who, row, reference=reference, digest=digest)
    return _back(place_report_id, "place-report-sent")


@router.post("/place-reports/{place_report_id}/settle")
async def settle_report(request: Request, place_report_id: str) -> Response:
    """Somebody found out whether it arrived."""
    async with writing_page(request) as (page, form):
        arrived = _answer(form)
        row = await get_place_report(page.session, page.advocate, place_report_id, lock=True)
        await settle_place_report(page.session, page.context, row, arrived=arrived)
    return _back(place_report_id, "place-report-settled")


@router.post("/place-reports/{place_report_id}/withdraw")
async def withdraw_report(request: Request, place_report_id: str) -> Response:
    """It is not sent."""
    async with writing_page(request) as (page, _form):
        row = await get_place_report(page.session, page.advocate, place_report_id, lock=True)
        await withdraw_place_report(page.session, page.context, row)
    return _back(place_report_id, "place-report-withdrawn")


@router.post("/place-reports/{place_report_id}/parts")
async def ask_persons(request: Request, place_report_id: str) -> Response:
    """Ask persons for their part."""
    async with writing_page(request) as (page, form):
        await ask_parts(page.session, page.context, page.advocate, place_report_id, form.all("case"))
    return _back(place_report_id, "parts-asked")


def _back(report_id: str, done: str) -> Response:
    return go(f"/advocate/place-reports/{report_id}", done=done)


def _short(text: str) -> str:
    if len(text) > 200:
        raise RuleBroken(Refusal.TOO_LARGE)
    return text


def _answer(form: Form) -> bool:
    if form.text("arrived") not in ("yes", "no"):
        raise RuleBroken(Refusal.CHOOSE_ANSWER)
    return form.text("arrived") == "yes"
