"""An advocate logs in with login, password and one-time code, and out again."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.admission import Admission, Visit
from api.auth import BROWSER_LASTS, WORK_FOR_A_TRY, log_in_advocate, log_out, remember_browser
from api.budgets import Act
from api.deps import services_of
from api.devices import device_of
from api.pages.advocate_page import LOGIN_COOKIE, LOGIN_PAGE, PageRoute
from api.pages.forms import VISIT_COOKIE, cookie_name, drop_cookie, form_token, go, read_form, set_cookie
from api.pages.rendering import render_page
from api.passkeys import log_in_with_passkey
from api.problems import Problem
from api.refusals import STATUS
from api.throttle import Wait
from db.queries.actors import PersonActor
from monitor.cases.accounts.challenges import Purpose
from monitor.cases.accounts.passkeys import options_to_sign, party_of
from monitor.core.errors import Overloaded
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

BROWSER_COOKIE = "jikimi_browser"
"""Stays in a browser in which an advocate logged in. Never given to a person: it would tell who uses their phone."""
_COME_BACK = 60
"""Seconds."""


@router.get("/login")
async def show_login(request: Request) -> Response:
    """The form. A cookie binds it to this browser, so that nobody can log a visitor in as somebody else."""
    visit = _visit(request, "")
    price = visit.admission.budgets.price(Act.LOG_IN, visit.origin)
    return _login_page(request, work=visit.admission.challenge(price) if price else None)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """The same words for whatever was wrong, so that nobody learns which logins exist."""
    form = await read_form(request, request.cookies.get(cookie_name(request, VISIT_COOKIE), ""))
    login, password = form.text("login"), form.secret("password")
    code = "".join(form.text("code").split())
    services, visit = services_of(request), _visit(request, form.text("work"))
    answer, secret = form.text("passkey"), request.cookies.get(cookie_name(request, VISIT_COOKIE), "")
    device = device_of(request.headers.get("user-agent", ""))
    browser = request.cookies.get(cookie_name(request, BROWSER_COOKIE), "")
    try:
        if answer:
            done = await log_in_with_passkey(services, answer=answer, secret=secret, visit=visit, device=device)
        else:
            done = await log_in_advocate(
                services,
                login=login,
                password=password,
                totp=code,
                visit=visit,
                door=Door.PAGE,
                browser=browser,
                device=device,
            )
    except Overloaded as error:
        return _asked_to_wait(request, Refusal.OVERLOADED, login, error.retry_after)
    except Problem as problem:
        return _asked_to_wait(request, problem.refusal, login, 0, problem.more["work"])
    if isinstance(done, Wait):
        work = visit.admission.challenge(WORK_FOR_A_TRY) if done.may_work else None
        return _asked_to_wait(request, Refusal.LOG_IN_THROTTLED, login, done.seconds, work)
    if done is None or isinstance(done.actor, PersonActor):
        refused = Refusal.PASSKEY_WRONG if answer else Refusal.LOG_IN_WRONG
        return _login_page(request, refused=refused, login=login)
    response = go("/advocate")
    set_cookie(request, response, LOGIN_COOKIE, done.token)
    remembered = remember_browser(visit, done.actor.id)
    set_cookie(request, response, BROWSER_COOKIE, remembered, lasts=BROWSER_LASTS)
    drop_cookie(request, response, VISIT_COOKIE)
    return response


@router.post("/log-out")
async def log_out_now(request: Request) -> Response:
    """The log-in is worth nothing from now on, here and anywhere."""
    token = request.cookies.get(cookie_name(request, LOGIN_COOKIE), "")
    await read_form(request, token)
    async with services_of(request).database.begin() as session:
        await log_out(session, token)
    response = go(LOGIN_PAGE, done="logged-out")
    drop_cookie(request, response, LOGIN_COOKIE)
    return response


def _visit(request: Request, answer: str) -> Visit:
    admission: Admission = request.app.state.admission
    return admission.visit(request, answer)


def _asked_to_wait(
    request: Request, problem: Refusal, login: str, seconds: int, work: Mapping[str, object] | None = None
) -> Response:
    response = _login_page(request, refused=problem, login=login, wait=seconds, work=work)
    response.headers["Retry-After"] = str(seconds or _COME_BACK)
    return response


def _login_page(
    request: Request,
    *,
    refused: Refusal | None = None,
    login: str = "",
    wait: int = 0,
    work: Mapping[str, object] | None = None,
) -> Response:
    visit = request.cookies.get(cookie_name(request, VISIT_COOKIE), "") or secrets.token_urlsafe(24)
    problem = refused or request.query_params.get("problem", "")
    challenge = "" if work is None else work["challenge"]
    services = services_of(request)
    party, now = party_of(services.settings.web.public_url), datetime.now(UTC)
    keys = services.keys
    asked = None if party is None else options_to_sign(keys, party, Purpose.LOG_IN, secret=visit, now=now)
    values = {
        "passkey_options": asked,
        "token": form_token(visit),
        "problem": problem,
        "login": login,
        "wait": wait,
        "challenge": challenge,
    }
    response = render_page(request, "advocate/login.html", values, status=STATUS[refused] if refused else 200)
    set_cookie(request, response, VISIT_COOKIE, visit)
    return response
