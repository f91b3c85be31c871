"""The outermost layer: headers on every answer, a limit on every body, no picture in, no traceback out."""

import asyncio
import logging
import traceback
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.assets.store import FOREVER, PREFIX
from api.pages.refused import answer_of
from api.problems import MEDIA, Problem, too_large
from monitor.core.refusals import Refusal

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024
"""Of a request's body: the longest intake in Korean fits many times, a picture does not."""

BODY_SECONDS = 30.0
_JSON_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE_CSP = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Also for scripts: a Worker obeys the policy that came with its own file."""
_CASE_PAGE = "/case"
_CASE_CSP = f"{_PAGE_CSP}; media-src blob:"
"""There a video that is chosen on the device is shown to the script, from the device: blob: reaches no network."""

_HEADERS = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
}
_JSON_TYPES = ("application/json", "application/problem+json")
_JSON_PATHS = ("/api/", "/platform/v1/", "/case/draft")
"""What takes JSON and nothing else."""


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware. `https`: people come over TLS, so browsers are told to stay with it."""

    app: ASGIApp
    https: bool = False
    body_seconds: float = BODY_SECONDS
    """How long a request's body may take to arrive."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(
            send,
            self.https,
            _CASE_CSP if scope["path"] == _CASE_PAGE else _PAGE_CSP,
            lasting=scope["path"].startswith(PREFIX),
        )
        try:
            problem, body = await _read(scope, receive, self.body_seconds)
            if problem is not None:
                await answer_of(Request(scope), problem)(scope, receive, answer)
                return
            await self.app(scope, _replay(body, receive), answer)
        except Exception as error:  # noqa: BLE001  # one whole job: whatever it was, the caller gets no traceback
            _log(error)
            if not answer.started:
                problem = Problem(Refusal.INTERNAL, "Something went wrong here. Please try again.")
                await answer_of(Request(scope), problem)(scope, receive, answer)


class _Answer:
    """Adds the headers to whatever answer passes."""

    def __init__(self, send: Send, https: bool, policy: str, *, lasting: bool = False) -> None:
        """`policy`: what a page may do; JSON may do nothing. `lasting`: a file whose address is its content."""
        self._send, self._https, self._policy, self._lasting = send, https, policy, lasting
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _ours]
            kind = next((value for name, value in headers if name.lower() == b"content-type"), b"").decode("latin-1")
            policy = _JSON_CSP if kind.split(";")[0] in _JSON_TYPES else self._policy
            added = {**_HEADERS, "content-security-policy": policy}
            if self._lasting and message["status"] == 200:
                added["cache-control"] = FOREVER
            if self._https:
                added["strict-transport-security"] = "max-age=31536000"
            headers = [(name, _here(value) if name.lower() == b"location" else value) for name, value in headers]
            headers += [(name.encode(), value.encode()) for name, value in added.items()]
            message = {**message, "headers": headers}
        await self._send(message)


def _here(location: bytes) -> bytes:
    """Without scheme and host. The framework names those that it was spoken to with: behind a proxy that is http, and a
    client that follows would send its body again in clear."""
    parts = urlsplit(location)
    return urlunsplit((b"", b"", b"/" + parts.path.lstrip(b"/"), parts.query, parts.fragment))


_ours = {name.encode() for name in (*_HEADERS, "content-security-policy")}


async def _read(scope: Scope, receive: Receive, seconds: float) -> tuple[Problem | None, bytes]:
    """The whole body, or why it is refused."""
    headers = {name.lower(): value.decode("latin-1").strip().lower() for name, value in scope["headers"]}
    kind = headers.get(b"content-type", "").split(";")[0].strip()
    media = kind.startswith(("image/", "video/", "audio/", "multipart/")) or kind == "application/octet-stream"
    announced = headers.get(b"content-length", "")
    if media and announced != "0":
        return Problem(Refusal.MEDIA_REFUSED, MEDIA, status=415), b""
    if announced.isdecimal() and int(announced[:12]) > MOST_BYTES:
        return too_large(MOST_BYTES), b""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return Problem(Refusal.CUT_OFF, "The request was cut off."), b""
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    return too_large(MOST_BYTES), b""
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        return Problem(Refusal.TOO_SLOW, "The request took too long to arrive."), b""
    if body and scope["path"].startswith(_JSON_PATHS) and kind != "application/json":
        return Problem(Refusal.JSON_EXPECTED, "Send JSON with the content type application/json."), b""
    return None, bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once; then whatever the connection says."""
    first = True

    async def again() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


def _log(error: Exception) -> None:
    """Where it happened and what kind it was. Never the message: it may hold what a person typed."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("request failed", extra={"error": type(error).__name__, "where": where})
