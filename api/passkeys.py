"""A passkey at the door: logging in with it, and proving again who somebody is."""

from datetime import UTC, datetime
from typing import Any

from api.admission import Visit
from api.auth import LoggedIn, actor_behind, by_account, count_try, forgive_try, start_login
from api.budgets import Act
from api.throttle import Wait
from db.queries import people
from db.queries.actors import AdvocateActor, OperatorActor
from monitor.app.bootstrap import Services
from monitor.cases.accounts.challenges import Purpose
from monitor.cases.accounts.desk import Desk
from monitor.cases.accounts.passkeys import find_signed, party_of, use_signed
from monitor.evidence.by import Door
from monitor.evidence.entry_kinds import EntryKind


async def log_in_with_passkey(
    services: Services, *, answer: str, secret: str, visit: Visit, device: str
) -> LoggedIn | Wait | None:
    """None: it does not fit, whatever of it, and nobody can tell what. `secret`: what binds the form to its browser."""
    party = party_of(services.settings.web.public_url)
    if party is None:
        return None
    await visit.admit(Act.LOG_IN)
    async with visit.admission.turn(visit.origin, given=visit.paid):
        wait = await count_try(services, visit)
        if wait is not None:
            return wait
        # Looked at before the transaction that writes: checking a signature takes a while.
        async with services.database.read() as session:
            told: dict[str, Any] = {"answer": answer, "secret": secret, "now": datetime.now(UTC)}
            signed = await find_signed(session, services.keys, party, Purpose.LOG_IN, **told)
        if signed is None:
            return None
        async with services.database.begin() as session:
            account = await people.active_advocate(session, signed.passkey.advocate_id)
            if account is None:
                return None
            context = services.context.acting(by_account(account, Door.PAGE))
            if not await use_signed(session, Desk.of(context), signed):
                return None
            await context.record_installation(session, EntryKind.LOGGED_IN, way="passkey")
            await forgive_try(session, visit)
            return await start_login(session, actor_behind(account), device)


async def prove_with_passkey(
    services: Services, actor: AdvocateActor | OperatorActor, *, answer: str, secret: str, visit: Visit
) -> Wait | bool:
    """Is it still them who sits there? One of their own passkeys says so. `secret`: of their log-in."""
    party = party_of(services.settings.web.public_url)
    if party is None:
        return False
    wait = await count_try(services, visit)
    if wait is not None:
        return wait
    async with services.database.read() as session:
        told: dict[str, Any] = {"answer": answer, "secret": secret, "now": datetime.now(UTC)}
        signed = await find_signed(session, services.keys, party, Purpose.PROVE, account_id=actor.id, **told)
    if signed is None:
        return False
    async with services.database.begin() as session:
        account = await people.active_advocate(session, actor.id)
        if account is None:
            return False
        context = services.context.acting(by_account(account, Door.PAGE))
        if not await use_signed(session, Desk.of(context), signed):
            return False
        await forgive_try(session, visit)
    return True
