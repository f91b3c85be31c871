"""The right to use a platform account: within one process a lock, on PostgreSQL an advisory lock beside it."""

import asyncio
import zlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.session import async_url

_WAITED_FOR = text(
    "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted"
    " and database = (select oid from pg_database where datname = current_database())"
    " and classid = cast(:high as bigint)::oid and objid = cast(:low as bigint)::oid)"
)
"""The view shows every database of the server, and each has locks of its own under the same numbers."""


class LocalLease:
    """For one process."""

    shared = False

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, account: str) -> AsyncIterator[None]:
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


class PostgresLease:
    """For several processes: a session's advisory lock, which the server drops when the process dies."""

    shared = True

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(async_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._local = LocalLease()  # so that one process waits with one connection, not with many

    @asynccontextmanager
    async def hold(self, account: str) -> AsyncIterator[None]:
        """See LocalLease."""
        key = _lock_key(account)
        async with self._local.hold(account), self._engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": key})
            try:
                yield
            finally:
                await connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})

    async def wanted(self, account: str) -> bool:
        """See LocalLease: also by other processes."""
        if await self._local.wanted(account):
            return True
        key = _lock_key(account)
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(_WAITED_FOR, {"high": key >> 32, "low": key & 0xFFFFFFFF}))


def _lock_key(account: str) -> int:
    return zlib.crc32(account.encode()) | (11 << 32)
