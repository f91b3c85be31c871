"""Logging in and out."""

from fastapi import APIRouter

from api import auth
from api.admission import Visit
from api.deps import ServicesDep, Token, VisitDep, Writing
from api.problems import Problem, wait
from api.schemas.people import AdvocateLoggedIn, AdvocateLogIn, PersonLoggedIn, PersonLogIn
from api.throttle import Wait
from db.queries.actors import PersonActor
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door

router = APIRouter(prefix="/log-ins", tags=["log-ins"])


@router.post("/person", status_code=201)
async def log_in_person(services: ServicesDep, visit: VisitDep, body: PersonLogIn) -> PersonLoggedIn:
    """A case id with its passphrase. One answer for a wrong id and a wrong passphrase."""
    done = await auth.log_in_person(services, case_id=body.case_id, passphrase=body.passphrase, visit=visit)
    login = _or_problem(done, visit)
    return PersonLoggedIn(token=login.token, expires_at=login.expires_at)


@router.post("/advocate", status_code=201)
async def log_in_advocate(services: ServicesDep, visit: VisitDep, body: AdvocateLogIn) -> AdvocateLoggedIn:
    """Login, password and the current six digits, which work once. One answer whatever was wrong."""
    done = await auth.log_in_advocate(
        services, login=body.login, password=body.password, totp=body.totp, visit=visit, door=Door.API
    )
    login = _or_problem(done, visit)
    name = "" if isinstance(login.actor, PersonActor) else login.actor.name
    return AdvocateLoggedIn(token=login.token, expires_at=login.expires_at, name=name)


@router.delete("/current", status_code=204)
async def log_out(session: Writing, token: Token) -> None:
    """The token is worth nothing from now on."""
    await auth.log_out(session, token)


def _or_problem(done: auth.LoggedIn | Wait | None, visit: Visit) -> auth.LoggedIn:
    if isinstance(done, Wait):
        work = visit.admission.challenge(auth.WORK_FOR_A_TRY) if done.may_work else None
        raise wait(done.seconds, work)
    if done is None:
        raise Problem(Refusal.LOG_IN_WRONG, "This does not fit together. Please check and try again.")
    return done
