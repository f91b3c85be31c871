"""Who visits an advocate page: the log-in behind the cookie, and what every page of an advocate has."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import actor_of
from api.deps import by_of, services_of
from api.pages.forms import Form, check_request, cookie_name, form_token, go, read_form
from api.pages.notice_reading import GROUPS
from api.pages.rendering import render_page
from api.refusals import STATUS
from db.queries.actors import AdvocateActor
from db.queries.frame import FrameCounts, frame_counts
from db.queries.messages import unread_of
from monitor.actions.alerts import alerts_of
from monitor.actions.pauses import told_stops
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
        counts = values.pop("frame_counts", None) or await self.counts()
        session, advocate, now = self.session, self.advocate, self.context.now()
        # What is not there is not asked for: most pages need one question for all that stands on top.
        alerts = (
            await alerts_of(session, advocate, now, troubled=counts.troubled)
            if counts.alerts or counts.troubled
            else ()
        )
        frame = {
            "advocate": advocate,
            "token": form_token(self.token),
            "now": now,
            "to_decide": counts.open,
            "to_vouch": counts.to_vouch,
            "unread": await unread_of(session, advocate) if counts.unread else {},
            "to_do": counts.to_do,
            "stops": await told_stops(session, self.context, advocate) if counts.stops else (),
            "alerts": len(alerts),
        }
        return render_page(self.request, template, {**frame, **values})

    async def counts(self) -> FrameCounts:
        """The numbers on top of the page; whoever needs them too hands them to `render` as `frame_counts`."""
        return await frame_counts(
            self.session, self.advocate, self.context.most_reviews_a_day, frozenset(GROUPS["attention"])
        )


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


async def form_of(request: Request) -> Form:
    """A form that an advocate sent, for a page that opens its transactions itself."""
    return await read_form(request, _token(request))


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
