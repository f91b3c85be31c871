"""Cases that wait for an advocate, each with its clock; and what needs a person's eye."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.forms import go
from api.pages.reading import cases_in, find_case, open_alerts
from api.pages.visits import PageRoute, reading_visit, writing_visit
from monitor.cases.opening import vouch
from monitor.cases.state import CaseState
from monitor.errors import RuleBroken

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)


@router.get("/cases")
async def show_cases(request: Request) -> Response:
    """Waiting cases show nothing but their id, language and clock: no advocate has vouched yet."""
    async with reading_visit(request) as visit:
        return await visit.page(
            "advocate/cases.html",
            {
                "waiting": await cases_in(visit.session, visit.advocate, CaseState.OPEN),
                "vouched": await cases_in(visit.session, visit.advocate, CaseState.VOUCHED),
                "erasing": await cases_in(visit.session, visit.advocate, CaseState.ERASING),
            },
        )


@router.post("/cases/vouch")
async def vouch_for_case(request: Request) -> Response:
    """The advocate knows who this person is."""
    async with writing_visit(request) as (visit, form):
        if not form.ticked("known"):
            raise RuleBroken("not-spoken")
        case = await find_case(visit.session, visit.advocate, form.text("case"))
        await visit.session.refresh(case, with_for_update={"key_share": True})
        await vouch(visit.session, visit.desk, case, visit.advocate.id)
    return go("/advocate/cases", done="vouched")


@router.get("/alerts")
async def show_alerts(request: Request) -> Response:
    """Alerts of the organisation, each with the page where it is dealt with."""
    async with reading_visit(request) as visit:
        alerts = await open_alerts(visit.session, visit.advocate)
        return await visit.page("advocate/alerts.html", {"raised": [(alert, _where(alert.kind)) for alert in alerts]})


def _where(kind: str) -> str:
    """The kind of page that an alert's subject has."""
    if kind in ("vouch-overdue", "case-erasing"):
        return "case"
    return "notice" if kind in ("notice-in-doubt", "notice-failed", "deadline-lapsed", "cannot-verify") else ""
