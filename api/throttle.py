"""Failed log-ins make the same name, and the same address, wait: longer with every failure. Times are real."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.models.people import LoginThrottle

FREE_TRIES = 5
"""Failures of one name before it must wait."""

FREE_TRIES_OF_ADDRESS = 50
"""Failures from one address: a shelter or a school may share one."""

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many failures; ask again in so many seconds."""

    seconds: int


def wait_after(failures: int, free: int) -> timedelta | None:
    """How long to wait after so many failures in a row: 30 s, doubled with each more, 15 minutes at the most."""
    over = failures - free
    return None if over < 0 else min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(over, 10))


async def take_try(session: AsyncSession, tries: Mapping[str, int], now: datetime) -> Wait | None:
    """Count one try against every key of `tries` (key -> free tries) before it is made; a Wait when it must not be.

    Counting first bounds guesses that arrive at the same moment. A success takes the count back with `clear`.
    """
    rows = [
        await insert_or_lock(session, LoginThrottle, unique="key", key=key, failures=0, updated_at=now)
        for key in sorted(tries)  # one order, here and in `clear`, so that two log-ins never wait for each other
    ]
    locked = max((row.locked_until for row in rows if row.locked_until is not None), default=now)
    if locked > now:
        return Wait(int((locked - now).total_seconds()) + 1)
    for row in rows:
        row.failures = 1 if row.updated_at < now - FORGET_AFTER else row.failures + 1
        span = wait_after(row.failures, tries[row.key])
        row.updated_at, row.locked_until = now, None if span is None else now + span
    return None


async def clear(session: AsyncSession, keys: Mapping[str, int]) -> None:
    """It was right: its failures are forgotten."""
    for key in sorted(keys):  # one by one: a database deletes several in an order of its own
        await session.execute(delete(LoginThrottle).where(LoginThrottle.key == key))
