"""Serves the web application with uvicorn, beside the worker in the same event loop."""

import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from api.connections import server_config
from monitor.app.bootstrap import Services
from monitor.core.errors import ConfigError


async def serve_web(services: Services, stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Raises ConfigError when the address cannot be listened on."""
    web = services.settings.web
    config = server_config(create_app(services), web.host, web.port)
    # Bound here: uvicorn would end the process, and tell why only in a message that logs leave out.
    try:
        listener = socket.create_server((web.host, web.port), family=_family(web.host), backlog=config.backlog)
    except OSError as error:
        raise ConfigError(
            f"[web] listen: cannot listen on {web.host}:{web.port} ({os.strerror(error.errno or 0)}); is "
            "another program, or another Jikimi, there already?"
        ) from None
    with listener:
        server = _Server(config)
        ending = asyncio.create_task(_end(server, stop))
        try:
            await server.serve(sockets=[listener])
        finally:
            ending.cancel()


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
