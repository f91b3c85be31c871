"""One platform account works on one thing at a time, in one process at a time.

Telegram revokes a login that two addresses use at once, so on PostgreSQL a worker holds the account's advisory lock as
long as its connection lives, and closes that before it lets go: when another process asks for the account, or at its
end. To connect for every crawl would be a call too many, thousands of times a day.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from db.session import is_sqlite
from monitor.core.errors import PlatformFault
from monitor.platforms.base import Platform, PlatformName
from monitor.sources.leases import LocalLease, PostgresLease


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
            await stack.enter_async_context(self._lease.hold(platform.account, platform))
            return stack.pop_all()
        raise AssertionError("unreachable")

    def held_elsewhere(self) -> bool:
        """Does another process use an account, or keep its connection? Then crawls are left to it. From a thread."""
        return self._lease.held_elsewhere()

    async def close(self) -> None:
        """Close every connection to the platforms."""
        for platform in self._platforms.values():
            await platform.close()
        await self._lease.close()
