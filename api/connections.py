"""Connections are bounded: in number, in the time until a request is whole, in the time an answer may lie unread.

uvicorn closes a connection only between two requests. Whoever opens thousands and says nothing would keep
everybody out.
"""

import asyncio
import ipaddress
import resource
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.origin import unit_of

HEADER_SECONDS = 10.0
"""From the connection, or from the first byte of a later request, to the end of the headers."""
UNREAD_SECONDS = 30.0
"""How long an answer may wait for somebody to read it."""
MOST_CONNECTIONS = 1000
BACKLOG = 128
"""Also how many connections are taken in at once, between two counts."""
_WANTED_FILES = 4096
_OTHER_FILES = 300
"""Open files that are no connections: databases, decoders, platforms, those of BACKLOG that are about to be refused."""


def most_connections() -> int:
    """As many as this process may have open files for; the limit is raised first, as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
    files = _WANTED_FILES if soft == resource.RLIM_INFINITY else soft
    return max(16, min(MOST_CONNECTIONS, files - _OTHER_FILES))


class Crowd:
    """The open connections. When there are too many, one that waits for a request goes, of whoever holds the most."""

    def __init__(self, most: int) -> None:
        self._most, self._open = most, 0
        self._waiting: dict[str, dict[BoundedProtocol, None]] = {}

    def enter(self, one: "BoundedProtocol") -> None:
        """A connection was made."""
        self._open += 1
        self.wait(one)
        if self._open > self._most:
            longest = max(self._waiting.values(), key=len)
            next(iter(longest)).end()

    def leave(self, one: "BoundedProtocol") -> None:
        """It is closed."""
        self._open -= 1
        self.work(one)

    def wait(self, one: "BoundedProtocol") -> None:
        """It has asked for nothing yet, or for nothing more."""
        self._waiting.setdefault(one.peer, {})[one] = None

    def work(self, one: "BoundedProtocol") -> None:
        """It is being answered, and is not closed for anybody."""
        mine = self._waiting.get(one.peer, {})
        mine.pop(one, None)
        if not mine:
            self._waiting.pop(one.peer, None)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to waiting."""

    crowd: Crowd
    header_seconds = HEADER_SECONDS
    unread_seconds = UNREAD_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.peer = ""
        self._slow: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def end(self) -> None:
        """Close it at once."""
        self.crowd.work(self)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        with suppress(ValueError):
            self.peer = unit_of(ipaddress.ip_address(self.client[0].partition("%")[0])) if self.client else ""
        self._expect_request()
        self.crowd.enter(self)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._answering:
            self._stop_slow()
            self.crowd.work(self)
        else:
            self._expect_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait_if_idle()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.unread_seconds, self.end)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_unread()
        self._wait_if_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_slow()
        super().connection_lost(exc)
        self._stop_unread()
        self.crowd.leave(self)

    def _wait_if_idle(self) -> None:
        """A large answer is complete for uvicorn long before it is read."""
        if not self._answering and self._unread is None and not self.transport.is_closing():
            self.crowd.wait(self)

    def _expect_request(self) -> None:
        if self._slow is None and not self.transport.is_closing():
            self._slow = self.loop.call_later(self.header_seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._slow = None
        if not self._answering:
            self.end()

    def _stop_slow(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


def server_config(app: Any, host: str, port: int, **limits: Any) -> uvicorn.Config:
    """How uvicorn serves `app`. `limits`: other ones than this module's, as attributes of BoundedProtocol."""
    own = {"crowd": Crowd(most_connections()), **limits}
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=type("Protocol", (BoundedProtocol,), own),
        ws="none",
        log_config=None,
        access_log=False,  # paths hold ids of cases
        server_header=False,
        proxy_headers=False,  # api.origin reads them, of declared proxies only
        backlog=BACKLOG,
        timeout_graceful_shutdown=5,
    )
