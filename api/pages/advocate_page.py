"""Who visits an advocate page: the log-in behind the cookie, and what every page of an advocate has."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import actor_of
from api.deps import by_of, services_of
from api.pages import reading
from api.pages.forms import Form, check_request, cookie_name, form_token, go, read_form
from api.pages.notice_reading import count_groups
from api.pages.rendering import render_page
from api.refusals import STATUS
from db.queries.actors import AdvocateActor
from db.queries.messages import unread_of
from db.queries.pool import count_waiting
from monitor.actions.alerts import alerts_of
from monitor.actions.pauses import told_stops
from monitor.actions.rest import is_due
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door

LOGIN_COOKIE = "jikimi_login"
LOGIN_PAGE = "/advocate/login"


class LoggedOut(Exception):
    """Nobody is logged in behind this request."""


@dataclass(frozen=True, slots=True)
class AdvocatePage:
    """One request of an advocate who is logged in, with a session that reads or writes."""

    request: Request
    session: AsyncSession
    context: DomainContext
    advocate: AdvocateActor
    token: str = field(repr=False)

    async def render(self, template: str, **values: Any) -> HTMLResponse:
        """A page with the advocate's own frame: name, counts, form token."""
        counts = await reading.count_sightings(self.session, self.advocate, a_day=self.context.most_reviews_a_day)
        frame = {
            "advocate": self.advocate,
            "token": form_token(self.token),
            "now": self.context.now(),
            "to_decide": counts["open"],
            "to_vouch": await count_waiting(self.session, self.advocate),
            "unread": await unread_of(self.session, self.advocate),
            "to_do": (await count_groups(self.session, self.advocate))["attention"],
            "stops": await told_stops(self.session, self.context, self.advocate),
            "path": self.request.url.path if self.request.method == "GET" else "/advocate",
            "rest_due": is_due(self.advocate, datetime.now(UTC)),
            "alerts": len(await alerts_of(self.session, self.advocate, self.context.now())),
        }
        return render_page(self.request, template, {**frame, **values})


@asynccontextmanager
async def reading_page(request: Request) -> AsyncIterator[AdvocatePage]:
    """A page that only reads."""
    services, token = services_of(request), _token(request)
    async with services.database.read() as session:
        yield await _page(request, session, token)


@asynccontextmanager
async def noting_page(request: Request) -> AsyncIterator[AdvocatePage]:
    """A page that shows what a person told: that it was read is noted, so the transaction writes."""
    services, token = services_of(request), _token(request)
    async with services.database.begin() as session:
        yield await _page(request, session, token)


@asynccontextmanager
async def writing_page(request: Request) -> AsyncIterator[tuple[AdvocatePage, Form]]:
    """A form that an advocate sent: one transaction, committed when the block ends well."""
    services, token = services_of(request), _token(request)
    form = await read_form(request, token)
    async with services.database.begin() as session:
        yield await _page(request, session, token), form


async def _page(request: Request, session: AsyncSession, token: str) -> AdvocatePage:
    advocate = await _advocate(session, token)
    context = services_of(request).context.acting(by_of(advocate, Door.PAGE))
    return AdvocatePage(request, session, context, advocate, token)


def _token(request: Request) -> str:
    token = request.cookies.get(cookie_name(request, LOGIN_COOKIE), "")
    if not token:
        raise LoggedOut
    return token


async def _advocate(session: AsyncSession, token: str) -> AdvocateActor:
    actor = await actor_of(session, token)
    if not isinstance(actor, AdvocateActor):
        raise LoggedOut
    return actor


class PageRoute(APIRoute):
    """A page answers broken rules in words and sends whoever is logged out to the log-in.

    So a page opens its transaction itself: FastAPI would see a good answer, and commit what a dependency had begun.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """FastAPI's handler, with our errors turned into pages."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                check_request(request)
                return await handle(request)
            except LoggedOut:
                return go(LOGIN_PAGE)
            except RuleBroken as error:
                return _refused(request, error.reason)
            except DataError:
                # The database's word about a value that the checks above let through.
                return _refused(request, Refusal.UNREADABLE)
            except (OperationalError, NoConnectionFree):
                return _refused(request, Refusal.DATABASE_UNAVAILABLE)
            except IntegrityError:
                return _refused(request, Refusal.TRY_AGAIN)

        return answer


def _refused(request: Request, refusal: Refusal) -> Response:
    """The refusal in words: on the page where a form stands, or as a page of its own."""
    if request.method != "POST" or refusal is Refusal.UNREADABLE:
        # Nothing of an address or a form that cannot be read is carried on to another page.
        return render_page(
            request, "problem.html", {"problem": refusal, "home": _home(request)}, status=STATUS[refusal]
        )
    return go(_page_of_form(request), problem=refusal)


def _home(request: Request) -> str:
    """Where whoever is here begins: a person never comes upon an advocate's page."""
    return "/advocate" if request.url.path.startswith("/advocate") else "/"


def _page_of_form(request: Request) -> str:
    """The page a form stands on: its address without the last word (/advocate/notices/ID/retry)."""
    path = request.url.path
    # A letter stands on the page of its notice: /advocate/notices/ID/letters/2/send.
    path = path.partition("/letters/")[0] + "/letters" if "/letters/" in path else path
    return LOGIN_PAGE if path == LOGIN_PAGE else path.rsplit("/", 1)[0]
