"""What the demo's X never does and the real one may: calls that go wrong, posts that change, accounts that hide."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from monitor.demo.x import answers
from monitor.demo.x.double import XDouble
from monitor.demo.x.world import Account, XPost, XWorld

_HTML = "<!doctype html><title>503</title><h1>Over capacity</h1>"
TOO_MANY = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
CREDITS = {
    "account_id": 1,
    "title": "CreditsDepleted",
    "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
    "type": f"{answers.PROBLEMS}/credits",
}
USAGE_CAP = {
    "account_id": 1,
    "product_name": "pay-per-use",
    "title": "UsageCapExceeded",
    "period": "Monthly",
    "scope": "Product",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": f"{answers.PROBLEMS}/usage-capped",
}
FORBIDDEN = {
    "client_id": "1",
    "title": "Client Forbidden",
    "reason": "client-not-enrolled",
    "required_enrollment": "Appropriate Level of API Access",
    "detail": "The app of this token is not attached to a project.",
    "type": f"{answers.PROBLEMS}/client-forbidden",
}


class FaultKind(StrEnum):
    """What can go wrong with one call."""

    CREDITS = "credits"
    """402: the prepaid credit is used up."""
    RATE_LIMIT = "rate-limit"
    """429 with x-rate-limit-reset."""
    RATE_LIMIT_SILENT = "rate-limit-silent"
    """429 without that header."""
    USAGE_CAP = "usage-cap"
    """429 because the month's cap is reached."""
    FORBIDDEN = "forbidden"
    """403: the application may not use this."""
    UNAVAILABLE = "unavailable"
    """503 with a page of HTML."""
    NOT_JSON = "not-json"
    """200 with a page of HTML."""
    GUARD = "guard"
    """403 with a page of HTML, from a guard before the API."""
    NOTHING = "nothing"
    """200 with an empty object."""
    HANG = "hang"
    """No answer, ever."""
    CUT = "cut"
    """The connection is cut before the answer."""
    SHORT = "short"
    """The body ends before the length that was announced."""


@dataclass(slots=True)
class XFault:
    """Happens to calls whose path starts with `path`, `times` times; `reset_after` in the world's seconds."""

    path: str
    kind: FaultKind
    times: int = 1
    reset_after: float = 900.0


class TroubledXWorld(XWorld):
    """An X with faults to come."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.faults: list[XFault] = []

    @property
    def submitted(self) -> Counter[str]:
        """How often each post's address was handed in by form."""
        return Counter(url for submission in self.submissions for url in submission.post_urls)

    def fail(self, path: str, kind: FaultKind, *, times: int = 1, reset_after: float = 900.0) -> None:
        """The next `times` calls whose path starts with `path` go wrong."""
        self.faults.append(XFault(path, kind, times, reset_after))

    def take_fault(self, path: str) -> XFault | None:
        """The fault that this call meets, if any."""
        for fault in self.faults:
            if fault.times > 0 and path.startswith(fault.path):
                fault.times -= 1
                return fault
        return None

    def edit(self, post_id: str, text: str) -> XPost:
        """The post under a new id, as X does it. The old id finds it still."""
        new_id = self._new_id(self.now())
        post = self.posts.pop(post_id)
        post.id, post.text = new_id, text
        post.versions.append(post.id)
        self.posts[post.id] = post
        return post

    def remove_media(self, post_id: str) -> None:
        """The post stays, without its media."""
        self.posts[post_id].media.clear()

    def withhold(self, post_id: str, *countries: str) -> None:
        """The post is hidden in `countries`."""
        self.posts[post_id].withheld = list(countries)

    def protect(self, account: Account) -> None:
        """Only followers see the account's posts."""
        account.protected = True


class TroubledXDouble(XDouble):
    """Shows such a world."""

    world: TroubledXWorld

    def __init__(self, world: TroubledXWorld) -> None:
        super().__init__(world)
        self._over = asyncio.Event()

    async def __aexit__(self, *error: object) -> None:
        self._over.set()
        await super().__aexit__(*error)

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The fault, where one is to come."""
        fault = self.world.take_fault(request.path)
        if fault is None:
            return await super().answer(request, handler)
        match fault.kind:
            case FaultKind.CREDITS:
                return web.json_response(CREDITS, status=402)
            case FaultKind.RATE_LIMIT:
                reset = int(self.world.now().timestamp() + fault.reset_after)
                limits = {"x-rate-limit-limit": "60", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
                return web.json_response(TOO_MANY, status=429, headers=limits)
            case FaultKind.RATE_LIMIT_SILENT:
                return web.json_response(TOO_MANY, status=429)
            case FaultKind.USAGE_CAP:
                return web.json_response(USAGE_CAP, status=429)
            case FaultKind.FORBIDDEN:
                return web.json_response(FORBIDDEN, status=403)
            case FaultKind.UNAVAILABLE:
                return web.Response(text=_HTML, content_type="text/html", status=503)
            case FaultKind.NOT_JSON:
                return web.Response(text=_HTML, content_type="text/html")
            case FaultKind.GUARD:
                return web.Response(text=_HTML, content_type="text/html", status=403)
            case FaultKind.NOTHING:
                return web.json_response({})
            case FaultKind.HANG:
                await self._over.wait()
                return web.Response(status=503)
            case FaultKind.CUT:
                _cut(request)
                return web.Response(status=503)
            case FaultKind.SHORT:
                return await _shorten(request, await handler(request))


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _shorten(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
    short = web.StreamResponse(headers={"Content-Length": str(len(body) + 100), "Content-Type": whole.content_type})
    await short.prepare(request)
    await short.write(body)
    if request.transport is not None:
        request.transport.close()
    return short
