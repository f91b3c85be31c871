"""What somebody changes of their own account: password, authenticator app, name for work, live log-ins."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import AccountEvent
from db.models.people import Advocate, Login
from monitor.cases.accounts.desk import Desk, EventKind, tell
from monitor.cases.advocates import ADVOCATES, LONGEST_PASSWORD, SHORTEST_PASSWORD
from monitor.core.errors import CryptoError, NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.store import KeyStore

MOST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class LiveLogin:
    """One of somebody's own log-ins. `id` says which and opens nothing."""

    id: str
    browser: str
    created_at: datetime
    expires_at: datetime
    here: bool
    """It is the one that asks."""


def check_password(password: str, again: str) -> None:
    """Raises RuleBroken: PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_MISMATCH."""
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken(Refusal.PASSWORD_TOO_SHORT, f"a password has at least {SHORTEST_PASSWORD} characters")
    if len(password) > LONGEST_PASSWORD:
        raise RuleBroken(Refusal.PASSWORD_TOO_LONG, f"a password has at most {LONGEST_PASSWORD} characters")
    if password != again:
        raise RuleBroken(Refusal.PASSWORD_MISMATCH, "the two passwords differ")


async def change_password(
    session: AsyncSession, desk: Desk, account: Advocate, *, hashed: str, token_hash: str = "", by_whom: str = ""
) -> None:
    """Keep the hash of a new password; every log-in ends but the one that asks, `token_hash`. `by_whom`: see `tell`."""
    account.password_hash = hashed
    await _end_others(session, account.id, token_hash)
    await tell(session, desk, account, EventKind.PASSWORD_CHANGED, by_whom)
    await desk.record(session, EntryKind.PASSWORD_CHANGED, account)


def new_app_secret(keys: KeyStore, account_id: str) -> tuple[str, str]:
    """A fresh secret for an authenticator app: as it is, and sealed to travel through the form that confirms it."""
    secret = pyotp.random_base32()
    sealed = keys.create(ADVOCATES).seal(secret.encode(), f"new-totp|{account_id}")
    return secret, base64.urlsafe_b64encode(sealed).decode()


def app_secret_of(keys: KeyStore, account_id: str, sealed: str) -> str:
    """What `new_app_secret` sealed for this account. Raises RuleBroken(FORM_EXPIRED)."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode("ascii", "replace"))
        return keys.create(ADVOCATES).open(raw, f"new-totp|{account_id}").decode()
    except (CryptoError, ValueError):
        raise RuleBroken(Refusal.FORM_EXPIRED) from None


async def renew_app(session: AsyncSession, desk: Desk, account: Advocate, *, secret: str, step: int) -> None:
    """From now on this secret's codes count, from the step after `step`; the old phone's do no more."""
    account.totp_secret = desk.keys.create(ADVOCATES).seal(secret.encode(), f"totp|{account.id}")
    account.totp_last_step, account.enrols = step, False
    await tell(session, desk, account, EventKind.APP_RENEWED)
    await desk.record(session, EntryKind.APP_RENEWED, account)


def has_app(account: Advocate) -> bool:
    """Whether one-time codes log them in: a code was used since the app's secret was made. After a lost phone nobody
    knows that secret, until the app is set up anew."""
    return account.totp_last_step > 0


async def live_logins(session: AsyncSession, account_id: str, *, token_hash: str, now: datetime) -> list[LiveLogin]:
    """Where somebody is logged in, the newest first. `now`: real time."""
    mine = select(Login).where(Login.subject_id == account_id, Login.expires_at > now)
    rows = (await session.scalars(mine.order_by(Login.created_at.desc(), Login.token_hash))).all()
    return [
        LiveLogin(_id(row.token_hash), row.browser, row.created_at, row.expires_at, here=row.token_hash == token_hash)
        for row in rows
    ]


async def end_login(session: AsyncSession, desk: Desk, account: Advocate, login_id: str) -> None:
    """End one of one's own log-ins. Raises NotFound."""
    hashes = (await session.scalars(select(Login.token_hash).where(Login.subject_id == account.id))).all()
    found = next((one for one in hashes if _id(one) == login_id), None)
    if found is None:
        raise NotFound
    await session.execute(delete(Login).where(Login.token_hash == found))
    await desk.record(session, EntryKind.LOG_INS_ENDED, account, count=1)


async def end_others(session: AsyncSession, desk: Desk, account: Advocate, token_hash: str) -> None:
    """End every log-in but the one that asks."""
    ended = await _end_others(session, account.id, token_hash)
    if ended:
        await desk.record(session, EntryKind.LOG_INS_ENDED, account, count=ended)


async def events_of(session: AsyncSession, account_id: str) -> Sequence[AccountEvent]:
    """What happened to an account, the newest first."""
    mine = select(AccountEvent).where(AccountEvent.advocate_id == account_id)
    return (await session.scalars(mine.order_by(AccountEvent.at.desc(), AccountEvent.id).limit(MOST_EVENTS))).all()


async def mark_read(session: AsyncSession, account: Advocate, now: datetime) -> None:
    """They have read what happened to their account."""
    unread = (AccountEvent.advocate_id == account.id, AccountEvent.seen_at.is_(None))
    await session.execute(update(AccountEvent).where(*unread).values(seen_at=now))
    account.has_news = False
    await session.flush()


async def _end_others(session: AsyncSession, account_id: str, token_hash: str) -> int:
    others = (Login.subject_id == account_id, Login.token_hash != token_hash)
    return len((await session.scalars(delete(Login).where(*others).returning(Login.token_hash))).all())


def _id(token_hash: str) -> str:
    return hashlib.sha256(token_hash.encode()).hexdigest()[:26]
