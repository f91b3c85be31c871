"""An advocate logs in with login, password and one-time code, and out again."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.auth import log_in_advocate, log_out
from api.deps import client_address, services_of
from api.pages.advocate_page import LOGIN_COOKIE, LOGIN_PAGE, PageRoute
from api.pages.forms import VISIT_COOKIE, cookie_name, drop_cookie, form_token, go, read_form, set_cookie
from api.pages.rendering import render_page
from api.refusals import STATUS
from api.throttle import Wait
from db.queries.actors import AdvocateActor
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)


@router.get("/login")
async def show_login(request: Request) -> Response:
    """The form. A cookie binds it to this browser, so that nobody can log a visitor in as somebody else."""
    return _login_page(request)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """The same words for whatever was wrong, so that nobody learns which logins exist."""
    form = await read_form(request, request.cookies.get(cookie_name(request, VISIT_COOKIE), ""))
    login, password = form.text("login"), form.secret("password")
    code = "".join(form.text("code").split())
    done = await log_in_advocate(
        services_of(request),
        login=login,
        password=password,
        totp=code,
        address=client_address(request),
        door=Door.PAGE,
    )
    if isinstance(done, Wait):
        response = _login_page(request, refused=Refusal.LOG_IN_THROTTLED, login=login, wait=done.seconds)
        response.headers["Retry-After"] = str(done.seconds)
        return response
    if done is None or not isinstance(done.actor, AdvocateActor):
        return _login_page(request, refused=Refusal.LOG_IN_WRONG, login=login)
    response = go("/advocate")
    set_cookie(request, response, LOGIN_COOKIE, done.token)
    drop_cookie(request, response, VISIT_COOKIE)
    return response


@router.post("/log-out")
async def log_out_now(request: Request) -> Response:
    """The log-in is worth nothing from now on, here and anywhere."""
    token = request.cookies.get(cookie_name(request, LOGIN_COOKIE), "")
    try:
        await read_form(request, token)
    except RuleBroken:
        return go("/advocate", problem=Refusal.FORM_EXPIRED)
    async with services_of(request).database.begin() as session:
        await log_out(session, token)
    response = go(LOGIN_PAGE, done="logged-out")
    drop_cookie(request, response, LOGIN_COOKIE)
    return response


def _login_page(request: Request, *, refused: Refusal | None = None, login: str = "", wait: int = 0) -> Response:
    visit = request.cookies.get(cookie_name(request, VISIT_COOKIE), "") or secrets.token_urlsafe(24)
    problem = refused or request.query_params.get("problem", "")
    values = {"token": form_token(visit), "problem": problem, "login": login, "wait": wait}
    response = render_page(request, "advocate/login.html", values, status=STATUS[refused] if refused else 200)
    set_cookie(request, response, VISIT_COOKIE, visit)
    return response
