"""From an exception to a problem, for a browser as a page. Nothing that was submitted comes back in an answer."""

import logging
import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.refused import answer_of
from api.problems import MEDIA, Problem, not_found
from api.schemas.watching import LONGEST_CODES
from monitor.core.errors import Incomplete, KeyDestroyed, Overloaded, RuleBroken
from monitor.core.refusals import Refusal

log = logging.getLogger(__name__)

_CODES = {400: Refusal.UNREADABLE, 401: Refusal.NOT_LOGGED_IN, 404: Refusal.NOT_FOUND, 405: Refusal.METHOD_NOT_ALLOWED}
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_LONGEST_TEXT = 8_000
"""Characters of the longest honest text in any body; more is a picture in disguise."""
_LONGEST = {"codes": LONGEST_CODES}
"""Fields that honestly hold more."""


def install(app: FastAPI) -> None:
    """Answer every foreseen error as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RuleBroken, _rule)
    app.add_exception_handler(KeyDestroyed, _gone)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(NoConnectionFree, _busy)
    app.add_exception_handler(IntegrityError, _clash)
    app.add_exception_handler(DataError, _unreadable)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  # the handler is registered for this class only
    return answer_of(request, error)


async def _rule(request: Request, error: Exception) -> Response:
    assert isinstance(error, RuleBroken)  # noqa: S101
    more = {"missing": list(error.missing)} if isinstance(error, Incomplete) else {}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Overloaded) else {}
    return answer_of(request, Problem(error.reason, error.detail, more, headers))


async def _gone(request: Request, _error: Exception) -> Response:
    return answer_of(request, not_found())


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    refusal = _CODES.get(error.status_code, Refusal.REFUSED)
    detail = "The body is not readable JSON." if error.status_code == 400 else ""
    return answer_of(request, Problem(refusal, detail, headers=dict(error.headers or {}), status=error.status_code))


async def _busy(request: Request, error: Exception) -> Response:
    log.warning("a request was refused: the database is busy or away", extra={"reason": type(error).__name__})
    detail = "The database is busy or away. Please try again."
    return answer_of(request, Problem(Refusal.DATABASE_UNAVAILABLE, detail, headers={"Retry-After": "2"}))


async def _unreadable(request: Request, _error: Exception) -> Response:
    return answer_of(request, Problem(Refusal.UNREADABLE))


async def _clash(request: Request, _error: Exception) -> Response:
    return answer_of(
        request, Problem(Refusal.TRY_AGAIN, "Somebody did the same at this moment. Look again, then try again.")
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return answer_of(request, Problem(Refusal.UNREADABLE, "The body is not readable JSON."))
    if all(fault["loc"][:1] == ("path",) for fault in faults):
        return answer_of(request, not_found())
    if _holds_media(error.body):
        return answer_of(request, Problem(Refusal.MEDIA_REFUSED, MEDIA))
    fields = [{"field": _place(fault), "fault": fault["type"], "message": _message(fault)} for fault in faults]
    detail = "; ".join(f"{each['field']}: {each['message']}" for each in fields[:5])
    return answer_of(request, Problem(Refusal.INVALID, detail, {"errors": fields[:50]}))


def _place(fault: Any) -> str:
    """Where in the body, by names of our own fields: an unknown one may hold anything, so its place alone is told."""
    loc: Sequence[str | int] = fault["loc"][1 : -1 if fault["type"] == "extra_forbidden" else None]
    parts = [str(part) for part in loc if isinstance(part, int) or _FIELD.fullmatch(part)]
    return ".".join(parts[:4]) or "body"


def _message(fault: Any) -> str:
    """Pydantic's own sentence holds what is allowed, never what was sent, except in these two."""
    if fault["type"] == "extra_forbidden":
        return f"unknown field; {MEDIA}"
    if fault["type"] == "value_error":
        return str(fault.get("ctx", {}).get("error", "this value is not allowed"))
    return str(fault["msg"])


def _holds_media(body: Any, longest: int = _LONGEST_TEXT) -> bool:
    """A `data:` address, or a text longer than the field takes."""
    if isinstance(body, str):
        return len(body) > longest or body[:5].lower() == "data:"
    if isinstance(body, dict):
        return any(_holds_media(value, _LONGEST.get(key, _LONGEST_TEXT)) for key, value in body.items())
    return isinstance(body, list) and any(_holds_media(value) for value in body[:1000])
