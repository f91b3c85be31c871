"""A connection between a browser and the application that is killed when a test says so.

Killed before a request arrives, the server never hears of it; killed after, its answer is lost. One request a
connection, so that a browser does not try again by itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum


class Cut(StrEnum):
    """When."""

    BEFORE = "before it arrives"
    AFTER = "before its answer arrives"
    WITHIN = "in the middle of its answer"
    STALLS = "in the middle of its answer, and nobody hangs up"


@dataclass
class CuttingProxy:
    """`decide` is asked about each request by method and path; None lets it pass."""

    upstream: tuple[str, int]
    decide: Callable[[str, str], Cut | None] = lambda _method, _path: None
    address: str = ""
    cuts: list[tuple[str, str, Cut]] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    running: int = 0
    quiet_since: float = 0.0

    async def quiet(self, seconds: float = 0.2) -> None:
        """Until nothing was asked for so long."""
        while self.running or time.monotonic() < self.quiet_since + seconds:  # noqa: ASYNC110  # nobody tells the end
            await asyncio.sleep(0.02)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser."""
        self.running += 1
        try:
            await self._one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the browser went away
        finally:
            writer.close()
            self.running -= 1
            self.quiet_since = time.monotonic()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(sizes[0].partition(b":")[2])) if sizes else b""
        self.seen.append((method, path))
        cut = self.decide(method, path)
        if cut is not None:
            self.cuts.append((method, path, cut))
        if cut is Cut.BEFORE:
            return
        lines = [line for line in head.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
        there, back = await asyncio.open_connection(*self.upstream)
        back.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body)
        await back.drain()
        answer = await there.read()
        back.close()
        if cut is Cut.AFTER:
            return
        whole, half = len(answer), (answer.index(b"\r\n\r\n") + 4 + len(answer)) // 2
        writer.write(answer[: whole if cut is None else half])
        await writer.drain()
        if cut is Cut.STALLS:
            await reader.read()  # until the browser does


@asynccontextmanager
async def cutting_proxy(upstream: str) -> AsyncIterator[CuttingProxy]:
    """In front of the application at `upstream`, on a port of its own."""
    host, _, port = upstream.removeprefix("http://").partition(":")
    proxy = CuttingProxy((host, int(port)))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
