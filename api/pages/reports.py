"""A public page for whoever finds that their picture was registered by somebody else; and what leads read of it."""

import secrets
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.admission import Admission
from api.budgets import Act
from api.deps import services_of
from api.i18n import LANGUAGES
from api.pages.advocate_page import PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import Form, form_token, go, offset_of, read_form
from api.pages.paging import following
from api.pages.rendering import language_of, render_page
from api.problems import Problem
from api.refusals import STATUS
from monitor.cases.reports import KEPT_FOR, close_report, make_report, open_reports, read_report
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.model.records.report import ReportRecord

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_NO_COOKIE = "report"
"""Nothing of anybody's log-in is in this form, and no mark is left on the phone: its token is the same for all."""
PAGE_SIZE = 50
_MOST_KNOWN = 10_000
"""Reports that were taken last, by the mark in their form: what is sent again is not taken twice."""
LONGEST: Mapping[str, int] = {"contact": 200, "case_number": 64, "link": 2048, "text": 3000, "organisation": 200}


@router.get("/report")
async def show_form(request: Request) -> Response:
    """The form, short enough for a phone. It asks for no picture."""
    return _form_page(request, {})


@router.post("/report")
async def take_report(request: Request) -> Response:
    """The same answer for every report."""
    values: dict[str, str] = {}
    try:
        form = await read_form(request, _NO_COOKIE)
        values = {name: form.text(name) for name in (*LONGEST, "once")}
        if any(len(values[name]) > longest for name, longest in LONGEST.items()):
            raise RuleBroken(Refusal.TOO_LARGE)
        if values["once"] not in _taken:
            await _keep(request, form, values)
            _remember(values["once"])
    except Problem as problem:
        return _form_page(request, values, problem=problem.refusal, challenge=str(problem.more["work"]["challenge"]))
    except RuleBroken as refused:
        return _form_page(request, values, problem=refused.reason)
    asked = request.query_params.get("lang", "")  # the language stays in the address: no cookie is left on the phone
    return go("/report", done="reported", **({"lang": asked} if asked in LANGUAGES else {}))


_taken: dict[str, None] = {}


def _remember(once: str) -> None:
    """Where the answer is lost on its way, whoever sent it sends it again: in this process, so within hours."""
    if once:
        _taken[once] = None
    if len(_taken) > _MOST_KNOWN:
        del _taken[next(iter(_taken))]


async def _keep(request: Request, form: Form, values: Mapping[str, str]) -> None:
    admission: Admission = request.app.state.admission
    await admission.visit(request, form.text("work")).admit(Act.REPORT)
    services = services_of(request)
    content = ReportRecord(
        contact=values["contact"], case_number=values["case_number"], link=values["link"], text=values["text"]
    )
    async with services.database.begin() as session:
        await make_report(
            session,
            services.context.acting(By.program("report")),
            content,
            organisation=values["organisation"],
            language=language_of(request),
        )


def _form_page(
    request: Request, values: Mapping[str, str], *, problem: Refusal | None = None, challenge: str = ""
) -> Response:
    if not challenge:
        visit = request.app.state.admission.visit(request, "")
        price = visit.admission.budgets.price(Act.REPORT, visit.origin)
        challenge = str(visit.admission.challenge(price)["challenge"]) if price else ""
    return render_page(
        request,
        "person/report.html",
        {
            "token": form_token(_NO_COOKIE),
            "once": values.get("once") or secrets.token_urlsafe(12),
            "values": {name: values.get(name, "") for name in LONGEST},
            "longest": LONGEST,
            "over": max(0, len(values.get("text", "")) - LONGEST["text"]),
            "days": KEPT_FOR.days,
            "problem": problem or "",
            "challenge": challenge,
        },
        status=STATUS[problem] if problem else 200,
    )


@router.get("/advocate/reports")
async def show_reports(request: Request) -> Response:
    """What waits for a lead, a page at a time."""
    offset = offset_of(request.query_params.get("from", ""))
    async with reading_page(request) as page:
        reports, total = await open_reports(page.session, page.advocate, limit=PAGE_SIZE, offset=offset)
        onward = following(request, offset, total, PAGE_SIZE)
        return await page.render("advocate/reports.html", reports=reports, total=total, following=onward)


@router.get("/advocate/reports/{report_id}")
async def show_report(request: Request, report_id: str) -> Response:
    """One report; that it was read is noted."""
    async with noting_page(request) as page:
        read = await read_report(page.session, page.context, page.advocate, report_id)
        return await page.render("advocate/report.html", read=read)


@router.post("/advocate/reports/{report_id}/close")
async def close_one(request: Request, report_id: str) -> Response:
    """The organisation has dealt with it."""
    async with writing_page(request) as (page, _form):
        await close_report(page.session, page.context, page.advocate, report_id)
    return go("/advocate/reports", done="report-closed")
