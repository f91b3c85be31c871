"""One platform account works on one thing at a time, in one process at a time.

Telegram revokes a login that two addresses use at once, so on PostgreSQL a worker holds the account's advisory lock
while it works with it and closes the connection before it lets go.
"""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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


class Lease(Protocol):
    """The right to use an account, for a while."""

    def hold(self, account: str) -> AbstractAsyncContextManager[None]:
        """Wait until nobody else uses the account, then keep it for the block."""
        ...


class LocalLease:
    """For one process."""

    shared = False

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def hold(self, account: str) -> AsyncIterator[None]:
        """See Lease."""
        async with self._locks[account]:
            yield


class PostgresLease:
    """For several processes: a session's advisory lock, which the server drops when the process dies."""

    shared = True

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(async_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._local = LocalLease()  # so that one process waits with one connection, not with many

    @asynccontextmanager
    async def hold(self, account: str) -> AsyncIterator[None]:
        """See Lease."""
        key = zlib.crc32(account.encode()) | (11 << 32)
        async with self._local.hold(account), self._engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": key})
            try:
                yield
            finally:
                await connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})


class Accounts:
    """The platforms that are switched on, each behind the lease of its account."""

    def __init__(self, platforms: Mapping[PlatformName, Platform], database_url: str) -> None:
        self._platforms = dict(platforms)
        self._lease: LocalLease | PostgresLease = (
            LocalLease() if is_sqlite(database_url) else PostgresLease(database_url)
        )

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
        async with self._lease.hold(platform.account):
            try:
                yield platform
            finally:
                if self._lease.shared:
                    await platform.close()

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
