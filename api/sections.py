"""Routes in sections: whether one of a section's could answer is one question, asked before each of them is.

FastAPI asks every route of every included router in turn, and asks again on each level of inclusion that it goes down:
for hundreds of routes that is most of what a short answer costs.
"""

import re
from typing import Any

from fastapi import APIRouter
from starlette.routing import Match, compile_path
from starlette.types import Scope

_NAMED = re.compile(r"\(\?P<\w+>")


def include(router: APIRouter, section: APIRouter, *, prefix: str = "", **options: Any) -> None:
    """As `router.include_router`. `section` holds routes, and no router that was included in it."""
    router.include_router(_Section(section, prefix), prefix=prefix, **options)


class _Section(APIRouter):
    """The routes of a router, which know together what paths they have."""

    def __init__(self, routes: APIRouter, prefix: str) -> None:
        super().__init__(default_response_class=routes.default_response_class)
        self.routes.extend(routes.routes)
        paths = [prefix + str(getattr(route, "path")) for route in routes.routes]  # noqa: B009  # of all that we have
        self._could = re.compile("|".join(_NAMED.sub("(?:", compile_path(path)[0].pattern) for path in paths))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As FastAPI says it, where the path is like one of ours."""
        # Below another application the path has a part that is not ours: then FastAPI tells alone.
        if not scope.get("root_path") and self._could.match(scope["path"]) is None:
            return Match.NONE, {}
        return super().matches(scope)
