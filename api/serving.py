"""Serves the web application with uvicorn, beside the worker in the same event loop."""

import uvicorn

from api.app import create_app
from monitor.bootstrap import Services


async def serve_web(services: Services) -> None:
    """Serve until the process is told to stop."""
    web = services.settings.web
    config = uvicorn.Config(
        create_app(services),
        host=web.host,
        port=web.port,
        log_config=None,
        access_log=False,  # paths hold ids of cases
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(config).serve()
