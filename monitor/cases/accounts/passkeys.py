"""Passkeys: added, named and removed by their owner; several a person, each with user verification.

Which site they belong to follows from the configured public address: origin and relying party are never taken from a
request. See docs/decisions/0097-passkeys-beside-one-time-codes.md.
"""

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from db.inserting import insert_unless_there
from db.models.accounts import Passkey, UsedChallenge
from db.models.people import Advocate
from db.queries import people
from db.types import new_id
from monitor.cases.accounts.challenges import KEY, LASTS, Purpose, decode, is_ours, make_challenge
from monitor.cases.accounts.desk import Desk, EventKind, tell
from monitor.cases.accounts.own import has_app
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.store import KeyStore

MOST_PASSKEYS, LONGEST_NAME = 10, 60
_LARGEST_COUNT = 2**31 - 1
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, RecursionError)
"""What the library raises over bytes that a stranger made up."""


@dataclass(frozen=True, slots=True)
class Party:
    """The site that passkeys belong to, as browsers name it."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A passkey whose answer fits: whose it is, and what is still to be used up."""

    passkey: Passkey
    count: int
    challenge_hash: str = field(repr=False)


def party_of(public_url: str) -> Party | None:
    """The site of the configured address; None where browsers allow no passkeys: over http, but for localhost, and
    where the address is a number."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if not host or host.replace(".", "").isdigit() or ":" in host:
        return None
    if parts.scheme != "https" and not (parts.scheme == "http" and host == "localhost"):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return Party(host, f"{parts.scheme}://{host}{port}")


async def passkeys_of(session: AsyncSession, account_id: str) -> Sequence[Passkey]:
    """The oldest first."""
    mine = select(Passkey).where(Passkey.advocate_id == account_id)
    return (await session.scalars(mine.order_by(Passkey.created_at, Passkey.id))).all()


def options_to_add(
    keys: KeyStore, party: Party, account: Advocate, known: Sequence[Passkey], *, secret: str, now: datetime
) -> dict[str, Any]:
    """What the browser needs to make a passkey. `secret`: of the session; `known`: those that there are already."""
    options = generate_registration_options(
        rp_id=party.host,
        rp_name="Jikimi",
        user_name=account.login,
        user_id=account.id.encode(),
        user_display_name=account.work_alias or account.name,
        challenge=make_challenge(keys.create(KEY), Purpose.ADD, secret, now),
        timeout=int(LASTS.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return _plain(options_to_json(options))


def options_to_sign(
    keys: KeyStore, party: Party, purpose: Purpose, *, secret: str, now: datetime, known: Sequence[Passkey] = ()
) -> dict[str, Any]:
    """What the browser needs to answer with a passkey. None `known`: whichever it has for this site."""
    options = generate_authentication_options(
        rp_id=party.host,
        challenge=make_challenge(keys.create(KEY), purpose, secret, now),
        timeout=int(LASTS.total_seconds() * 1000),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options_to_json(options))


async def add_passkey(
    session: AsyncSession, desk: Desk, party: Party, account: Advocate, *, answer: str, name: str, secret: str
) -> None:
    """Keep a passkey that the browser made.

    Raises RuleBroken: NAME_INVALID, TOO_MANY_PASSKEYS, PASSKEY_WRONG.
    """
    called = _name(name)
    if len(await passkeys_of(session, account.id)) >= MOST_PASSKEYS:
        raise RuleBroken(Refusal.TOO_MANY_PASSKEYS, f"an account has at most {MOST_PASSKEYS} passkeys")
    try:
        credential = json.loads(answer)
        challenge = _challenge(desk.keys, credential, Purpose.ADD, secret, desk.now)
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _BROKEN:
        raise _wrong() from None
    values: dict[str, Any] = {"credential_id": made.credential_id, "public_key": made.credential_public_key}
    values |= {"sign_count": min(made.sign_count, _LARGEST_COUNT), "advocate_id": account.id}
    values |= {"name": called, "created_at": desk.now}
    if not await _use(session, challenge, desk.now):
        raise _wrong()
    if not await insert_unless_there(session, Passkey, id=new_id(), **values):
        raise _wrong()
    account.enrols = False
    await tell(session, desk, account, EventKind.PASSKEY_ADDED)
    await desk.record(session, EntryKind.PASSKEY_ADDED, account, passkey=_short(made.credential_id))


async def rename_passkey(session: AsyncSession, account_id: str, passkey_id: str, name: str) -> None:
    """Call it otherwise. Raises NotFound, RuleBroken(NAME_INVALID)."""
    (await _mine(session, account_id, passkey_id)).name = _name(name)
    await session.flush()


async def remove_passkey(session: AsyncSession, desk: Desk, account: Advocate, passkey_id: str) -> None:
    """It logs nobody in any more. The account is locked.

    Raises NotFound, and RuleBroken(LAST_WAY_IN): until the app is set up again after a lost phone, one passkey stays.
    Recovery codes do not count, for they run out.
    """
    row = await _mine(session, account.id, passkey_id)
    if not has_app(account) and len(await passkeys_of(session, account.id)) == 1:
        raise RuleBroken(Refusal.LAST_WAY_IN, "the only way to log in: set up the app or a second passkey first")
    await session.delete(row)
    await tell(session, desk, account, EventKind.PASSKEY_REMOVED)
    await desk.record(session, EntryKind.PASSKEY_REMOVED, account, passkey=_short(row.credential_id))


async def find_signed(
    session: AsyncSession,
    keys: KeyStore,
    party: Party,
    purpose: Purpose,
    *,
    answer: str,
    secret: str,
    now: datetime,
    account_id: str | None = None,
) -> Signed | None:
    """The passkey that signed this answer; None where anything of it does not fit. Nothing is used up yet.

    `account_id`: only one of theirs.
    """
    try:
        credential = json.loads(answer)
        challenge = _challenge(keys, credential, purpose, secret, now)
        found = await session.scalar(select(Passkey).where(Passkey.credential_id == decode(credential["rawId"])))
        if found is None or account_id not in (None, found.advocate_id):
            return None
        told = credential["response"].get("userHandle")
        if told and decode(told) != found.advocate_id.encode():
            return None
        signed = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=found.public_key,
            credential_current_sign_count=0,  # looked at where it is used up: several may sign at once
            require_user_verification=True,
        )
    except _BROKEN:
        return None
    return Signed(found, min(signed.new_sign_count, _LARGEST_COUNT), _hash(challenge))


async def use_signed(session: AsyncSession, desk: Desk, signed: Signed) -> bool:
    """Use the answer up, once. False: it was used, the passkey is gone, or it counts backwards.

    A passkey that counts backwards may have been copied: its owner is told, and the answer counts for nothing.
    """
    if not await _use_hash(session, signed.challenge_hash, desk.now):
        return False
    counts_on = (Passkey.sign_count < signed.count) | ((Passkey.sign_count == 0) & (signed.count == 0))
    taken = await session.execute(
        update(Passkey)
        .where(Passkey.id == signed.passkey.id, counts_on)
        .values(sign_count=signed.count, used_at=desk.now)
        .returning(Passkey.id)
    )
    if taken.scalar_one_or_none() is not None:
        return True
    account = await people.active_advocate(session, signed.passkey.advocate_id)
    if account is not None:
        await tell(session, desk, account, EventKind.PASSKEY_COPIED)
        credential = _short(signed.passkey.credential_id)
        await desk.record(session, EntryKind.PASSKEY_REFUSED, account, passkey=credential)
    return False


def _challenge(keys: KeyStore, credential: Any, purpose: Purpose, secret: str, now: datetime) -> bytes:
    """The challenge that an answer names, if it is one of ours. Raises ValueError and what _BROKEN names."""
    told = json.loads(decode(credential["response"]["clientDataJSON"]))
    challenge = decode(told["challenge"])
    if not secret or not is_ours(keys.create(KEY), purpose, secret, challenge, now):
        raise ValueError("not a challenge of this session")
    return challenge


async def _use(session: AsyncSession, challenge: bytes, now: datetime) -> bool:
    return await _use_hash(session, _hash(challenge), now)


async def _use_hash(session: AsyncSession, challenge_hash: str, now: datetime) -> bool:
    await session.execute(delete(UsedChallenge).where(UsedChallenge.expires_at < now))
    values = {"challenge_hash": challenge_hash, "expires_at": now + LASTS}
    return await insert_unless_there(session, UsedChallenge, **values)


async def _mine(session: AsyncSession, account_id: str, passkey_id: str) -> Passkey:
    row = await session.get(Passkey, passkey_id)
    if row is None or row.advocate_id != account_id:
        raise NotFound
    return row


def _plain(options: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(options)
    return told


def _name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise RuleBroken(Refusal.NAME_INVALID, f"a name has 1 to {LONGEST_NAME} printable characters")
    return name


def _wrong() -> RuleBroken:
    return RuleBroken(Refusal.PASSKEY_WRONG, "the passkey did not fit; please try again")


def _hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def _short(credential_id: bytes) -> str:
    """What the ledger calls it: enough to tell two apart."""
    return hashlib.sha256(credential_id).hexdigest()[:16]
