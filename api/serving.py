"""Serves the web application with uvicorn, beside the worker in the same event loop."""

import os
import socket

import uvicorn

from api.app import create_app
from api.connections import server_config
from monitor.app.bootstrap import Services
from monitor.core.errors import ConfigError


async def serve_web(services: Services) -> None:
    """Serve until the process is told to stop. Raises ConfigError when the address cannot be listened on."""
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
        await uvicorn.Server(config).serve(sockets=[listener])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
