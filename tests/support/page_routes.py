"""Every page and form of the application, as it is served."""

from collections.abc import Iterable, Iterator
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.support.api_world import ApiWorld


def application(world: ApiWorld) -> FastAPI:
    """The application behind the world's client."""
    transport = world.http._transport  # the client has no other way to name it
    assert isinstance(transport, httpx.ASGITransport) and isinstance(transport.app, FastAPI)
    return transport.app


def page_routes(world: ApiWorld) -> set[tuple[str, str]]:
    """Method and path of each."""
    found = {
        (method, route.path)
        for route in _routes(application(world).routes)
        if not route.include_in_schema
        for method in route.methods or ()
    }
    assert len(found) > 20
    return found


def _routes(routes: Iterable[Any]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):  # how FastAPI keeps a router that was included
            yield from _routes(route.original_router.routes)
