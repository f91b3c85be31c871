"""What a route asks for: services, a session, and who is logged in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.admission import Admission, Visit
from api.auth import WORK_FOR_A_TRY, Visitor, is_the_person, visitor_of
from api.budgets import Act
from api.problems import Problem, wait
from api.schemas.cases import Reentered
from api.throttle import Wait
from db.models.cases import Case
from db.models.platform_side import PlatformToken
from db.queries.actors import Actor, AdvocateActor, OperatorActor, PersonActor
from db.queries.people import case_to_log_in
from monitor.actions.access import get_case, get_open_case, refuse_content
from monitor.app.bootstrap import Services
from monitor.cases.roles import Right, require, role_of
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door
from monitor.notices.platform_tokens import token_behind

ID_PATTERN = "^[a-z2-7]{26}$"
IdPath = Annotated[str, Path(pattern=ID_PATTERN)]
_bearer = HTTPBearer(auto_error=False, description="the token of a log-in")


def services_of(request: Request) -> Services:
    """The services that the application was made with."""
    services: Services = request.app.state.services
    return services


async def _services_of(request: Request) -> Services:
    """On the loop: FastAPI gives each dependency that is no coroutine a thread, up to forty of them in a flood."""
    return services_of(request)


ServicesDep = Annotated[Services, Depends(_services_of)]


async def _writing(services: ServicesDep) -> AsyncIterator[AsyncSession]:
    async with services.database.begin() as session:
        yield session


async def _reading(services: ServicesDep) -> AsyncIterator[AsyncSession]:
    async with services.database.read() as session:
        yield session


# Of scope "function": the transaction is committed before the answer leaves, so that a 200 is never a lie.
Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]


async def token_of(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """The bearer token, or 401."""
    if credentials is None or not credentials.credentials:
        raise _log_in_first()
    return credentials.credentials


Token = Annotated[str, Depends(token_of)]


async def any_visitor(services: ServicesDep, token: Token) -> Visitor:
    """Whoever is logged in, or 401. An operator too: of what they may see alone."""
    async with services.database.read() as session:
        visitor = await visitor_of(session, token)
    if visitor is None:
        raise _log_in_first()
    return visitor


AnyVisitor = Annotated[Visitor, Depends(any_visitor)]


async def any_actor(visitor: AnyVisitor) -> Actor:
    """Whoever is logged in and may have to do with cases; 403 for an operator, and before a new way to log in is set
    up."""
    if isinstance(visitor.actor, OperatorActor):
        raise Problem(Refusal.NO_CASE_CONTENT)
    if visitor.enrols:
        raise Problem(Refusal.ENROL_FIRST)
    return visitor.actor


AnyActor = Annotated[Actor, Depends(any_actor)]


async def staff(visitor: AnyVisitor) -> AdvocateActor | OperatorActor:
    """Whoever has a log-in of their own, an operator too; 403 for a person."""
    if isinstance(visitor.actor, PersonActor):
        raise Problem(Refusal.ADVOCATES_ONLY, "This part is for advocates.")
    if visitor.enrols:  # an app or a passkey is set up in a browser
        raise Problem(Refusal.ENROL_FIRST)
    return visitor.actor


StaffDep = Annotated[AdvocateActor | OperatorActor, Depends(staff)]


def needs(*rights: Right) -> Any:
    """A dependency: 403 for whoever has none of these rights (monitor.cases.roles)."""

    async def check(actor: StaffDep) -> None:
        require(role_of(actor), *rights)

    return Depends(check)


async def recent_proof(visitor: AnyVisitor) -> None:
    """403 unless whoever is at work proved within minutes that it is still them. A person's own doors ask for their
    words instead."""
    if not isinstance(visitor.actor, PersonActor) and not visitor.proved_lately(datetime.now(UTC)):
        raise Problem(Refusal.PROOF_NEEDED)


# For what a stolen log-in must not do: POST /api/account/proof first, then again.
RecentProof = Depends(recent_proof)


def by_of(actor: Actor | OperatorActor, door: Door) -> By:
    """Who this is in the ledger."""
    if isinstance(actor, OperatorActor):
        return By.operator_account(actor.id, door)
    return By.person(door) if isinstance(actor, PersonActor) else By.advocate(actor.id, door)


async def _context_of(services: ServicesDep, actor: AnyActor) -> DomainContext:
    return services.context.acting(by_of(actor, Door.API))


# What a domain call needs, for whoever is logged in.
Context = Annotated[DomainContext, Depends(_context_of)]


async def ask_passphrase(services: Services, visit: Visit, actor: Actor, case_id: str, given: Reentered | None) -> None:
    """The person has given their passphrase again, else a Problem. Outside any transaction: it takes a while."""
    if not isinstance(actor, PersonActor) or actor.case_id != case_id:
        return  # an advocate has none; whose case it is not is told so by the call itself
    passphrase = "" if given is None else given.passphrase
    if not passphrase:
        raise Problem(Refusal.WORDS_NEEDED, "This needs your passphrase once more.")
    done = await is_the_person(services, case_id=case_id, passphrase=passphrase, visit=visit)
    if isinstance(done, Wait):
        raise wait(done.seconds, visit.admission.challenge(WORK_FOR_A_TRY) if done.may_work else None)
    if not done:
        raise Problem(Refusal.WORDS_NEEDED, "This is not the passphrase. Please check and try again.")


async def advocate_only(actor: AnyActor) -> AdvocateActor:
    """An advocate, or 403."""
    if isinstance(actor, PersonActor):
        raise Problem(Refusal.ADVOCATES_ONLY, "This part is for advocates.")
    return actor


AdvocateOnly = Annotated[AdvocateActor, Depends(advocate_only)]


async def _case_to_read(session: Reading, actor: AnyActor, case_id: IdPath) -> Case:
    return await get_open_case(session, actor, case_id)


async def _case_to_change(session: Writing, actor: AnyActor, case_id: IdPath) -> Case:
    return await get_open_case(session, actor, case_id, lock=True)


async def case_to_take_back(session: AsyncSession, actor: Actor, case_id: str, *, lock: bool = True) -> Case:
    """What the person said yes to they can take back even while the case is frozen."""
    case = await get_case(session, actor, case_id, lock=lock)
    if case.frozen_at is None or not isinstance(actor, PersonActor):
        refuse_content(actor, case)
    return case


async def _case_to_take_back(session: Writing, actor: AnyActor, case_id: IdPath) -> Case:
    return await case_to_take_back(session, actor, case_id)


async def _case_on_hold_too(session: Reading, actor: AnyActor, case_id: IdPath) -> Case:
    return await case_to_take_back(session, actor, case_id, lock=False)


# The case of the path, if whoever is logged in may see its content; locked where it is to be changed.
CaseToRead = Annotated[Case, Depends(_case_to_read)]
CaseToChange = Annotated[Case, Depends(_case_to_change)]
CaseToTakeBack = Annotated[Case, Depends(_case_to_take_back)]
# To read: what the person must know while it is on hold, such as that they can call something off.
CaseOnHoldToo = Annotated[Case, Depends(_case_on_hold_too)]


async def platform_token(services: ServicesDep, token: Token) -> PlatformToken:
    """Whose program asks, or 401."""
    async with services.database.read() as session:
        found = await token_behind(session, token)
    if found is None:
        raise _log_in_first()
    return found


PlatformTokenDep = Annotated[PlatformToken, Depends(platform_token)]


async def _platform_context(services: ServicesDep, _: PlatformTokenDep) -> DomainContext:
    return services.context.acting(By.program("platform-token"))


# To look; an answer is the platform's own.
PlatformContext = Annotated[DomainContext, Depends(_platform_context)]


def visit_of(request: Request) -> Visit:
    """Who asks, without a log-in, and the work that came along."""
    admission: Admission = request.app.state.admission
    return admission.visit(request)


async def _visit_of(request: Request) -> Visit:
    return visit_of(request)


VisitDep = Annotated[Visit, Depends(_visit_of)]


async def _admit_person(visit: Visit, actor: Actor, act: Act) -> None:
    # Anybody can open a case and so be a person; an advocate was made by the operator.
    if isinstance(actor, PersonActor):
        await visit.admit(act)


async def _admit_fingerprint(visit: VisitDep, actor: AnyActor) -> None:
    await _admit_person(visit, actor, Act.FINGERPRINT)


async def _admit_place(visit: VisitDep, actor: AnyActor) -> None:
    await _admit_person(visit, actor, Act.PLACE)


async def _admit_change(services: ServicesDep, visit: VisitDep, actor: AnyActor) -> None:
    """Of strangers alone: whom somebody vouched for stops and takes back at once, whatever goes on around them."""
    if not isinstance(actor, PersonActor):
        return
    async with services.database.read() as session:
        case = await case_to_log_in(session, actor.case_id)
    if case is None or case.vouched_at is None:
        await visit.admit(Act.CHANGE)


AdmitFingerprint = Depends(_admit_fingerprint)
AdmitChange = Depends(_admit_change)
AdmitPlace = Depends(_admit_place)


def _log_in_first() -> Problem:
    return Problem(Refusal.NOT_LOGGED_IN, "Log in first.", headers={"WWW-Authenticate": "Bearer"})
