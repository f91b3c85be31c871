"""Waits for what a test needs to have happened: generous limits, and not a moment longer than it takes."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from db.session import Database, is_sqlite
from monitor.sources.accounts import Accounts

LIMIT_SECONDS = 120.0
"""Real seconds; only a fault ever lasts so long."""

_HELD_UP = text(
    "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
)


async def until(happened: Callable[[], object | Awaitable[object]]) -> None:
    """Until `happened` says so, or a TimeoutError."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            found = happened()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.01)


async def until_wanted(accounts: Accounts, account: str = "telegram") -> None:
    """Until somebody waits for an account that somebody else uses."""
    await until(lambda: accounts._lease.wanted(account))


async def until_held_up(database: Database, or_done: "asyncio.Task[None] | None" = None) -> None:
    """Until a transaction waits for another one to end; to be asked by whoever is in that other one.

    `or_done`: who may be held up and need not be.
    """

    async def held_up() -> bool:
        if or_done is not None and or_done.done():
            return True
        if is_sqlite(database.url):  # one writer at a time: a second connection for writing is there to wait
            return int(database.engine.pool.checkedout()) > 1  # type: ignore[attr-defined]
        async with database.read() as session:
            return bool(await session.scalar(_HELD_UP))

    await until(held_up)
