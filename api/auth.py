"""Log-ins: passphrase or password with a one-time code in, an opaque token out. Only the token's SHA-256 is stored.

Times here are real time: a log-in is about people at screens, not about the domain's clock.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from api.admission import Visit
from api.budgets import Act
from api.throttle import (
    FORGET_AFTER,
    FREE_CODES,
    FREE_TRIES,
    FREE_TRIES_OF_ADDRESS,
    FREE_TRIES_OF_BROWSER,
    LONGEST_CODE_WAIT,
    Wait,
    take_try,
    waits,
    was_right,
)
from api.work import MOST
from db.models.people import Advocate, Login
from db.queries import people
from db.queries.actors import Actor, AdvocateActor, OperatorActor, PersonActor
from monitor.actions.rest import begin_work
from monitor.app.bootstrap import Services
from monitor.cases.accounts import recovery
from monitor.cases.accounts.desk import Desk
from monitor.cases.advocates import ADVOCATES, normal_login, open_totp_secret
from monitor.cases.passphrase import any_matches, hash_secret, matches, readings
from monitor.context.context import DomainContext
from monitor.evidence.by import By, Door
from monitor.evidence.entry_kinds import EntryKind

PERSON, ADVOCATE = "person", "advocate"
_LASTS = {PERSON: timedelta(hours=4), ADVOCATE: timedelta(hours=10)}
_TOTP_STEP = 30
_THROTTLES, _BROWSERS = "system:log-ins", "system:browsers"
BROWSER_LASTS = timedelta(days=90)
_BROWSER = re.compile(r"(?P<text>[A-Za-z0-9_-]{16}\.(?P<until>\d{10}))\.(?P<tag>[0-9a-f]{64})")
PROOF_LASTS = timedelta(minutes=10)
"""How long a proof of who somebody is counts for what a stolen log-in must not do."""
WORK_FOR_A_TRY = MOST
"""In place of waiting after too many failures."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A fresh log-in."""

    actor: Actor | OperatorActor
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is behind a token, and what their log-in allows at this moment."""

    actor: Actor | OperatorActor
    proved_at: datetime | None = None
    """Of an advocate or an operator: when they last proved who they are. Real time."""
    enrols: bool = False
    """A lost phone was replaced: they set up another way to log in before anything else."""
    has_news: bool = False
    """Something happened to their account that they have not read."""

    def proved_lately(self, now: datetime) -> bool:
        """Whether the proof is recent enough for what a stolen log-in must not do. `now`: real time."""
        return self.proved_at is not None and now - self.proved_at < PROOF_LASTS


async def log_in_person(services: Services, *, case_id: str, passphrase: str, visit: Visit) -> LoggedIn | Wait | None:
    """None: case id or passphrase is wrong, and nobody can tell which."""
    await visit.admit(Act.LOG_IN)
    async with visit.admission.turn(visit.origin, given=visit.paid):
        return await _log_in_person(services, case_id, passphrase, visit)


async def _log_in_person(services: Services, case_id: str, passphrase: str, visit: Visit) -> LoggedIn | Wait | None:
    tries = _tries(visit, f"case:{case_id}")
    wait = await _take_try(services, tries.all, visit)
    if wait is not None:
        return wait
    async with services.database.read() as session:
        case = await people.case_to_log_in(session, case_id)
    hashed = await _nobody(services.context.hasher) if case is None else case.passphrase_hash
    fits = await any_matches(readings(passphrase), hashed, origin=visit.origin)
    if case is None or not fits:
        return None
    async with services.database.begin() as session:
        await people.note_visit(session, case, services.context.now())
        await was_right(session, forget=tries.of_name, give_back=tries.of_origin, paid=visit.paid)
        return await start_login(session, PersonActor(case.id))


async def is_the_person(services: Services, *, case_id: str, passphrase: str, visit: Visit) -> bool | Wait:
    """Whether this is the passphrase of the case, asked again before what cannot be undone by whoever holds a phone.

    Wrong ones count as they do at the log-in. It needs no work and no place: whoever asks is logged in.
    """
    async with visit.admission.turn(visit.origin, given=True):
        tries = _tries(visit, f"case:{case_id}")
        wait = await _take_try(services, tries.all, visit)
        if wait is not None:
            return wait
        async with services.database.read() as session:
            case = await people.case_to_log_in(session, case_id)
        if case is None or not await any_matches(readings(passphrase), case.passphrase_hash, origin=visit.origin):
            return False
        async with services.database.begin() as session:
            await was_right(session, forget=tries.of_name, give_back=tries.of_origin, paid=visit.paid)
        return True


async def log_in_advocate(
    services: Services,
    *,
    login: str,
    password: str,
    totp: str,
    visit: Visit,
    door: Door,
    browser: str = "",
    device: str = "",
) -> LoggedIn | Wait | None:
    """None: login, password or code is wrong (or the code was used), and nobody can tell which.

    `browser`: what `remember_browser` left in it. A browser in which this very advocate logged in before has an
    allowance of its own: neither a flood nor somebody who guesses elsewhere keeps them out. `totp`: six digits of the
    app, or a recovery code. `device`: what it is, in a few words, for the list of their own log-ins.
    """
    name = normal_login(login)
    async with services.database.read() as session:
        advocate = await people.advocate_called(session, name)
    known = None if advocate is None else _known_browser(visit, browser, advocate.id)
    if known is None:
        await visit.admit(Act.LOG_IN)
    async with visit.admission.turn(known or visit.origin, given=visit.paid or known is not None):
        return await _log_in_advocate(services, name, advocate, password, totp, visit, known, door, device)


async def _log_in_advocate(
    services: Services,
    name: str,
    advocate: Advocate | None,
    password: str,
    totp: str,
    visit: Visit,
    known: str | None,
    door: Door,
    device: str,
) -> LoggedIn | Wait | None:
    proof = await _prove(services, name, advocate, password, totp, visit, known)
    if not isinstance(proof, _Proof):
        return proof
    async with services.database.begin() as session:
        context = services.context.acting(by_account(proof.advocate, door))
        if not await _use_up(session, context, proof):
            return None
        # Before the tries: ledgers are locked first. Whoever only guesses leaves nothing here.
        await context.record_installation(session, EntryKind.LOGGED_IN, **proof.way)
        await was_right(session, forget=proof.tries.of_name, give_back=proof.back, paid=visit.paid)
        return await start_login(session, actor_behind(proof.advocate), device)


async def _use_up(session: AsyncSession, context: DomainContext, proof: "_Proof") -> bool:
    """The code counts once; False when it just did."""
    if proof.recovery is None:
        account = proof.advocate
        return await people.use_totp_step(session, account.id, proof.step, secret=account.totp_secret)
    account = await session.get_one(Advocate, proof.advocate.id)
    return await recovery.use_up(session, Desk.of(context), account, proof.recovery)


async def count_try(services: Services, visit: Visit) -> Wait | None:
    """A try that names nobody, such as one with a passkey, counts against its origin alone."""
    return await _take_try(services, _tries(visit, "").of_origin, visit)


async def forgive_try(session: AsyncSession, visit: Visit) -> None:
    """It was right."""
    await was_right(session, forget={}, give_back=_tries(visit, "").of_origin, paid=visit.paid)


def by_account(account: Advocate, door: Door) -> By:
    """Who this is in the ledger."""
    return By.operator_account(account.id, door) if account.operator else By.advocate(account.id, door)


async def prove_again(
    services: Services, actor: AdvocateActor | OperatorActor, *, password: str, totp: str, visit: Visit, browser: str
) -> Wait | bool:
    """Is it still this advocate who sits there? Asked before what a stolen log-in must not do.

    False: password or code is wrong, or the code was used. Tries count as those of a log-in.
    """
    async with services.database.read() as session:
        advocate = await people.active_advocate(session, actor.id)
    name = "" if advocate is None else advocate.login
    known = _known_browser(visit, browser, actor.id)
    if known is None:
        await visit.admit(Act.LOG_IN)
    async with visit.admission.turn(known or visit.origin, given=visit.paid or known is not None):
        proof = await _prove(services, name, advocate, password, totp, visit, known)
        if not isinstance(proof, _Proof):
            return proof or False
        async with services.database.begin() as session:
            if not await _use_up(session, services.context.acting(by_account(proof.advocate, Door.PAGE)), proof):
                return False
            await was_right(session, forget=proof.tries.of_name, give_back=proof.back, paid=visit.paid)
    return True


async def _prove(
    services: Services,
    name: str,
    advocate: Advocate | None,
    password: str,
    totp: str,
    visit: Visit,
    known: str | None,
) -> "_Proof | Wait | None":
    """Password and code fit; the code is still to be used up."""
    tries = _tries(visit, f"advocate:{name}") if known is None else _tries_of_browser(visit, known)
    codes = {_tag(visit, f"advocate:{name}", "codes"): FREE_CODES} if known is None else {}
    wait = await _take_try(services, tries.all, visit) or await _codes_wait(services, codes)
    if wait is not None:
        return wait
    key = visit.admission.key(ADVOCATES)
    hashed = await _nobody(services.context.hasher) if advocate is None else advocate.password_hash
    fits = await matches(password, hashed, origin=known or visit.origin)
    # The code is worked out for an unknown name too: the same work, whatever was wrong.
    secret = pyotp.random_base32() if advocate is None else open_totp_secret(key, advocate.id, advocate.totp_secret)
    step = _step_of(secret, totp, _now())
    if advocate is None or not fits:
        return None
    async with services.database.begin() as session:
        # Before the code is looked at, so that many guesses at the same moment are as bounded as one after the other.
        wait = await take_try(session, codes, _now(), longest=LONGEST_CODE_WAIT)
    if wait is not None:
        return Wait(wait.seconds, may_work=False)
    back, digits = [*tries.of_origin, *codes], recovery.reads_as_code(totp)
    if step is not None:
        return _Proof(advocate, step, tries, back)
    if digits is None:
        return None
    async with services.database.read() as session:
        found = await recovery.fits(session, services.keys, advocate.id, digits, _now())
    return None if found is None else _Proof(advocate, 0, tries, back, recovery=found)


def remember_browser(visit: Visit, advocate_id: str) -> str:
    """What a browser in which an advocate logged in keeps: signed, worth nothing for a log-in, good for 90 days."""
    text = f"{secrets.token_urlsafe(12)}.{int((_now() + BROWSER_LASTS).timestamp())}"
    return f"{text}.{visit.admission.key(_BROWSERS).tag(f'{text}.{advocate_id}', 'browser')}"


def _known_browser(visit: Visit, cookie: str, advocate_id: str) -> str | None:
    """A name for the browser, when it is one of this advocate's."""
    found = _BROWSER.fullmatch(cookie)
    if found is None or int(found["until"]) < _now().timestamp():
        return None
    ours = visit.admission.key(_BROWSERS).tag(f"{found['text']}.{advocate_id}", "browser")
    return f"{advocate_id}|{found['text']}" if hmac.compare_digest(ours, found["tag"]) else None


async def start_login(session: AsyncSession, actor: Actor | OperatorActor, device: str = "") -> LoggedIn:
    """Log somebody in whose right is proven, and forget log-ins that are over."""
    now, token = _now(), secrets.token_urlsafe(32)
    role = PERSON if isinstance(actor, PersonActor) else ADVOCATE
    subject = actor.case_id if isinstance(actor, PersonActor) else actor.id
    over = now + _LASTS[role]
    if isinstance(actor, AdvocateActor):
        await begin_work(session, actor.id, now)
    kept = {"role": role, "subject_id": subject, "browser": device}
    await people.begin_login(session, _hash(token), now=now, expires_at=over, **kept)
    await people.forget_old(session, logins_before=now, throttles_before=now - FORGET_AFTER)
    return LoggedIn(actor, token, over)


async def note_proof(session: AsyncSession, token: str) -> None:
    """Whoever is logged in just proved that it is still them."""
    await people.note_proof(session, _hash(token), _now())


def token_hash(token: str) -> str:
    """What the table of log-ins calls it."""
    return _hash(token)


async def visitor_of(session: AsyncSession, token: str) -> Visitor | None:
    """Whose token this is; None when it is unknown, over, or its owner is gone."""
    login = await people.live_login(session, _hash(token), _now())
    if login is None:
        return None
    if login.role == PERSON:
        case = await people.case_to_log_in(session, login.subject_id)
        return None if case is None else Visitor(PersonActor(case.id))
    advocate = await people.active_advocate(session, login.subject_id)
    return None if advocate is None else _staff(login, advocate)


async def staff_visitor_of(session: AsyncSession, token: str) -> Visitor | None:
    """The same of somebody who works with cases, by one statement; None for a person's too."""
    found = await people.advocate_logged_in(session, _hash(token), _now())
    return None if found is None else _staff(*found)


def _staff(login: Login, advocate: Advocate) -> Visitor:
    proved_at = login.proved_at or login.created_at
    return Visitor(actor_behind(advocate), proved_at, enrols=advocate.enrols, has_news=advocate.has_news)


def actor_behind(advocate: Advocate) -> AdvocateActor | OperatorActor:
    """Who this account is."""
    if advocate.operator:
        return OperatorActor(advocate.id, advocate.name)
    return AdvocateActor(
        advocate.id,
        advocate.organisation_id,
        advocate.name,
        lead=advocate.lead,
        next_break_at=advocate.next_break_at,
    )


async def log_out(session: AsyncSession, token: str) -> None:
    """The token is worth nothing from now on."""
    await people.end_login(session, _hash(token))


async def _take_try(services: Services, tries: Mapping[str, int], visit: Visit) -> Wait | None:
    """A Wait is worked off where enough work came along."""
    async with services.database.begin() as session:
        wait = await take_try(session, tries, _now(), paid=visit.paid)
    if wait is None or not await visit.pay(WORK_FOR_A_TRY):
        return wait
    async with services.database.begin() as session:
        return await take_try(session, tries, _now(), paid=True)


async def _codes_wait(services: Services, codes: Mapping[str, int]) -> Wait | None:
    """Asked for every name, before any password is looked at: the wait tells nothing about the password."""
    async with services.database.read() as session:
        return next(iter([wait for key in codes if (wait := await waits(session, key, _now()))]), None)


@dataclass(frozen=True, slots=True)
class _Tries:
    """What a try is counted against: key -> free tries."""

    of_name: Mapping[str, int]
    of_origin: Mapping[str, int]

    @property
    def all(self) -> dict[str, int]:
        return {**self.of_name, **self.of_origin}


@dataclass(frozen=True, slots=True)
class _Proof:
    """An advocate whose password and code fit."""

    advocate: Advocate
    step: int
    tries: _Tries
    back: Sequence[str]
    """Tries that are given back."""
    recovery: str | None = field(default=None, repr=False)
    """The hash of the recovery code that came in place of the app's."""

    @property
    def way(self) -> dict[str, str]:
        """What the ledger tells of it; of an app's code nothing, as ever."""
        return {} if self.recovery is None else {"way": "recovery-code"}


def _tries(visit: Visit, name: str) -> _Tries:
    return _Tries(
        {_tag(visit, f"{visit.origin}|{name}", "name"): FREE_TRIES},
        {_tag(visit, visit.origin, "address"): FREE_TRIES_OF_ADDRESS},
    )


def _tries_of_browser(visit: Visit, browser: str) -> _Tries:
    return _Tries({_tag(visit, browser, "browser"): FREE_TRIES_OF_BROWSER}, {})


def _tag(visit: Visit, text: str, place: str) -> str:
    return visit.admission.key(_THROTTLES).tag(text, place)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step a code belongs to: the current one, or one to either side for clocks that differ."""
    # A Korean keyboard may give full-width digits; and bytes, because compare_digest refuses other letters than ASCII.
    typed = unicodedata.normalize("NFKC", code).encode()
    current, found = int(now.timestamp()) // _TOTP_STEP, None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), typed):
            found = step
    return found


def code_step(secret: str, code: str) -> int | None:
    """The step of a secret that a code belongs to now; None where it is no code of it."""
    return _step_of(secret, code, _now())


_of_nobody: dict[PasswordHasher, str] = {}


async def _nobody(hasher: PasswordHasher) -> str:
    """The hash that is checked when there is no such name: the same work, and nothing fits."""
    if hasher not in _of_nobody:
        _of_nobody[hasher] = await hash_secret(secrets.token_urlsafe(32), hasher)
    return _of_nobody[hasher]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
