"""The HTTP under the X adapter: origin, time-outs, size limits, and nothing that follows a redirect blindly.

tweepy 4.17 hard-codes its host and has no limits, but sends everything through its attribute `.session`, of which it
uses `request()` only. `Wire` stands there. It reads the whole answer itself and raises `Refused` for every status but
2xx, so that tweepy's own error classes, which choke on answers that are not JSON, are never reached.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from monitor.errors import NotInspected, PlatformFault

TWEEPY_ORIGIN = "https://api.twitter.com"
MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""A page of 100 posts with all their media stays under 1 MB."""
MAX_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {403, 404, 410, 451}
"""A medium that is refused for good: trying again would only hold up the posts around it."""


class Refused(Exception):
    """The platform answered with an error status. Never leaves the adapter."""

    def __init__(self, status: int, *, reset: float | None = None, problem: Mapping[str, Any] | None = None) -> None:
        """`reset`: epoch seconds of x-rate-limit-reset; `problem`: the JSON body, None when it was something else."""
        super().__init__(f"http-{status}")
        self.status = status
        self.reset = reset
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of a response as tweepy uses."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    parsed: Mapping[str, Any]

    async def read(self) -> bytes:
        """The whole body."""
        return self.body

    async def json(self) -> Mapping[str, Any]:
        """The JSON object."""
        return self.parsed


class Wire:
    """Stands where tweepy keeps its session. Works in whichever event loop calls it: one connection pool per loop."""

    def __init__(self, origin: str, *, timeout: float) -> None:
        """`origin` like https://api.x.com; `timeout` in real seconds for one call from start to end."""
        self._origin = origin
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(timeout, 10.0))
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    @asynccontextmanager
    async def request(self, method: str, url: str, **options: Any) -> AsyncIterator[Answer]:
        """What tweepy calls. Raises Refused and PlatformFault."""
        address = URL(self._origin + str(url).removeprefix(TWEEPY_ORIGIN))
        with _faults():
            async with self._session().request(method, address, allow_redirects=False, **options) as response:
                body = await _read(response, MAX_ANSWER_BYTES)
                parsed = _json_object(body)
        if not 200 <= response.status < 300:
            raise Refused(response.status, reset=_reset(response.headers), problem=parsed)
        if parsed is None:
            raise PlatformFault("not-json" if len(body) <= MAX_ANSWER_BYTES else "answer-too-large")
        yield Answer(response.status, response.reason or "", response.headers, body, parsed)

    async def fetch(self, url: URL, *, max_bytes: int, may_read: Callable[[URL], bool]) -> bytes:
        """A medium, in memory. Raises NotInspected, PlatformFault, and Refused for 429."""
        for _ in range(MAX_REDIRECTS + 1):
            if not may_read(url):
                raise NotInspected("unsupported")
            with _faults():
                # Uncompressed and left as it is: neither a small answer that unpacks to a large one, nor surprises.
                plain = {"Accept-Encoding": "identity"}
                async with self._session().get(
                    url, allow_redirects=False, auto_decompress=False, headers=plain
                ) as response:
                    if response.status in _REDIRECTS:
                        url = _next(url, response.headers.get("Location", ""))
                        continue
                    return await _medium(response, max_bytes)
        raise NotInspected("unsupported")

    async def close(self) -> None:
        """Close the connections of every loop that still runs."""
        here = asyncio.get_running_loop()
        for loop, session in list(self._sessions.items()):
            if loop is here:
                await session.close()
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(session.close(), loop))
        self._sessions.clear()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            # No cookies: X sets tracking ones.
            session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
            self._sessions[loop] = session
        return session


@contextmanager
def _faults() -> Iterator[None]:
    """Turns what the network throws into PlatformFault with a short code."""
    try:
        yield
    except TimeoutError:
        raise PlatformFault("timeout") from None
    except (aiohttp.ClientError, OSError):
        raise PlatformFault("connection-lost") from None


def _next(url: URL, location: str) -> URL:
    try:
        return url.join(URL(location))
    except ValueError:
        raise NotInspected("unsupported") from None


async def _medium(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    if response.status == 429:
        raise Refused(429, reset=_reset(response.headers))
    if response.status in _GONE:
        raise NotInspected("gone")
    if response.status != 200:
        raise PlatformFault(f"http-{response.status}")
    if response.content_length is not None and response.content_length > max_bytes:
        raise NotInspected("too-large")
    body = await _read(response, max_bytes)
    if len(body) > max_bytes:
        raise NotInspected("too-large")
    if not body:
        raise NotInspected("empty")
    return body


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, or its first bytes, more than `limit`, when it is longer."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            break
    return bytes(body)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _reset(headers: Mapping[str, str]) -> float | None:
    try:
        return float(int(headers.get("x-rate-limit-reset", "")))
    except ValueError:
        return None
