"""The HTTP under the X adapter: origin, time-outs, size limits, and nothing that follows a redirect blindly."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from monitor.core.clock_watch import ClockWatch
from monitor.core.errors import NotInspected, PlatformFault

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


class Wire:
    """Works in whichever event loop calls it: one connection pool per loop.

    aiohttp asks once more when a kept connection turns out to be closed; nothing else is tried twice.
    """

    def __init__(self, origin: str, *, timeout: float, clocks: ClockWatch | None = None) -> None:
        """`origin` like https://api.x.com; `timeout` in real seconds for one call; `clocks` hears the time there."""
        self._origin, self._clocks = origin, clocks or ClockWatch()
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(timeout, 10.0))
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    async def ask(self, route: str, params: Mapping[str, Any], *, bearer: str) -> dict[str, Any]:
        """The JSON object at `route`. Raises Refused and PlatformFault."""
        headers = {"Authorization": f"Bearer {bearer}"}
        address = URL(self._origin + route).with_query({name: str(value) for name, value in params.items()})
        with _faults():
            async with self._session().get(address, allow_redirects=False, headers=headers) as response:
                self._clocks.saw_date("x", response.headers.get("Date"))
                body = await _read(response, MAX_ANSWER_BYTES)
        if len(body) > MAX_ANSWER_BYTES:
            raise PlatformFault("answer-too-large")
        answer = _json_object(body)
        if response.status != 200:
            raise Refused(response.status, reset=_reset(response.headers), problem=answer)
        if answer is None:
            raise PlatformFault("not-json")
        return answer

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
    if not isinstance(value, dict):
        return None
    # Half a character, which JSON can write and UTF-8 cannot: whoever hashes or stores it would fail.
    return _whole(value) if b"\\ud" in body.lower() else value


def _whole(value: Any) -> Any:
    """The same with a question mark for every half of a character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {_whole(key): _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def _reset(headers: Mapping[str, str]) -> float | None:
    try:
        return float(int(headers.get("x-rate-limit-reset", "")))
    except ValueError:
        return None
