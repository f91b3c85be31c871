"""A refusal for whoever came with a browser: a page in their language, with a way on and, for a person, the way out."""

from collections.abc import Mapping
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from api.i18n import LANGUAGES
from api.pages.rendering import keeping_language, language_of, render_text
from api.problems import Problem
from api.refusals import STATUS
from monitor.core.refusals import Refusal

_FOR_PROGRAMS = ("/api/", "/platform/v1/")
_AT_WORK = ("/advocate", "/platform", "/figures")


def answer_of(request: Request, problem: Problem) -> Response:
    """The problem as whoever asked can read it: a browser gets a page, a program the document."""
    if request.scope["path"].startswith(_FOR_PROGRAMS) or not with_browser(request):
        return problem.response()
    return refused_page(request, problem.refusal, problem.status, problem.headers)


def with_browser(request: Request) -> bool:
    """Is this a page that somebody opens? Scripts and programs take anything, or name what they want."""
    return "text/html" in request.headers.get("accept", "")


def refused_page(
    request: Request, refusal: Refusal, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The refusal in words. Nothing of the address stands in it: that may hold anything."""
    language, path = language_of(request), request.scope["path"]
    context = {
        "lang": language,
        "languages": [(code, f"?lang={code}") for code in LANGUAGES],
        "to": partial(keeping_language, request),
        "problem": refusal,
        # A person never comes upon an advocate's page.
        "home": "/advocate" if path.startswith("/advocate") else "/",
    }
    template = "problem.html" if path.startswith(_AT_WORK) else "person/problem.html"
    return HTMLResponse(render_text(language, template, context), status or STATUS[refusal], dict(headers or {}))
