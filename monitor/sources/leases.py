"""The right to use a platform account: within one process a lock, on PostgreSQL an advisory lock beside it."""

import asyncio
import zlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from db.session import async_url, sync_url

_WAITED_FOR = text(
    "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted"
    " and database = (select oid from pg_database where datname = current_database())"
    " and classid = cast(:high as bigint)::oid and objid = cast(:low as bigint)::oid)"
)
"""The view shows every database of the server, and each has locks of its own under the same numbers."""

_HELD_ELSEWHERE = text(
    "select pid from pg_locks where locktype = 'advisory' and granted and classid = cast(:high as bigint)::oid"
    " and database = (select oid from pg_database where datname = current_database())"
)
_WHO = text("select pg_backend_pid()")
_STILL_THERE = text("select 1")
_HIGH = 11
LOOK_SECONDS = 0.5
"""How often a process that keeps an account and does not use it looks whether another one waits."""


class LocalLease:
    """For one process."""

    shared = False

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, account: str, keeping: object = None) -> AsyncIterator[None]:
        """Wait until nobody else uses the account, then keep it for the block. First come, first served."""
        lock = self._locks[account]
        self._waiting[account] += 1
        try:
            await lock.acquire()
        finally:
            self._waiting[account] -= 1
        try:
            yield
        finally:
            lock.release()

    async def wanted(self, account: str) -> bool:
        """Does anybody wait for the account?"""
        return self._waiting[account] > 0

    def held_elsewhere(self) -> bool:
        """There is one process."""
        return False

    async def close(self) -> None:
        """Nothing is kept."""

    def used(self, account: str) -> bool:
        """Does anybody use it, or wait for it?"""
        return self._locks[account].locked() or self._waiting[account] > 0


class Connected(Protocol):
    """What holds a connection to its platform that is worth keeping: making one costs calls, and of those few."""

    @property
    def connected(self) -> bool:
        """Whether there is one now."""

    async def close(self) -> None:
        """Let go of it."""


class PostgresLease:
    """For several processes: a session's advisory lock, which the server drops when the process dies.

    It is kept, with the connection to the platform, until another process asks for it.
    """

    shared = True

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(async_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._local = LocalLease()  # so that one process waits with one connection, not with many
        self._kept: dict[str, AsyncConnection] = {}
        """By account: the connection to the database whose lock is held."""
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._pids: dict[str, int] = {}
        """By account: who holds the lock, as the server names it."""
        self._asking = create_engine(
            sync_url(url), pool_size=1, max_overflow=0, pool_pre_ping=True, isolation_level="AUTOCOMMIT"
        )

    def held_elsewhere(self) -> bool:
        """Does another process use or keep an account? Called from a thread."""
        with self._asking.connect() as connection:
            holders = set(connection.scalars(_HELD_ELSEWHERE, {"high": _HIGH}))
        return bool(holders - set(self._pids.values()))

    @asynccontextmanager
    async def hold(self, account: str, keeping: Connected | None = None) -> AsyncIterator[None]:
        """See LocalLease. `keeping`: whose connection is kept afterwards as long as nobody elsewhere wants the account,
        and closed before it is let go of."""
        async with self._local.hold(account):
            await self._take(account, keeping)
            try:
                yield
            finally:
                # Who waits elsewhere comes before who waits here: each gets the account in turn.
                if account not in self._kept:
                    pass  # closed meanwhile
                elif keeping is None or not keeping.connected or await self._wanted_elsewhere(account):
                    await self._let_go(account, keeping)
                elif (watcher := self._watchers.get(account)) is None or watcher.done():
                    self._watchers[account] = asyncio.create_task(self._watch(account, keeping))

    async def wanted(self, account: str) -> bool:
        """See LocalLease: also by other processes."""
        if await self._local.wanted(account):
            return True
        # Whoever asks uses the account. Where the lock was lost with its connection another process may use it too by
        # now: it is given up at once, and taken again in turn.
        return account in self._kept and await self._wanted_elsewhere(account)

    async def close(self) -> None:
        """Let go of everything that is kept, as a process does that ends."""
        here = asyncio.get_running_loop()
        watchers = {account: one for account, one in self._watchers.items() if one.get_loop() is here}
        for watcher in watchers.values():
            watcher.cancel()
        await asyncio.gather(*watchers.values(), return_exceptions=True)
        for account in watchers.keys() & self._kept.keys():
            await self._let_go(account, None)  # its watcher had not begun
        await asyncio.to_thread(self._asking.dispose)

    async def _take(self, account: str, keeping: Connected | None) -> None:
        if account in self._kept:
            try:
                await self._kept[account].execute(_STILL_THERE)
                return
            except SQLAlchemyError:
                # With the connection went the lock: another process may use the account already.
                await self._let_go(account, keeping)
        connection = await self._engine.connect()
        try:
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": _lock_key(account)})
        except BaseException:  # raised again: whatever stopped the wait, nobody waits any more
            await connection.close()
            raise
        self._kept[account] = connection
        self._pids[account] = int(await connection.scalar(_WHO) or 0)

    async def _wanted_elsewhere(self, account: str) -> bool:
        try:
            return await _waited_for(self._kept[account], account)
        except SQLAlchemyError:
            return True  # the lock is lost

    async def _let_go(self, account: str, keeping: Connected | None) -> None:
        connection = self._kept.pop(account)
        self._pids.pop(account, None)
        try:
            if keeping is not None:
                await keeping.close()
        finally:
            # The lock goes with the connection.
            await connection.close()

    async def _watch(self, account: str, keeping: Connected) -> None:
        """While nobody here uses the account: hand it over when another process asks, or this one ends."""
        try:
            while account in self._kept:
                await asyncio.sleep(LOOK_SECONDS)
                if self._local.used(account):
                    continue  # who uses it looks at the end
                async with self._local.hold(account):
                    if account in self._kept and await self._wanted_elsewhere(account):
                        await self._let_go(account, keeping)
        finally:
            if account in self._kept:
                await self._let_go(account, keeping)


async def _waited_for(connection: AsyncConnection, account: str) -> bool:
    key = _lock_key(account)
    return bool(await connection.scalar(_WAITED_FOR, {"high": key >> 32, "low": key & 0xFFFFFFFF}))


def _lock_key(account: str) -> int:
    return zlib.crc32(account.encode()) | (_HIGH << 32)
