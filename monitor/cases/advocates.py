"""Advocates: made, listed and disabled by the operator at the command line."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyotp
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_one
from db.models.people import Advocate, Organisation
from db.queries import people
from db.queries.stops import drop_word_of
from db.types import new_id
from monitor.cases.passphrase import hash_secret
from monitor.cases.roles import Role
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger
from monitor.keys.envelope import HASHER, Key
from monitor.keys.store import KeyStore

ADVOCATES = "system:advocates"
"""Name of the key that seals the one-time-code secrets of advocates."""

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
LONGEST_LOGIN, LONGEST_NAME = 100, 200


def normal_login(login: str) -> str:
    """Log-in names ignore case, spaces around and the way letters were composed."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def check_advocate(login: str, name: str, organisation: str, password: str) -> None:
    """Raises RuleBroken: login-invalid, name-invalid, password-too-short, password-too-long."""
    if not 0 < len(normal_login(login)) <= LONGEST_LOGIN or not login.isprintable():
        raise RuleBroken(Refusal.LOGIN_INVALID, f"a login has 1 to {LONGEST_LOGIN} printable characters")
    for value in (name.strip(), organisation.strip()):
        if not 0 < len(value) <= LONGEST_NAME or not value.isprintable():
            raise RuleBroken(Refusal.NAME_INVALID, f"names have 1 to {LONGEST_NAME} printable characters")
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken(Refusal.PASSWORD_TOO_SHORT, f"a password has at least {SHORTEST_PASSWORD} characters")
    if len(password) > LONGEST_PASSWORD:
        raise RuleBroken(Refusal.PASSWORD_TOO_LONG, f"a password has at most {LONGEST_PASSWORD} characters")


async def add_advocate(
    session: AsyncSession,
    keys: KeyStore,
    *,
    login: str,
    name: str,
    organisation: str,
    password: str,
    by: By,
    now: datetime,
    hasher: PasswordHasher = HASHER,
    lead: bool = False,
    operator: bool = False,
) -> str:
    """Make an account, and the organisation where it is new. Returns the secret of their one-time codes (base32).

    An organisation has a lead: where there is none yet, this advocate is one, `lead` or not. `operator`: they keep
    accounts and see nothing of cases, in an organisation that has no advocates.

    Whoever was disabled in this organisation is let in again, under the same id. One who was disabled in another one
    gives up the login: whom that organisation's records name stays who they were.

    Raises RuleBroken: login-taken, operators-apart, and whatever `check_advocate` raises.
    """
    check_advocate(login, name, organisation, password)
    login, name, organisation = normal_login(login), name.strip(), organisation.strip()
    known = await _locked(session, login)
    if known is not None and known.disabled_at is None:
        raise RuleBroken(Refusal.LOGIN_TAKEN, "another advocate has this login; choose a different one")
    home = await people.organisation_named(session, organisation)
    if await people.has_accounts(session, home.id, operators=not operator):
        raise RuleBroken(Refusal.OPERATORS_APART, "an operator's account and advocates' cannot be in one organisation")
    if known is not None and (known.organisation_id != home.id or known.operator != operator):
        known.login = f"{login[:60]} (until {now:%Y-%m-%d}, {known.id[-6:]})"
        known = None
        await session.flush()
    hashed = await hash_secret(password, hasher)
    leads = not operator and (not await _leads(session, home.id) or lead)
    secret, advocate_id = pyotp.random_base32(), new_id() if known is None else known.id
    values: dict[str, Any] = {
        "name": name,
        "password_hash": hashed,
        "totp_secret": keys.create(ADVOCATES).seal(secret.encode(), f"totp|{advocate_id}"),
        "totp_last_step": 0,
        "lead": leads,
        "operator": operator,
    }
    if known is None:
        session.add(Advocate(id=advocate_id, organisation_id=home.id, login=login, created_at=now, **values))
    else:
        await people.forget_ways_in(session, known.id)
        for field, value in values.items():
            setattr(known, field, value)
        known.disabled_at = known.reset_asked_at = known.reset_asked_by = None
        known.enrols = False
    await session.flush()
    kind = EntryKind.ADVOCATE_ADDED if known is None else EntryKind.ADVOCATE_ENABLED
    facts = {"advocate": advocate_id, "organisation": home.id, "lead": leads}
    facts |= {"role": Role.OPERATOR.value} if operator else {}
    await Ledger(keys).append(session, INSTALLATION, kind, facts, by=by, at=now)
    return secret


def open_totp_secret(key: Key, advocate_id: str, sealed: bytes) -> str:
    """The secret that `add_advocate` sealed; `key` is the key store's key named ADVOCATES."""
    return key.open(sealed, f"totp|{advocate_id}").decode()


def totp_uri(secret: str, login: str) -> str:
    """What an authenticator app reads from the QR code: `otpauth://totp/...`."""
    return pyotp.TOTP(secret).provisioning_uri(name=normal_login(login), issuer_name="Jikimi")


async def set_lead(session: AsyncSession, keys: KeyStore, *, login: str, lead: bool, by: By, now: datetime) -> None:
    """Make an advocate a lead, or no lead any more. Raises NotFound, and LAST_LEAD: an organisation keeps one."""
    advocate = await _locked(session, normal_login(login))
    if advocate is None or advocate.disabled_at is not None:
        raise NotFound("there is no active advocate with this login")
    await change_lead(session, keys, advocate, lead=lead, by=by, now=now)


async def change_lead(
    session: AsyncSession, keys: KeyStore, advocate: Advocate, *, lead: bool, by: By, now: datetime
) -> None:
    """The same of an account that is locked. Raises RuleBroken: LAST_LEAD, OPERATORS_APART."""
    if advocate.lead == lead:
        return
    if advocate.operator:
        raise RuleBroken(Refusal.OPERATORS_APART, "an operator's account leads no organisation")
    if len(await _leads(session, advocate.organisation_id)) == 1 and not lead:
        raise RuleBroken(Refusal.LAST_LEAD, "this is the organisation's only lead; make another one first")
    advocate.lead = lead
    await session.flush()
    facts = {"advocate": advocate.id, "organisation": advocate.organisation_id, "lead": lead}
    await Ledger(keys).append(session, INSTALLATION, EntryKind.LEAD_CHANGED, facts, by=by, at=now)


async def disable_advocate(session: AsyncSession, keys: KeyStore, *, login: str, by: By, now: datetime) -> bool:
    """Lock an advocate out at once, everywhere; codes that they made open nothing any more.

    Returns whether their organisation still has a lead. Raises NotFound.
    """
    advocate = await _locked(session, normal_login(login))
    if advocate is None or advocate.disabled_at is not None:
        raise NotFound("there is no active advocate with this login")
    return await lock_out(session, keys, advocate, by=by, now=now)


async def lock_out(session: AsyncSession, keys: KeyStore, advocate: Advocate, *, by: By, now: datetime) -> bool:
    """The same of an account that is locked."""
    advocate.disabled_at = now
    await people.forget_ways_in(session, advocate.id)
    await people.end_logins_of(session, advocate.id)
    await drop_word_of(session, advocate.id)
    facts = {"advocate": advocate.id, "organisation": advocate.organisation_id}
    await session.flush()
    led = bool(await _leads(session, advocate.organisation_id))
    await Ledger(keys).append(session, INSTALLATION, EntryKind.ADVOCATE_DISABLED, facts, by=by, at=now)
    return led


async def _locked(session: AsyncSession, login: str) -> Advocate | None:
    """The account with this login, whatever became of it, as it stands now."""
    known = await people.advocate_known(session, login)
    return None if known is None else await lock_if_there(session, Advocate, known.id)


async def _leads(session: AsyncSession, organisation_id: str) -> Sequence[Advocate]:
    """The leads of an organisation, whom nobody changes until this transaction ends: two who demote each other at the
    same moment would leave none. An account is locked before its organisation."""
    await lock_one(session, Organisation, organisation_id)
    return await people.leads(session, organisation_id)


def checked_country(text: str) -> str:
    """An ISO code, or "" for none. Raises RuleBroken: invalid."""
    code = text.strip().upper()
    if code and not re.fullmatch("[A-Z]{2}", code):
        raise RuleBroken(Refusal.INVALID, "a country is two letters, such as KR")
    return code


async def set_standing(
    session: AsyncSession,
    keys: KeyStore,
    *,
    organisation: str,
    country: str | None = None,
    designated: bool | None = None,
    registered_with: str | None = None,
    by: By,
    now: datetime,
) -> None:
    """Where the organisation works and what it may send by; None: as it is. Recorded for the whole installation.

    Raises RuleBroken: organisation-unknown, invalid.
    """
    home = await people.find_organisation(session, organisation.strip())
    if home is None:
        raise RuleBroken(Refusal.ORGANISATION_UNKNOWN, "there is no organisation of this name")
    told: dict[str, str | bool] = {}
    if country is not None:
        told["country"] = checked_country(country)
    if designated is not None:
        told["designated"] = designated
    if registered_with is not None:
        told["registered_with"] = " ".join(registered_with.split())[:200]
    changed = {key: value for key, value in told.items() if getattr(home, key) != value}
    if not changed:
        return
    for key, value in changed.items():
        setattr(home, key, value)
    await session.flush()
    facts = {"organisation": home.id, **changed}
    await Ledger(keys).append(session, INSTALLATION, EntryKind.ORGANISATION_CHANGED, facts, by=by, at=now)


async def set_sole_advocate(
    session: AsyncSession, keys: KeyStore, *, organisation: str, sole: bool, by: By, now: datetime
) -> None:
    """The organisation says that it has one advocate only, or does so no more. Recorded for the whole installation.

    Raises RuleBroken: organisation-unknown, two-advocates. What was said has no effect while two are active.
    """
    home = await people.find_organisation(session, organisation.strip())
    if home is None:
        raise RuleBroken(Refusal.ORGANISATION_UNKNOWN, "there is no organisation of this name")
    if sole and await people.count_active(session, home.id) > 1:
        raise RuleBroken(Refusal.TWO_ADVOCATES, "it has two or more active advocates: one of them can send")
    if home.sole_advocate == sole:
        return
    home.sole_advocate = sole
    await session.flush()
    facts = {"organisation": home.id, "sole_advocate": sole}
    await Ledger(keys).append(session, INSTALLATION, EntryKind.ORGANISATION_CHANGED, facts, by=by, at=now)
