"""Who visits an advocate page: the log-in behind the cookie, and what every page of an advocate has."""

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Visitor, staff_visitor_of
from api.deps import by_of, services_of
from api.pages.forms import Form, check_request, cookie_name, form_token, go, read_form, read_values
from api.pages.refused import refused_page
from api.pages.rendering import render_page
from db.queries.actors import AdvocateActor
from monitor.actions.desk import called_among
from monitor.actions.glance import glance
from monitor.actions.pauses import Pause, holds_of
from monitor.actions.rest import is_due
from monitor.cases.roles import Right, require, role_of
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError, RecordInvalid, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door
from monitor.model.desk import Called

log = logging.getLogger(__name__)

LOGIN_COOKIE = "jikimi_login"
LOGIN_PAGE = "/advocate/login"
TELLS_UNREAD = frozenset({"advocate/queue.html", "advocate/cases.html"})
"""Pages that name the cases in which something is unread."""
TELLS_HOLDS = frozenset({"advocate/case.html", "advocate/cases.html"})
"""Pages on which a lead ends a hold, and reads why there is one."""
MOST_UNREAD = 8
"""Named there; the rest is counted."""
ACCOUNT_PAGE = "/advocate/account"
PROOF_PAGE = "/advocate/account/prove"
COLLEAGUES_PAGE = "/advocate/colleagues"
STANDS_ON = "stands_on"
"""The field in which a form names its page, where its own address does not: it stands on several, or the page was asked
for something."""
_OWN_PAGE = re.compile(r"/advocate(/[a-z0-9-]+)*")
_WAITING_PAGE = "/advocate/cases/waiting"
_OF_WAITING = {f"/advocate/cases/{act}" for act in ("vouch", "in-hand", "hand-back", "freeze", "unfreeze")}
"""Forms about a case that is looked up there by its number."""
_PARTS = ("letters", "log-ins", "passkeys")
"""Words of addresses that name a part of a page: a letter stands on the page of its notice."""


class LoggedOut(Exception):
    """Nobody is logged in behind this request."""


class Elsewhere(Exception):
    """What is here is not for them: where they are taken instead."""

    def __init__(self, path: str) -> None:
        """`path` begins with a slash."""
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class AdvocatePage:
    """One request of an advocate who is logged in, with a session that reads or writes."""

    request: Request
    session: AsyncSession
    context: DomainContext
    advocate: AdvocateActor
    token: str = field(repr=False)
    visitor: Visitor

    @property
    def proved(self) -> bool:
        """Whether they proved within minutes that it is still them."""
        return self.visitor.proved_lately(datetime.now(UTC))

    async def render(self, template: str, **values: Any) -> HTMLResponse:
        """A page with the advocate's own frame: name, counts, form token."""
        # Whoever needs the numbers too has asked for them already.
        seen = values.pop("seen", None) or await glance(self.session, self.context, self.advocate)
        frame = {
            "advocate": self.advocate,
            "account_news": self.visitor.has_news,
            "token": form_token(self.token),
            "template": template,
            "now": self.context.now(),
            "to_decide": seen.to_decide,
            "to_vouch": seen.to_vouch,
            "unread": seen.unread,
            "unread_called": await self._called(list(seen.unread)[:MOST_UNREAD]) if template in TELLS_UNREAD else {},
            "holds": await self._holds(values) if template in TELLS_HOLDS else {},
            "to_do": seen.to_do,
            "stops": seen.stops,
            "alerts": seen.alerts,
            "path": self.request.url.path if self.request.method == "GET" else "/advocate",
            "rest_due": is_due(self.advocate, datetime.now(UTC)),
        }
        return render_page(self.request, template, {**frame, **values})

    async def _holds(self, shown: Mapping[str, Any]) -> Mapping[str, Pause]:
        """Of the cases that a page shows."""
        cases = (shown.get("case"), shown.get("found"), *shown.get("in_hand", ()))
        return await holds_of(self.session, self.context, self.advocate, cases)

    async def _called(self, case_ids: Sequence[str]) -> Mapping[str, Called]:
        """The first cases with unread messages, each with what the centre calls it."""
        known = await called_among(self.session, self.context, self.advocate, case_ids) if case_ids else {}
        return {case_id: known.get(case_id, Called()) for case_id in case_ids}


@asynccontextmanager
async def reading_page(request: Request, *rights: Right) -> AsyncIterator[AdvocatePage]:
    """A page that only reads, for whoever has one of these rights; none named: every advocate."""
    services, token = services_of(request), page_token(request)
    async with services.database.read() as session:
        yield await _page(request, session, token, rights)


@asynccontextmanager
async def noting_page(request: Request, *rights: Right) -> AsyncIterator[AdvocatePage]:
    """A page that shows what a person told: that it was read is noted, so the transaction writes."""
    services, token = services_of(request), page_token(request)
    async with services.database.begin() as session:
        yield await _page(request, session, token, rights)


@asynccontextmanager
async def writing_page(
    request: Request, *rights: Right, proof: bool = False
) -> AsyncIterator[tuple[AdvocatePage, Form]]:
    """A form that an advocate sent: one transaction, committed when the block ends well.

    `proof`: for what a stolen log-in must not do. Whoever did not prove lately who they are is asked first.
    """
    services, token = services_of(request), page_token(request)
    form = await read_form(request, token)
    async with services.database.begin() as session:
        page = await _page(request, session, token, rights)
        if proof:
            prove_first(page.visitor)
        yield page, form


async def form_of(request: Request) -> Form:
    """A form that an advocate sent, for a page that opens its transactions itself."""
    return await read_form(request, page_token(request))


async def _page(request: Request, session: AsyncSession, token: str, rights: Sequence[Right]) -> AdvocatePage:
    visitor = await staff_visitor(session, token)
    advocate = visitor.actor
    if not isinstance(advocate, AdvocateActor):
        if request.url.path == "/advocate":
            raise Elsewhere(COLLEAGUES_PAGE)
        raise RuleBroken(Refusal.NO_CASE_CONTENT)
    if visitor.enrols:
        raise Elsewhere(f"{ACCOUNT_PAGE}?problem={Refusal.ENROL_FIRST.value}")
    require(role_of(advocate), *(rights or (Right.CASES,)))
    context = services_of(request).context.acting(by_of(advocate, Door.PAGE))
    return AdvocatePage(request, session, context, advocate, token, visitor)


def page_token(request: Request) -> str:
    """The token of whoever is logged in. Raises LoggedOut."""
    token = request.cookies.get(cookie_name(request, LOGIN_COOKIE), "")
    if not token:
        raise LoggedOut
    return token


async def staff_visitor(session: AsyncSession, token: str) -> Visitor:
    """Whoever has a log-in of their own, an operator too. Raises LoggedOut."""
    visitor = await staff_visitor_of(session, token)
    if visitor is None:
        raise LoggedOut
    return visitor


def prove_first(visitor: Visitor) -> None:
    """Raises RuleBroken(PROOF_NEEDED) unless they proved within minutes who they are."""
    if not visitor.proved_lately(datetime.now(UTC)):
        raise RuleBroken(Refusal.PROOF_NEEDED)


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
            except Elsewhere as elsewhere:
                return go(elsewhere.path)
            except RuleBroken as error:
                return await _refused(request, error.reason)
            except DataError:
                # The database's word about a value that the checks above let through.
                return await _refused(request, Refusal.UNREADABLE)
            except (OperationalError, NoConnectionFree):
                return await _refused(request, Refusal.DATABASE_UNAVAILABLE)
            except IntegrityError:
                return await _refused(request, Refusal.TRY_AGAIN)
            except (CryptoError, RecordInvalid) as error:
                log.warning("a page was refused: a record cannot be opened", extra={"reason": type(error).__name__})
                return await _refused(request, Refusal.CANNOT_BE_OPENED)

        return answer


def own_page(told: str, default: str, **more: str) -> str:
    """The address of a page of an advocate's, whatever a link or a form says, and `more` that is asked of it."""
    ours = told if _OWN_PAGE.fullmatch(told.partition("?")[0]) else default
    path, _, asked = ours.partition("?")
    if path.rsplit("/", 1)[1] in _PARTS:
        path = path.rsplit("/", 1)[0]
    kept = {name: value for name, value in parse_qsl(asked) if name not in ("problem", "done")} | more
    return f"{path}?{urlencode(kept)}" if kept else path


async def _refused(request: Request, refusal: Refusal) -> Response:
    """The refusal in words: on the page where a form stands, or as a page of its own."""
    if request.method != "POST" or refusal is Refusal.UNREADABLE:
        # Nothing of an address or a form that cannot be read is carried on to another page.
        return refused_page(request, refusal)
    try:
        form = Form(await read_values(request))
    except RuleBroken as unreadable:  # it was refused before anybody read it
        return refused_page(request, unreadable.reason)
    told, of_address = form.text(STANDS_ON), _page_of_form(request.url.path, form)
    if refusal is Refusal.PROOF_NEEDED:
        return go(PROOF_PAGE, next=own_page(told, of_address))
    return go(own_page(told, of_address, problem=refusal))


def _page_of_form(path: str, form: Form) -> str:
    """The page a form stands on: its address without the last word (/advocate/notices/ID/retry)."""
    if path == LOGIN_PAGE:
        return path
    if path in _OF_WAITING:
        return f"{_WAITING_PAGE}?{urlencode({'number': form.text('case')})}"
    for part in _PARTS:
        # /advocate/notices/ID/letters/2/send
        path = path.partition(f"/{part}/")[0] + f"/{part}" if f"/{part}/" in path else path
    return path.rsplit("/", 1)[0]
