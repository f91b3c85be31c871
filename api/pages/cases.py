"""Cases that wait for an advocate, each with its clock; and what needs a person's eye."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import PageRoute, reading_page, writing_page
from api.pages.forms import go, offset_of
from db.queries.cases import cases_of, find_case, waiting_groups
from db.queries.operations import paused_fingerprints
from monitor.actions.access import get_case, get_case_of_fingerprint
from monitor.actions.alerts import alerts_of
from monitor.cases.entered import read_entered
from monitor.cases.opening import vouch
from monitor.cases.quarantine import release, remove_paused_fingerprint
from monitor.context.alerts import AlertKind
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.states import CaseState

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
"""Of each state on the page."""
MOST_OF_GROUP = 20
"""Cases shown of those that came from one place on one day."""
_PAGES: Mapping[str, str] = {
    AlertKind.FINGERPRINT_QUARANTINED: "fingerprint",
    AlertKind.VOUCH_OVERDUE: "cases",
    AlertKind.CASE_ERASING: "case",
    AlertKind.NOTICE_IN_DOUBT: "notice",
    AlertKind.NOTICE_FAILED: "notice",
    AlertKind.DEADLINE_LAPSED: "notice",
    AlertKind.CANNOT_VERIFY: "notice",
    AlertKind.SENT_FOR_MINOR: "notice",
    AlertKind.WORK_STRANDED: "notice",
}
"""The kind of page that an alert's subject has; none for others."""


@router.get("/cases")
async def show_cases(request: Request) -> Response:
    """Waiting cases show nothing but their id, language and clock: no advocate has vouched yet."""
    offsets = {name: offset_of(request.query_params.get(name, "")) for name in ("waiting", "vouched", "erasing")}
    number = "".join(request.query_params.get("number", "").split()).lower()
    async with reading_page(request) as page:
        groups, waiting = await waiting_groups(
            page.session, page.advocate, limit=PAGE_SIZE, offset=offsets["waiting"], most=MOST_OF_GROUP
        )
        vouched, erasing = [
            await cases_of(page.session, page.advocate, state=state, limit=PAGE_SIZE, offset=offsets[name])
            for name, state in (("vouched", CaseState.VOUCHED), ("erasing", CaseState.ERASING))
        ]
        totals = {"waiting": waiting, "vouched": vouched[1], "erasing": erasing[1]}
        return await page.render(
            "advocate/cases.html",
            number=number,
            found=await find_case(page.session, page.advocate, number) if number else None,
            groups=groups,
            vouched=vouched[0],
            unconfirmed={one.id for one in vouched[0] if read_entered(page.context, one).waiting},
            erasing=erasing[0],
            totals=totals,
            following={
                name: offsets[name] + PAGE_SIZE if offsets[name] + PAGE_SIZE < total else None
                for name, total in totals.items()
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


@router.get("/alerts")
async def show_alerts(request: Request) -> Response:
    """Alerts of the organisation and the installation, each with what to do and the page where it is dealt with."""
    async with reading_page(request) as page:
        alerts = await alerts_of(page.session, page.advocate, page.context.now())
        return await page.render(
            "advocate/alerts.html",
            raised=[(alert, _PAGES.get(alert.kind, "")) for alert in alerts],
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
