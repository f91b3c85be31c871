"""Forms: their token against foreign sites, their values as plain text, and where to go afterwards."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import unquote_to_bytes, urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.deps import services_of
from api.schemas.common import is_plain
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.notices.fields import KST

VISIT_COOKIE = "jikimi_visit"
"""A random value that binds the log-in form to this browser before anybody is logged in."""
MOST_FIELDS = 100
ZONES: Mapping[str, tzinfo] = {"KST": KST, "UTC": UTC}
"""The zones in which times are shown, by the name beside them."""
LONGEST_TEXT = 8_000
"""Characters of one value: as in JSON (api.errors)."""
LONGEST_ID = 200
"""Characters of a path."""


def over_https(request: Request) -> bool:
    """Do people come over TLS? The configured address decides: a proxy may end the TLS before us."""
    public = services_of(request).settings.web.public_url
    return (public or str(request.base_url)).startswith("https:")


def cookie_name(request: Request, name: str) -> str:
    """With the __Host- prefix over https, which ties the cookie to this very host; browsers refuse it over http."""
    return f"__Host-{name}" if over_https(request) else name


def set_cookie(request: Request, response: Response, name: str, value: str, *, lasts: timedelta | None = None) -> None:
    """A cookie for this session (or as long as it `lasts`), unreadable for scripts and never sent from another site."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=None if lasts is None else int(lasts.total_seconds()),
        httponly=True,
        secure=over_https(request),
        samesite="strict",
        path="/",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Forget a cookie."""
    response.delete_cookie(
        cookie_name(request, name), httponly=True, secure=over_https(request), samesite="strict", path="/"
    )


def form_token(secret: str) -> str:
    """The token that a form carries; it follows from the cookie, so nothing is stored and it tells nothing."""
    return hashlib.sha256(f"jikimi-form|{secret}".encode()).hexdigest()


class Form:
    """The text values of a form that was sent from our own page."""

    def __init__(self, values: list[tuple[str, str]]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The value, trimmed; empty when it is missing."""
        return next((value.strip() for key, value in self._values if key == name), "")

    def secret(self, name: str) -> str:
        """The value exactly as it was typed: a password may begin or end with a space."""
        return next((value for key, value in self._values if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name, such as those of ticked boxes."""
        return tuple(value for key, value in self._values if key == name)

    def moment(self, name: str) -> datetime | None:
        """A date and time as a browser sends them, in the zone that the field `zone` names; None when it is empty.

        Raises RuleBroken(TIME_UNREADABLE).
        """
        text, zone = self.text(name), ZONES.get(self.text("zone"))
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise RuleBroken(Refusal.TIME_UNREADABLE) from None
        if zone is None or at.tzinfo is not None:
            raise RuleBroken(Refusal.TIME_UNREADABLE)
        try:
            return at.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError:  # the first and the last day that can be told
            raise RuleBroken(Refusal.TIME_UNREADABLE) from None

    def ticked(self, name: str) -> bool:
        """Was the box ticked?"""
        return bool(self.all(name))


def check_request(request: Request) -> None:
    """Raise RuleBroken(UNREADABLE) where the address holds what no link and no form of ours writes."""
    raw = [request.scope.get("raw_path", b""), *request.scope["query_string"].split(b"&")]
    # Decoded here, strictly: the framework puts a sign of its own in the place of what is no UTF-8.
    texts = [_decoded(part.replace(b"+", b" ")) for part in raw]
    check_texts(part for text in texts for part in text.split("=", 1))
    check_texts((request.scope["path"], *request.path_params.values()), LONGEST_ID)


def check_texts(texts: Iterable[str], longest: int = LONGEST_TEXT) -> None:
    """Raise RuleBroken(UNREADABLE) where a text holds control characters or is longer than anything honest."""
    for text in texts:
        if len(text) > longest or not is_plain(text):
            raise RuleBroken(Refusal.UNREADABLE)


def _decoded(raw: bytes) -> str:
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise RuleBroken(Refusal.UNREADABLE) from None


async def read_values(request: Request) -> list[tuple[str, str]]:
    """What a form holds, whoever sent it. Raises RuleBroken(UNREADABLE)."""
    body = await request.body()
    for part in body.split(b"&"):
        _decoded(part.replace(b"+", b" "))
    received = await request.form(max_files=0, max_fields=MOST_FIELDS)
    values = [(name, value) for name, value in received.multi_items() if isinstance(value, str)]
    check_texts(part for pair in values for part in pair)
    return values


async def read_form(request: Request, secret: str) -> Form:
    """The form. Raises RuleBroken: FORM_EXPIRED unless it carries the token that belongs to `secret`, UNREADABLE."""
    values = await read_values(request)
    token = next((value for name, value in values if name == "token"), "")
    if not secret or not hmac.compare_digest(token.encode(), form_token(secret).encode()):
        raise RuleBroken(Refusal.FORM_EXPIRED)
    return Form(values)


def go(path: str, *, anchor: str = "", **query: str) -> RedirectResponse:
    """See the page at `path` now: what a form answers, so that reloading sends nothing twice."""
    asked = f"?{urlencode(query)}" if query else ""
    return RedirectResponse(f"{path}{asked}{'#' + anchor if anchor else ''}", status_code=303)


def offset_of(text: str) -> int:
    """How many rows a page of a list leaves out; 0 for anything that is no number."""
    return min(int(text), 1_000_000) if text.isascii() and text.isdigit() and len(text) < 10 else 0
