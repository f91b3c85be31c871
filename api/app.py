"""The web application: the JSON API under /api, the pages, their files under /static."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api import errors, pages
from api.admission import Admission
from api.assets.store import PREFIX, serve_asset
from api.budgets import Budgets
from api.centre_cards import CentreCards
from api.gate import Gate
from api.guard import Guard
from api.origin import Origins, networks
from api.pages.shared import SharedPages
from api.public_figures import PublicFigures
from api.ready import Readiness
from api.routes import (
    accounts,
    addresses,
    admission,
    cases,
    centres,
    codes,
    consents,
    copies,
    desk,
    drafts,
    entries,
    evidence,
    figures,
    fingerprints,
    following,
    gathered,
    hand_off,
    intake,
    items,
    linking,
    links,
    lists,
    log_ins,
    names,
    news,
    notices,
    operations,
    oversight,
    own_pages,
    papers,
    place_reports,
    platform,
    pool,
    reports,
    sightings,
    standing,
    stops,
    talk,
    transfers,
)
from api.schemas.common import ProblemView
from api.sections import include
from monitor import __version__
from monitor.app.bootstrap import Services

_STATIC = Path(__file__).resolve().parent / "static"
_NOUNS = (
    admission,
    log_ins,
    cases,
    intake,
    entries,
    fingerprints,
    links,
    consents,
    items,
    sightings,
    notices,
    copies,
    hand_off,
    evidence,
    codes,
    pool,
    operations,
    stops,
    reports,
    following,
    linking,
    figures,
    place_reports,
    addresses,
    standing,
    talk,
    papers,
    news,
    centres,
    lists,
    own_pages,
    names,
    desk,
    gathered,
    transfers,
    oversight,
    accounts,
)
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": ProblemView,
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemView"}}},
    }
    for status, description in {
        400: "not readable as JSON",
        401: "not logged in, or the log-in is over",
        403: "not for this role",
        404: "not there, or somebody else's",
        409: "a rule of the case or the notice forbids it; `code` says which",
        413: "larger than any honest body",
        415: "a picture, or not JSON",
        422: "the values do not fit",
        429: "too many failures, or too many ask at once; see Retry-After, and `work`",
        503: "the database is busy or away",
    }.items()
}
_ABOUT = (
    "Finds and removes copies of a person's intimate or faked pictures. Pictures are never sent here: a device sends "
    "fingerprints. Errors are RFC 9457 problems whose `code` is stable. Times are in UTC."
)


@cache
def _routes() -> tuple[Any, ...]:
    """Every operation and page. They hold no services, and what FastAPI works out for each takes a quarter of a second
    in all, so the applications of a process share them."""
    router = APIRouter()
    for noun in _NOUNS:
        include(router, noun.router, prefix="/api", responses=_PROBLEMS)
    include(router, platform.router, responses=_PROBLEMS)
    include(router, drafts.router)
    include(router, operations.alive_router)
    return (*router.routes, *pages.router.routes)


def create_app(services: Services, budgets: Budgets | None = None) -> FastAPI:
    """The application over services that somebody else builds and closes. `budgets`: other than the usual ones."""
    app = FastAPI(
        title="Jikimi",
        description=_ABOUT,
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's page loads its scripts from a CDN
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    origins = Origins(networks(services.settings.web.trusted_proxies))
    app.state.admission = Admission(services, budgets or Budgets(), origins)
    app.state.readiness = Readiness(services.database)
    app.state.public_figures = PublicFigures(services)
    app.state.shared_pages = SharedPages()
    app.state.centres = CentreCards(services)
    errors.install(app)
    app.router.routes.extend(_routes())
    app.mount(PREFIX.rstrip("/"), serve_asset)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(Gate, origins=origins)
    app.add_middleware(Guard, https=services.settings.web.public_url.startswith("https://"))
    return app
