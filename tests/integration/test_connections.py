"""Real sockets: half-open connections by the thousand, slow senders, slow readers; everybody else is answered."""

import asyncio
import contextlib
import gc
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.connections import Crowd, most_connections, server_config
from api.guard import BODY_SECONDS, Guard
from api.serving import serve_web
from tests.support.api_world import ApiWorld

FLOOD = """
import resource, socket, sys, time
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4000), hard))
port, count = int(sys.argv[1]), int(sys.argv[2])
held = []
for number in range(count):
    one = socket.create_connection(("127.0.0.1", port), timeout=60)
    one.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nX-Slow: ")
    held.append(one)
print("open", flush=True)
sys.stdin.read()
"""


async def healthz(_: Request) -> Response:
    """At once."""
    return Response("ok")


async def large(_: Request) -> Response:
    """More than any buffer between two programs holds."""
    return Response(b"x" * 16 * 2**20)


@asynccontextmanager
async def serving(*, body_seconds: float = BODY_SECONDS, **limits: Any) -> AsyncIterator[int]:
    """The port of a server with our way of taking connections."""
    bare = Starlette(routes=[Route("/healthz", healthz, methods=["GET", "POST"]), Route("/large", large)])
    app = Guard(bare, body_seconds=body_seconds)
    config = server_config(app, "127.0.0.1", 0, **limits)
    with socket.create_server(("127.0.0.1", 0), backlog=config.backlog) as listener:
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110  # uvicorn offers a flag, no event
            await asyncio.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is closed for certain."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def open_files() -> int:
    """Of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def ask(port: int) -> float:
    """Seconds until a fresh visitor is answered."""
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=60) as http:
        assert (await http.get(f"http://127.0.0.1:{port}/healthz")).text == "ok"
    return time.monotonic() - began


async def closed_after(reader: asyncio.StreamReader) -> float:
    """Seconds until the other side closes."""
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(60):
            await reader.read()
    return time.monotonic() - began


async def test_1500_half_open_connections_keep_nobody_out(caplog: pytest.LogCaptureFixture) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        # As where the limit cannot be raised: fewer files than connections that come.
        async with serving(crowd=Crowd(1024 - 300)) as port:
            flood = await asyncio.create_subprocess_exec(
                sys.executable, "-c", FLOOD, str(port), "1500", stdin=-1, stdout=-1
            )
            assert flood.stdout is not None
            async with asyncio.timeout(100):
                opened = asyncio.create_task(flood.stdout.readline())
                while not opened.done():
                    assert await ask(port) < 10
                    await asyncio.sleep(0.05)
                assert await opened == b"open\n"
            for _ in range(20):
                assert await ask(port) < 10
            assert open_files() < 1000
            await flood.communicate(b"")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(caplog.records) < 50


async def test_a_request_that_never_ends_its_headers_is_closed_and_a_trickle_does_not_help() -> None:
    async with serving(header_seconds=0.5) as port, connected(port) as (reader, writer):

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                while True:
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert 0.3 < await closed_after(reader) < 20
        trickling.cancel()
        async with connected(port) as (silent, _):
            assert await closed_after(silent) < 20
        assert await ask(port) < 10


async def test_body_that_does_not_arrive_in_time_is_refused_in_words_however_it_trickles() -> None:
    async with serving(body_seconds=0.5) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        for _ in range(100):
            writer.write(b"a")
            with contextlib.suppress(TimeoutError):
                answer = await asyncio.wait_for(reader.readline(), 0.05)
                break
        else:
            pytest.fail("it may trickle for ever")
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"took too long" in await reader.read(2000)
        writer.close()


async def test_second_request_on_a_connection_has_a_limit_too_and_an_honest_one_is_answered() -> None:
    async with serving(header_seconds=0.5) as port, connected(port) as (reader, writer):
        for _ in range(3):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200 OK" in await reader.readuntil(b"ok")
            await asyncio.sleep(0.3)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost:")
        assert await closed_after(reader) < 20


async def test_an_answer_that_nobody_reads_is_given_up() -> None:
    async with serving(unread_seconds=0.5) as port, connected(port) as (reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(2)
        read = 0
        with contextlib.suppress(ConnectionError):
            while block := await reader.read(2**20):
                read += len(block)
        assert read < 16 * 2**20
        assert await ask(port) < 10


async def test_who_is_being_answered_is_not_closed_for_whoever_comes() -> None:
    async with serving(crowd=Crowd(3)) as port, AsyncExitStack() as opened:
        reader, writer = await opened.enter_async_context(connected(port))
        writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        for _ in range(10):
            await opened.enter_async_context(connected(port))
        assert await ask(port) < 10
        assert len(await reader.readexactly(16 * 2**20)) == 16 * 2**20


def test_there_are_files_left_for_everything_else() -> None:
    most, (soft, _) = most_connections(), resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 16 <= most <= 1000
    assert soft == resource.RLIM_INFINITY or most + 300 <= soft


def test_uvicorn_itself_reads_no_forwarded_addresses() -> None:
    """It would believe whatever comes from this machine; api.origin believes declared proxies."""
    assert server_config(Starlette(), "127.0.0.1", 0).proxy_headers is False


async def test_no_part_of_an_answer_waits_for_the_reader(sqlite_world: ApiWorld) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = sqlite_world.services.settings
    web = settings.web.model_copy(update={"listen": f"127.0.0.1:{port}"})
    services, stop = replace(sqlite_world.services, settings=settings.model_copy(update={"web": web})), asyncio.Event()
    serving = asyncio.create_task(serve_web(services, stop))
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as http:  # until it listens
        assert (await http.get(f"http://127.0.0.1:{port}/healthz")).is_success  # and the connection is kept
        kept = [one for one in gc.get_objects() if isinstance(one, asyncio.Transport)]
        ends = [(one.get_extra_info("sockname"), one.get_extra_info("socket")) for one in kept]
        ours = [end for name, end in ends if name and name[1] == port]
        assert [bool(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) for end in ours] == [True]
    stop.set()
    await serving
