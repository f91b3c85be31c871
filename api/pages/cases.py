"""Cases that wait for an advocate, each with its clock; and what needs a person's eye."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.i18n import LANGUAGES
from api.pages import texts
from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.paging import following, page_asked, pages_of
from api.views.cases import ENDS_WITH
from db.queries.cases import cases_of, find_case
from db.queries.operations import paused_fingerprints
from db.queries.pool import waiting_groups
from db.queries.transfers import is_elsewhere
from monitor.actions.access import get_case, get_case_of_fingerprint
from monitor.actions.alerts import alerts_of
from monitor.cases.in_hand import hand_back, take_in_hand
from monitor.cases.opening import vouch
from monitor.cases.quarantine import release, remove_paused_fingerprint
from monitor.context.alerts import COPY_KINDS, NOTICE_KINDS, AlertKind
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.case_numbers import normal_number
from monitor.model.states import CaseState

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 20
"""Of each state on the page."""
ALERTS_PAGE = 30
MOST_OF_GROUP = 10
"""Cases shown of those that came from one place on one day."""
_PAGES: Mapping[str, str] = {
    AlertKind.FINGERPRINT_QUARANTINED: "fingerprint",
    AlertKind.VOUCH_OVERDUE: "cases",
    AlertKind.IN_HAND_OVER: "number",
    AlertKind.CASE_ERASING: "case",
    AlertKind.FROZEN_ERASING: "case",
    AlertKind.PRESERVATION_ENDS: "case",
    AlertKind.ORGANISATION_STOPPED: "stop",
    AlertKind.PICTURE_REPORTED: "reports",
    AlertKind.COPIES_STAND: "copies",
    AlertKind.COPIES_READY: "copies",
    AlertKind.WORK_STOPPED: "stop",
    AlertKind.CASE_ARRIVED: "arrived",
    AlertKind.SAME_PICTURE: "same-picture",
    **dict.fromkeys(NOTICE_KINDS, "notice"),
    **dict.fromkeys(COPY_KINDS, "copy"),
}
"""The kind of page that an alert's subject has; none for others."""


@router.get("/cases/waiting")
async def show_waiting(request: Request) -> Response:
    """Waiting cases show nothing but how long they wait, their language and the end of their number.

    The whole number, which is what vouching needs, is the person's to tell, or shown where they let any centre help.
    """
    parts = ("waiting", "in_hand")
    offsets = {name: offset_of(request.query_params.get(name, "")) for name in parts}
    spoken = request.query_params.get("spoken", "")
    language = spoken if spoken in LANGUAGES else None
    number = normal_number(request.query_params.get("number", ""))
    async with reading_page(request) as page:
        groups, waiting = await waiting_groups(
            page.session,
            page.advocate,
            language=language,
            limit=PAGE_SIZE,
            offset=offsets["waiting"],
            most=MOST_OF_GROUP,
        )
        in_hand, held = await cases_of(
            page.session, page.advocate, state=CaseState.OPEN, limit=PAGE_SIZE, offset=offsets["in_hand"]
        )
        totals = {"waiting": waiting, "in_hand": held}
        found = await find_case(page.session, page.advocate, number) if number else None
        return await page.render(
            "advocate/cases.html",
            number=number,
            found=found,
            elsewhere=bool(number) and found is None and await is_elsewhere(page.session, page.advocate, number),
            groups=groups,
            spoken=language or "",
            ends_with=ENDS_WITH,
            in_hand=in_hand,
            totals=totals,
            following={
                name: following(request, offsets[name], total, PAGE_SIZE, name=name) for name, total in totals.items()
            },
        )


@router.post("/cases/vouch")
async def vouch_for_case(request: Request) -> Response:
    """The advocate knows who this person is."""
    async with writing_page(request) as (page, form):
        if not form.ticked("known"):
            raise RuleBroken(Refusal.NOT_SPOKEN)
        case = await get_case(page.session, page.advocate, form.text("case"), lock=True)
        await vouch(page.session, page.context, case, page.advocate.id)
    return go("/advocate/cases", done="vouched")


@router.post("/cases/in-hand")
async def take_case_in_hand(request: Request) -> Response:
    """The centre is in touch with the person."""
    async with writing_page(request) as (page, form):
        case = await get_case(page.session, page.advocate, form.text("case"), lock=True)
        await take_in_hand(page.session, page.context, case, page.advocate.organisation_id)
    return go("/advocate/cases/waiting", done="in-hand")


@router.post("/cases/hand-back")
async def hand_case_back(request: Request) -> Response:
    """The centre is not in touch after all."""
    async with writing_page(request) as (page, form):
        case = await get_case(page.session, page.advocate, form.text("case"), lock=True)
        await hand_back(page.session, page.context, case, page.advocate.organisation_id)
    return go("/advocate/cases/waiting", done="handed-back")


@router.get("/alerts")
async def show_alerts(request: Request) -> Response:
    """Alerts of the organisation and the installation, each with what to do and the page where it is dealt with."""
    async with reading_page(request) as page:
        alerts = await alerts_of(page.session, page.advocate, page.context.now())
        number = page_asked(request)
        begin = (number - 1) * ALERTS_PAGE
        return await page.render(
            "advocate/alerts.html",
            raised=[(alert, _PAGES.get(alert.kind, "")) for alert in alerts[begin : begin + ALERTS_PAGE]],
            total=len(alerts),
            number=number,
            pages=pages_of(request, number, len(alerts), ALERTS_PAGE),
            paused=await paused_fingerprints(page.session, page.advocate),
            origins=texts.ORIGINS,
        )


@router.post("/alerts/release")
async def release_paused(request: Request) -> Response:
    """The advocate says that this fingerprint is good: it is compared again."""
    async with writing_page(request) as (page, form):
        paused = form.text("fingerprint")
        case = await get_case_of_fingerprint(page.session, page.advocate, paused, lock=True)
        await release(page.session, page.context, case, paused, by=page.advocate.id)
    return go("/advocate/alerts", done="fingerprint-released")


@router.post("/alerts/remove")
async def remove_paused(request: Request) -> Response:
    """The advocate says that this fingerprint is junk: it is forgotten."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        junk = form.text("fingerprint")
        case = await get_case_of_fingerprint(page.session, page.advocate, junk, lock=True)
        await remove_paused_fingerprint(page.session, page.context, case, junk)
    return go("/advocate/alerts", done="fingerprint-removed")
