"""Proving again who is logged in, by whichever way they have: what a stolen log-in must not do waits for it."""

from api.admission import Visit
from api.auth import prove_again
from api.passkeys import prove_with_passkey
from api.problems import Problem
from api.throttle import Wait
from db.queries.actors import AdvocateActor, OperatorActor
from monitor.app.bootstrap import Services
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal


async def prove(
    services: Services,
    actor: AdvocateActor | OperatorActor,
    *,
    password: str,
    code: str,
    visit: Visit,
    passkey: str = "",
    secret: str = "",
    browser: str = "",
) -> None:
    """Pass whoever it still is. Raises RuleBroken: PROVE_AGAIN, PASSKEY_WRONG, LOG_IN_THROTTLED, WORK_NEEDED."""
    try:
        if passkey:
            done = await prove_with_passkey(services, actor, answer=passkey, secret=secret, visit=visit)
        else:
            done = await prove_again(services, actor, password=password, totp=code, visit=visit, browser=browser)
    except Problem as problem:
        raise RuleBroken(Refusal(problem.refusal)) from None
    if isinstance(done, Wait):
        raise RuleBroken(Refusal.LOG_IN_THROTTLED)
    if not done and passkey:
        raise RuleBroken(Refusal.PASSKEY_WRONG)
    if not done:
        raise RuleBroken(Refusal.PROVE_AGAIN)
