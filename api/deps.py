"""What a route asks for: services, a session, who is logged in, and a case that this actor may touch."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import actor_of
from api.problems import Problem, not_found
from db.models.cases import Case
from db.queries.actors import Actor, AdvocateActor, PersonActor
from db.queries.cases import find_case
from monitor.app.bootstrap import Services
from monitor.core.errors import RuleBroken
from monitor.model.states import CaseState

ID_PATTERN = "^[a-z2-7]{26}$"
IdPath = Annotated[str, Path(pattern=ID_PATTERN)]
_bearer = HTTPBearer(auto_error=False, description="the token of a log-in")


def services_of(request: Request) -> Services:
    """The services that the application was made with."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


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


async def any_actor(services: ServicesDep, token: Token) -> Actor:
    """Whoever is logged in, or 401."""
    async with services.database.read() as session:
        actor = await actor_of(session, token)
    if actor is None:
        raise _log_in_first()
    return actor


AnyActor = Annotated[Actor, Depends(any_actor)]


async def advocate_only(actor: AnyActor) -> AdvocateActor:
    """An advocate, or 403."""
    if isinstance(actor, PersonActor):
        raise Problem(403, "advocates-only", "This part is for advocates.")
    return actor


AdvocateOnly = Annotated[AdvocateActor, Depends(advocate_only)]


def client_address(request: Request) -> str:
    """Where the request came from; a proxy on this machine may say so (uvicorn's --proxy-headers)."""
    return request.client.host if request.client else ""


Address = Annotated[str, Depends(client_address)]


async def get_case(session: AsyncSession, actor: Actor, case_id: str, *, lock: bool = False) -> Case:
    """A case that exists for this actor, or 404."""
    case = await find_case(session, actor, case_id, lock=lock)
    if case is None:
        raise not_found()
    return case


async def get_open_case(session: AsyncSession, actor: Actor, case_id: str, *, lock: bool = False) -> Case:
    """A case whose content this actor may see and change: the person before vouching too, an advocate only after."""
    case = await get_case(session, actor, case_id, lock=lock)
    if case.state == CaseState.OPEN and isinstance(actor, AdvocateActor):
        raise RuleBroken("not-vouched", "vouch for this case first; until then its content is the person's alone")
    if case.state == CaseState.ERASING:
        raise RuleBroken("case-closed", "this case is being erased; only the person can call that off")
    return case


def person_only(actor: Actor) -> PersonActor:
    """The person, or RuleBroken("only-the-person")."""
    if isinstance(actor, AdvocateActor):
        raise RuleBroken("only-the-person", "only the person can do this, with their passphrase")
    return actor


def by(actor: Actor) -> str:
    """The id that the record keeps for who did something."""
    return actor.case_id if isinstance(actor, PersonActor) else actor.id


def _log_in_first() -> Problem:
    return Problem(401, "not-logged-in", "Log in first.", headers={"WWW-Authenticate": "Bearer"})
