"""Cases that wait for an advocate, each with its clock; and what needs a person's eye."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import AdvocatePage, PageRoute, reading_page, writing_page
from api.pages.forms import go
from api.pages.reading import cases_in, find_case, open_alerts, paused_fingerprints
from db.locking import lock_one
from db.models.cases import Case
from monitor.cases.fingerprints import remove_fingerprint
from monitor.cases.opening import vouch
from monitor.cases.quarantine import release
from monitor.context.alerts import AlertKind
from monitor.core.errors import RuleBroken
from monitor.model.states import CaseState

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)


@router.get("/cases")
async def show_cases(request: Request) -> Response:
    """Waiting cases show nothing but their id, language and clock: no advocate has vouched yet."""
    async with reading_page(request) as page:
        return await page.render(
            "advocate/cases.html",
            {
                "waiting": await cases_in(page.session, page.advocate, CaseState.OPEN),
                "vouched": await cases_in(page.session, page.advocate, CaseState.VOUCHED),
                "erasing": await cases_in(page.session, page.advocate, CaseState.ERASING),
            },
        )


@router.post("/cases/vouch")
async def vouch_for_case(request: Request) -> Response:
    """The advocate knows who this person is."""
    async with writing_page(request) as (page, form):
        if not form.ticked("known"):
            raise RuleBroken("not-spoken")
        case = await find_case(page.session, page.advocate, form.text("case"))
        case = await lock_one(page.session, Case, case.id)
        await vouch(page.session, page.context, case, page.advocate.id)
    return go("/advocate/cases", done="vouched")


@router.get("/alerts")
async def show_alerts(request: Request) -> Response:
    """Alerts of the organisation, each with the page where it is dealt with."""
    async with reading_page(request) as page:
        alerts = await open_alerts(page.session, page.advocate)
        return await page.render(
            "advocate/alerts.html",
            {
                "raised": [(alert, _where(alert.kind)) for alert in alerts],
                "paused": await paused_fingerprints(page.session, page.advocate),
                "origins": texts.ORIGINS,
            },
        )


@router.post("/alerts/release")
async def release_paused(request: Request) -> Response:
    """The advocate says that this fingerprint is good: it is compared again."""
    async with writing_page(request) as (page, form):
        case = await _case_of(page, form.text("fingerprint"))
        await release(page.session, page.context, case, form.text("fingerprint"), by=page.advocate.id)
    return go("/advocate/alerts", done="fingerprint-released")


@router.post("/alerts/remove")
async def remove_paused(request: Request) -> Response:
    """The advocate says that this fingerprint is junk: it is forgotten."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken("not-sure")
        case = await _case_of(page, form.text("fingerprint"))
        await remove_fingerprint(page.session, page.context, case, form.text("fingerprint"))
    return go("/advocate/alerts", done="fingerprint-removed")


async def _case_of(page: AdvocatePage, fingerprint_id: str) -> Case:
    """The case of a fingerprint in quarantine, locked. Raises RuleBroken("not-found") when it is not this one's."""
    row = (await paused_fingerprints(page.session, page.advocate)).get(fingerprint_id)
    if row is None:
        raise RuleBroken("not-found")
    case = await find_case(page.session, page.advocate, row.case_id)
    case = await lock_one(page.session, Case, case.id)
    if case.state != CaseState.VOUCHED:
        raise RuleBroken("case-closed")
    return case


_ABOUT_NOTICES = (
    AlertKind.NOTICE_IN_DOUBT,
    AlertKind.NOTICE_FAILED,
    AlertKind.DEADLINE_LAPSED,
    AlertKind.CANNOT_VERIFY,
)


def _where(kind: str) -> str:
    """The kind of page that an alert's subject has."""
    if kind == AlertKind.FINGERPRINT_QUARANTINED:
        return "fingerprint"
    if kind in (AlertKind.VOUCH_OVERDUE, AlertKind.CASE_ERASING):
        return "case"
    return "notice" if kind in _ABOUT_NOTICES else ""
