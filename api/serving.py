"""Serves the web application with uvicorn, beside the worker in the same event loop."""

import asyncio
import errno
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from api.connections import server_config
from api.pages.rendering import compile_template, templates
from monitor.app.bootstrap import Services
from monitor.core.errors import ConfigError

SETTLED, PAUSE = 10.0, 0.05
"""Seconds: after the start of the process; between two templates, each some 10 ms of processor time."""


async def serve_web(services: Services, stop: asyncio.Event, *, descriptor: int | None = None) -> None:
    """Serve until `stop` is set. Raises ConfigError when the address cannot be listened on.

    `descriptor`: of a socket that listens already, opened by whoever started this process.
    """
    web = services.settings.web
    config = server_config(create_app(services), web.host, web.port)
    with _handed(descriptor) if descriptor is not None else _bound(web.host, web.port, config.backlog) as listener:
        without_delay(listener)
        server = _Server(config)
        beside = [asyncio.create_task(one) for one in (_end(server, stop), _compile_all())]
        try:
            await server.serve(sockets=[listener])
        finally:
            for one in beside:
                one.cancel()


def _bound(host: str, port: int, backlog: int) -> socket.socket:
    """Bound here: uvicorn would end the process, and tell why only in a message that logs leave out."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=backlog)
    except OSError as error:
        raise ConfigError(
            f"[web] listen: cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}); is "
            "another program, or another Jikimi, there already?"
        ) from None


def _handed(descriptor: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=descriptor)
        if not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise OSError(errno.ENOTCONN, "")
    except OSError as error:
        raise ConfigError(
            f"--listen-fd: {descriptor} is no socket that listens ({os.strerror(error.errno or 0)})"
        ) from None
    return listener


def without_delay(listener: socket.socket) -> None:
    """What it accepts sends each part of an answer at once.

    asyncio sees to that only for sockets that know their protocol, and those of `create_server` do not: the body of an
    answer on a connection that is kept would wait until the other side says that the head arrived, which it does after
    40 ms. Accepted sockets take the option over from the one that listens (tcp(7)).
    """
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def _compile_all(settled: float = SETTLED, pause: float = PAUSE) -> None:
    """Compile every page before somebody asks for it, one after the other, when the process has settled."""
    await asyncio.sleep(settled)
    for name in await asyncio.to_thread(templates):
        await asyncio.to_thread(compile_template, name)
        await asyncio.sleep(pause)


class _Server(uvicorn.Server):
    """Leaves signals to its caller, who closes the rest in order. uvicorn would raise them once more when it is done,
    and the process would end before worker and databases were closed."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """None."""
        yield


async def _end(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
