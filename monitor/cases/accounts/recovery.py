"""Recovery codes: on paper, in place of the phone; shown once, kept as keyed hashes, each used once beside the
password."""

import secrets
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import RecoveryCode
from db.models.people import Advocate
from monitor.cases.accounts.desk import Desk, EventKind, tell
from monitor.cases.advocates import ADVOCATES
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.store import KeyStore

CODES, DIGITS = 10, 16
"""53 bits each, guessed online behind the password: digits, so that the keys of a phone's number pad are enough."""
AFTER_RESET = timedelta(days=3)


def reads_as_code(text: str) -> str | None:
    """The digits of a recovery code as somebody typed it; None for anything else, such as six digits of an app."""
    normal = unicodedata.normalize("NFKC", text)
    digits = "".join(sign for sign in normal if sign.isalnum())
    return digits if digits.isascii() and digits.isdigit() and len(digits) == DIGITS else None


async def make_recovery_codes(session: AsyncSession, desk: Desk, account: Advocate) -> list[str]:
    """Fresh ones as 1234-5678-9012-3456, shown once; older ones open nothing any more."""
    await forget_codes(session, account.id)
    codes = [_code() for _ in range(CODES)]
    _keep(session, desk, account, codes, None)
    await tell(session, desk, account, EventKind.CODES_MADE)
    await desk.record(session, EntryKind.RECOVERY_CODES_MADE, account, count=CODES)
    return codes


async def make_reset_code(session: AsyncSession, desk: Desk, account: Advocate) -> str:
    """The one code with which somebody logs in whose lost phone was replaced."""
    await forget_codes(session, account.id)
    code = _code()
    _keep(session, desk, account, [code], desk.now + AFTER_RESET)
    await session.flush()
    return code


async def fits(session: AsyncSession, keys: KeyStore, account_id: str, digits: str, now: datetime) -> str | None:
    """The hash of a code that is still good; None where it is none. `now`: real time."""
    hashed = _hash(keys, account_id, digits)
    mine = (RecoveryCode.code_hash == hashed, RecoveryCode.advocate_id == account_id)
    return await session.scalar(select(RecoveryCode.code_hash).where(*mine, _good(now)))


async def use_up(session: AsyncSession, desk: Desk, account: Advocate, code_hash: str) -> bool:
    """Take a code; False when somebody just did."""
    gone = delete(RecoveryCode).where(RecoveryCode.code_hash == code_hash).returning(RecoveryCode.code_hash)
    if (await session.execute(gone)).scalar_one_or_none() is None:
        return False
    await tell(session, desk, account, EventKind.CODE_USED)
    return True


async def count_left(session: AsyncSession, account_id: str, now: datetime) -> int:
    """How many codes are still good. `now`: real time."""
    mine = RecoveryCode.advocate_id == account_id
    return await session.scalar(select(func.count()).select_from(RecoveryCode).where(mine, _good(now))) or 0


async def forget_codes(session: AsyncSession, account_id: str) -> None:
    """None of them opens anything any more."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.advocate_id == account_id))


def _good(now: datetime) -> ColumnElement[bool]:
    """The condition that a code is not over."""
    return or_(RecoveryCode.expires_at.is_(None), RecoveryCode.expires_at > now)


def _keep(session: AsyncSession, desk: Desk, account: Advocate, codes: list[str], ends: datetime | None) -> None:
    for code in codes:
        hashed = _hash(desk.keys, account.id, code.replace("-", ""))
        session.add(RecoveryCode(code_hash=hashed, advocate_id=account.id, created_at=desk.now, expires_at=ends))


def _code() -> str:
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    return "-".join(digits[place : place + 4] for place in range(0, DIGITS, 4))


def _hash(keys: KeyStore, account_id: str, digits: str) -> str:
    return keys.create(ADVOCATES).tag(f"{account_id}|{digits}", "recovery-code")
