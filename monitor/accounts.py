"""One platform account works on one thing at a time, in one process at a time.

Telegram revokes a login that two addresses use at once, so on PostgreSQL a worker holds the account's advisory lock
while it works with it and closes the connection before it lets go.
"""

import asyncio
import zlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.inserting import insert_unless_there
from db.models.sources import Cooldown
from db.session import Database, async_url, is_sqlite
from monitor.delivery.base import Delivery, Outgoing, Receipt
from monitor.errors import PlatformFault
from monitor.platforms.base import Platform, PlatformName

_WAITED_FOR = text(
    "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted"
    " and classid = cast(:high as bigint)::oid and objid = cast(:low as bigint)::oid)"
)


class Lease(Protocol):
    """The right to use an account, for a while."""

    def hold(self, account: str) -> AbstractAsyncContextManager[None]:
        """Wait until nobody else uses the account, then keep it for the block. First come, first served."""
        ...

    async def wanted(self, account: str) -> bool:
        """Does anybody wait for the account?"""
        ...


class LocalLease:
    """For one process."""

    shared = False

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, account: str) -> AsyncIterator[None]:
        """See Lease."""
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
        """See Lease."""
        return self._waiting[account] > 0


class PostgresLease:
    """For several processes: a session's advisory lock, which the server drops when the process dies."""

    shared = True

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(async_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._local = LocalLease()  # so that one process waits with one connection, not with many

    @asynccontextmanager
    async def hold(self, account: str) -> AsyncIterator[None]:
        """See Lease."""
        key = _lock_key(account)
        async with self._local.hold(account), self._engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": key})
            try:
                yield
            finally:
                await connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})

    async def wanted(self, account: str) -> bool:
        """See Lease: also by other processes."""
        if await self._local.wanted(account):
            return True
        key = _lock_key(account)
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(_WAITED_FOR, {"high": key >> 32, "low": key & 0xFFFFFFFF}))


def _lock_key(account: str) -> int:
    return zlib.crc32(account.encode()) | (11 << 32)


@dataclass(slots=True)
class _Hold:
    """What one user of an account must let go of."""

    stack: AsyncExitStack


class Accounts:
    """The platforms that are switched on, each behind the lease of its account."""

    def __init__(self, platforms: Mapping[PlatformName, Platform], database_url: str) -> None:
        self._platforms = dict(platforms)
        self._lease: LocalLease | PostgresLease = (
            LocalLease() if is_sqlite(database_url) else PostgresLease(database_url)
        )
        self._holds: dict[str, _Hold] = {}
        """By account; of the one who uses it now."""

    @property
    def names(self) -> Mapping[str, str]:
        """Platform name -> account key."""
        return {name: platform.account for name, platform in self._platforms.items()}

    @asynccontextmanager
    async def use(self, name: str) -> AsyncIterator[Platform]:
        """The platform's adapter, alone. Raises PlatformFault when the platform is switched off."""
        platform = self._platforms.get(PlatformName(name))
        if platform is None:
            raise PlatformFault("this platform is switched off")
        hold = _Hold(await self._take(platform))
        self._holds[platform.account] = hold
        try:
            yield platform
        finally:
            await hold.stack.aclose()

    async def give_way(self, platform: Platform) -> None:
        """Within `use`, in long work: let those who wait have the account first, then take it again.

        What was asked before may be answered differently afterwards. Outside of `use` this does nothing.
        """
        hold = self._holds.get(platform.account)
        if hold is not None and await self._lease.wanted(platform.account):
            await hold.stack.aclose()
            hold.stack = await self._take(platform)
            self._holds[platform.account] = hold

    async def _take(self, platform: Platform) -> AsyncExitStack:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._lease.hold(platform.account))
            if self._lease.shared:
                stack.push_async_callback(platform.close)
            return stack.pop_all()
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close every connection to the platforms."""
        for platform in self._platforms.values():
            await platform.close()


class StoredCooldowns:
    """Cooldowns of one account, in the database: a restart does not forget them."""

    def __init__(self, database: Database, account: str) -> None:
        self._database, self._account = database, account

    async def until(self, method: str) -> datetime | None:
        """See monitor.platforms.base.Cooldowns."""
        async with self._database.read() as session:
            query = select(Cooldown.until).where(Cooldown.account == self._account, Cooldown.method == method)
            return await session.scalar(query)

    async def set(self, method: str, until: datetime) -> None:
        """See monitor.platforms.base.Cooldowns."""
        async with self._database.begin() as session:
            await insert_unless_there(session, Cooldown, account=self._account, method=method, until=until)
            row = await session.get_one(Cooldown, (self._account, method), populate_existing=True)
            row.until = max(row.until, until)


class LeasedDelivery:
    """A way out that uses a platform's account: it waits for its turn like everything else."""

    def __init__(self, accounts: Accounts, platform: Platform, delivery: Delivery) -> None:
        self._accounts, self._platform, self._delivery = accounts, platform, delivery

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Delivery]:
        """Wait for the account, then the way out itself for the block: what is decided inside holds while it sends."""
        async with self._accounts.use(self._platform.name):
            yield self._delivery

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        async with self.turn() as delivery:
            return await delivery.send(outgoing)
