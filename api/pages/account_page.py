"""A page of somebody's own account, or of accounts: for advocates, leads and operators alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Visitor
from api.deps import by_of, services_of
from api.pages.advocate_page import ACCOUNT_PAGE, AdvocatePage, Elsewhere, page_token, prove_first, staff_visitor
from api.pages.forms import Form, form_token, read_form
from api.pages.rendering import render_page
from api.refusals import STATUS
from db.locking import lock_one
from db.models.people import Advocate
from db.queries.actors import AdvocateActor, OperatorActor, PersonActor
from monitor.cases.accounts.desk import Desk
from monitor.cases.roles import Right, require, role_of
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One request of whoever has a log-in of their own."""

    request: Request
    session: AsyncSession
    context: DomainContext
    actor: AdvocateActor | OperatorActor
    visitor: Visitor
    token: str = field(repr=False)

    @property
    def desk(self) -> Desk:
        """Where they change accounts."""
        return Desk.of(self.context)

    async def own(self, *, lock: bool = False) -> Advocate:
        """Their own account."""
        if lock:
            return await lock_one(self.session, Advocate, self.actor.id)
        return await self.session.get_one(Advocate, self.actor.id)

    async def render(self, template: str, *, problem: Refusal | None = None, **values: Any) -> HTMLResponse:
        """A page in the advocate's own frame, or in the operator's, which names nothing of cases."""
        told = values if problem is None else {**values, "problem": problem}
        if isinstance(self.actor, AdvocateActor) and not self.visitor.enrols:
            page = AdvocatePage(self.request, self.session, self.context, self.actor, self.token, self.visitor)
            answer = await page.render(template, **told)
        else:
            frame: dict[str, Any] = {"advocate": self.actor, "token": form_token(self.token), "now": self.context.now()}
            frame |= {"template": template, "path": self.request.url.path, "rest_due": False}
            frame |= {"account_news": self.visitor.has_news, "stops": (), "narrow_frame": True}
            frame |= {"operator": isinstance(self.actor, OperatorActor)}
            answer = render_page(self.request, template, {**frame, **told})
        answer.status_code = STATUS[problem] if problem else answer.status_code
        return answer


@asynccontextmanager
async def reading_account(request: Request, *rights: Right) -> AsyncIterator[AccountPage]:
    """A page that only reads, for whoever has one of these rights; none named: their own account."""
    services, token = services_of(request), page_token(request)
    async with services.database.read() as session:
        yield await _page(request, session, token, rights)


@asynccontextmanager
async def writing_account(
    request: Request, *rights: Right, proof: bool = True, enrolling: bool = False
) -> AsyncIterator[tuple[AccountPage, Form]]:
    """A form: one transaction, committed when the block ends well. `proof`: see `writing_page`.

    `enrolling`: it sets up a way to log in. Whoever lost theirs has none to prove themselves with: the code by which
    they came in, which counts once, was their proof.
    """
    services, token = services_of(request), page_token(request)
    form = await read_form(request, token)
    async with services.database.begin() as session:
        page = await _page(request, session, token, rights)
        if proof and not (enrolling and page.visitor.enrols):
            prove_first(page.visitor)
        yield page, form


async def _page(request: Request, session: AsyncSession, token: str, rights: tuple[Right, ...]) -> AccountPage:
    visitor = await staff_visitor(session, token)
    actor = visitor.actor
    assert not isinstance(actor, PersonActor)  # noqa: S101  # staff_visitor has seen to it
    require(role_of(actor), *(rights or (Right.OWN_ACCOUNT,)))
    if visitor.enrols and rights:
        raise Elsewhere(f"{ACCOUNT_PAGE}?problem={Refusal.ENROL_FIRST.value}")
    context = services_of(request).context.acting(by_of(actor, Door.PAGE))
    return AccountPage(request, session, context, actor, visitor, token)
