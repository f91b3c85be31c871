"""Failed log-ins make whoever fails wait: longer with every failure. Times are real.

Counted is who tries what (a name at an origin), and who tries (an origin): nobody's failures keep somebody else out.
Who must wait may work instead (api.work), because many may share an origin.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.locking import lock_if_there
from db.models.people import LoginThrottle

FREE_TRIES = 5
"""Failures of one origin at one name before it must wait."""

FREE_TRIES_OF_ADDRESS = 50
"""Failures from one origin: a shelter or a school may share one."""

FREE_TRIES_OF_BROWSER = 10
"""Failures of a browser in which this advocate logged in before."""

FREE_CODES = 5
"""Wrong one-time codes of an account after the right password, from all unknown browsers together."""

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
LONGEST_CODE_WAIT = timedelta(hours=6)
"""Six digits are soon guessed; whoever guesses at them knows the password already."""
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many failures; ask again in so many seconds."""

    seconds: int
    may_work: bool = True
    """Work in place of waiting is taken."""


def wait_after(failures: int, free: int, longest: timedelta = _LONGEST_WAIT) -> timedelta | None:
    """How long to wait after so many failures in a row: 30 s, doubled with each more, `longest` at the most."""
    over = failures - free
    return None if over < 0 else min(longest, _FIRST_WAIT * 2 ** min(over, 10))


async def take_try(
    session: AsyncSession,
    tries: Mapping[str, int],
    now: datetime,
    *,
    paid: bool = False,
    longest: timedelta = _LONGEST_WAIT,
) -> Wait | None:
    """Count one try against every key of `tries` (key -> free tries) before it is made; a Wait when it must not be.

    Counting first bounds guesses that arrive at the same moment. A success takes it back with `was_right`.
    `paid`: whoever tries has worked for it, so no lock holds; nor is one made longer.
    """
    rows = [
        await insert_or_lock(session, LoginThrottle, unique="key", key=key, failures=0, updated_at=now)
        for key in sorted(tries)  # one order, here and in `was_right`, so that two log-ins never wait for each other
    ]
    locked = max((row.locked_until for row in rows if row.locked_until is not None), default=now)
    if locked > now and not paid:
        return Wait(int((locked - now).total_seconds()) + 1)
    for row in rows:
        row.failures = 1 if row.updated_at < now - FORGET_AFTER else row.failures + 1
        row.updated_at = now
        if row.locked_until is None or row.locked_until <= now:
            span = wait_after(row.failures, tries[row.key], longest)
            row.locked_until = None if span is None else now + span
    return None


async def waits(session: AsyncSession, key: str, now: datetime) -> Wait | None:
    """Whether a key must wait, without counting anything. No work shortens that."""
    until = await session.scalar(select(LoginThrottle.locked_until).where(LoginThrottle.key == key))
    return None if until is None or until <= now else Wait(int((until - now).total_seconds()) + 1, may_work=False)


async def was_right(
    session: AsyncSession, *, forget: Iterable[str] = (), give_back: Iterable[str] = (), paid: bool = False
) -> None:
    """The try was right: the failures of some keys are forgotten, of others only this try is taken back.

    Where others may guess too, their guesses stay: or one's own log-in would buy new ones.
    """
    for key in sorted({*forget, *give_back}):  # one by one: a database takes several in an order of its own
        if key in forget:
            await session.execute(delete(LoginThrottle).where(LoginThrottle.key == key))
            continue
        row = await lock_if_there(session, LoginThrottle, key)
        if row is not None and row.failures <= 1:
            # Nothing is left of where somebody came from.
            await session.execute(delete(LoginThrottle).where(LoginThrottle.key == key))
        elif row is not None:
            row.failures -= 1
            if not paid:
                row.locked_until = None  # it was this try's own: with another the try would not have been made
