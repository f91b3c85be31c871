"""Log-ins: passphrase or password with a one-time code in, an opaque token out. Only the token's SHA-256 is stored.

Times here are real time: a log-in is about people at screens, not about the domain's clock.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from api.throttle import FORGET_AFTER, FREE_TRIES, FREE_TRIES_OF_ADDRESS, Wait, clear, take_try
from db.queries import people
from db.queries.actors import Actor, AdvocateActor, PersonActor
from monitor.app.bootstrap import Services
from monitor.cases.advocates import ADVOCATES, normal_login, open_totp_secret
from monitor.cases.passphrase import matches, normalise
from monitor.evidence.by import By, Door
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.store import KeyStore

PERSON, ADVOCATE = "person", "advocate"
_LASTS = {PERSON: timedelta(hours=4), ADVOCATE: timedelta(hours=10)}
_TOTP_STEP = 30
_THROTTLES = "system:log-ins"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A fresh log-in."""

    actor: Actor
    token: str = field(repr=False)
    expires_at: datetime


async def log_in_person(services: Services, *, case_id: str, passphrase: str, address: str) -> LoggedIn | Wait | None:
    """None: case id or passphrase is wrong, and nobody can tell which."""
    tries = _tries(services.keys, f"case:{case_id}", address)
    wait = await _take_try(services, tries)
    if wait is not None:
        return wait
    async with services.database.read() as session:
        case = await people.case_to_log_in(session, case_id)
    fits = await matches(
        normalise(passphrase), _nobody(services.context.hasher) if case is None else case.passphrase_hash
    )
    if case is None or not fits:
        return None
    async with services.database.begin() as session:
        await clear(session, tries)
        return await start_login(session, PersonActor(case.id))


async def log_in_advocate(
    services: Services, *, login: str, password: str, totp: str, address: str, door: Door
) -> LoggedIn | Wait | None:
    """None: login, password or code is wrong (or the code was used), and nobody can tell which."""
    name = normal_login(login)
    tries = _tries(services.keys, f"advocate:{name}", address)
    wait = await _take_try(services, tries)
    if wait is not None:
        return wait
    async with services.database.read() as session:
        advocate = await people.advocate_called(session, name)
    key = services.keys.create(ADVOCATES)
    fits = await matches(password, _nobody(services.context.hasher) if advocate is None else advocate.password_hash)
    # The code is worked out for an unknown name too: the same work, whatever was wrong.
    secret = pyotp.random_base32() if advocate is None else open_totp_secret(key, advocate.id, advocate.totp_secret)
    step = _step_of(secret, totp, _now())
    if advocate is None or not fits or step is None:
        return None
    async with services.database.begin() as session:
        if not await people.use_totp_step(session, advocate.id, step):
            return None
        # Before the tries: ledgers are locked first. Whoever only guesses leaves nothing here.
        context = services.context.acting(By.advocate(advocate.id, door))
        await context.record_installation(session, EntryKind.LOGGED_IN)
        await clear(session, tries)
        return await start_login(session, AdvocateActor(advocate.id, advocate.organisation_id, advocate.name))


async def start_login(session: AsyncSession, actor: Actor) -> LoggedIn:
    """Log somebody in whose right is proven, and forget log-ins that are over."""
    now, token = _now(), secrets.token_urlsafe(32)
    role = PERSON if isinstance(actor, PersonActor) else ADVOCATE
    subject = actor.case_id if isinstance(actor, PersonActor) else actor.id
    over = now + _LASTS[role]
    await people.begin_login(session, _hash(token), role=role, subject_id=subject, now=now, expires_at=over)
    await people.forget_old(session, logins_before=now, throttles_before=now - FORGET_AFTER)
    return LoggedIn(actor, token, over)


async def actor_of(session: AsyncSession, token: str) -> Actor | None:
    """Whose token this is; None when it is unknown, over, or its owner is gone."""
    login = await people.live_login(session, _hash(token), _now())
    if login is None:
        return None
    if login.role == PERSON:
        case = await people.case_to_log_in(session, login.subject_id)
        return None if case is None else PersonActor(case.id)
    advocate = await people.active_advocate(session, login.subject_id)
    return None if advocate is None else AdvocateActor(advocate.id, advocate.organisation_id, advocate.name)


async def log_out(session: AsyncSession, token: str) -> None:
    """The token is worth nothing from now on."""
    await people.end_login(session, _hash(token))


async def count_try(services: Services, address: str, what: str) -> Wait | None:
    """Count one guess at `what` from an address, where nothing names the guesser."""
    return await _take_try(services, _tries(services.keys, what, address, of_name=False))


async def forget_tries(session: AsyncSession, services: Services, address: str, what: str) -> None:
    """The guess was right: what `count_try` counted is forgotten."""
    await clear(session, _tries(services.keys, what, address, of_name=False))


async def _take_try(services: Services, tries: dict[str, int]) -> Wait | None:
    async with services.database.begin() as session:
        return await take_try(session, tries, _now())


def _tries(keys: KeyStore, name: str, address: str, *, of_name: bool = True) -> dict[str, int]:
    key = keys.create(_THROTTLES)
    tries = {key.tag(f"{address}|{'' if of_name else name}", "address"): FREE_TRIES_OF_ADDRESS}
    return tries | ({key.tag(name, "name"): FREE_TRIES} if of_name else {})


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step a code belongs to: the current one, or one to either side for clocks that differ."""
    # A Korean keyboard may give full-width digits; and bytes, because compare_digest refuses other letters than ASCII.
    typed = unicodedata.normalize("NFKC", code).encode()
    current, found = int(now.timestamp()) // _TOTP_STEP, None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), typed):
            found = step
    return found


@lru_cache(2)
def _nobody(hasher: PasswordHasher) -> str:
    """The hash that is checked when there is no such name: the same work, and nothing fits."""
    return hasher.hash(secrets.token_urlsafe(32))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
