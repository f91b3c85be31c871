"""A section is asked once whether it could answer: what FastAPI finds is found, and nothing is asked in vain."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from api.app import _routes
from api.sections import include


def _scope(path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"type": "http", "path": path, "method": method, "headers": [], **more}


def _paths(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield from ((prefix + route.path, method) for method in sorted(route.methods or ()))
        else:
            yield from _paths(route.original_router.routes, prefix + route.include_context.prefix)


def test_every_path_of_the_application_is_found_and_by_few_sections() -> None:
    found = sorted(set(_paths(_routes())))
    assert len(found) > 250
    for path, method in found:
        asked = re.sub(r"{\w+}", "a" * 26, path)
        ways = [route.matches(_scope(asked, method))[0] for route in _routes()]
        assert Match.FULL in ways, (method, path)
        assert sum(way is not Match.NONE for way in ways) < 6, path


def test_a_section_says_what_fastapi_says(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = APIRouter()

    @inner.get("/things/{thing_id}")
    async def thing(thing_id: str) -> str:
        return thing_id

    @inner.post("/things/{thing_id}/parts/{number:int}")
    async def part(thing_id: str, number: int) -> str:
        return f"{thing_id} {number}"

    plain, ours = FastAPI(), FastAPI()
    plain.router.include_router(inner, prefix="/api")
    include(ours.router, inner, prefix="/api")
    tried = ("/api/things/1", "/api/things/1/", "/api/things/1/parts/2", "/api/things/1/parts/x", "/things/1", "/")
    told = {}
    for path in tried:
        for method in ("GET", "POST", "PUT"):
            for more in ({}, {"root_path": "/below"}):
                one, other = (app.router.routes[-1].matches(_scope(path, method, **more)) for app in (plain, ours))
                assert one[0] is other[0], (path, method)
                told[path, method] = one[0]
    assert set(told.values()) == {Match.FULL, Match.PARTIAL, Match.NONE}
    # And what could not be one of its own is not looked through.
    monkeypatch.setattr(APIRouter, "matches", None)
    assert ours.router.routes[-1].matches(_scope("/api/other"))[0] is Match.NONE
