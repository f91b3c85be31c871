"""What an account must wait for, kept in the database."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.sources import AccountStop, Cooldown, Source
from db.session import Database
from monitor.platforms.base import Stop


class StoredCooldowns:
    """Cooldowns of one account, in the database: a restart does not forget them, and another account has its own."""

    def __init__(self, database: Database, account: str, *, login: str = "") -> None:
        """`login`: the key under which sources know the account, where waits of before version 0.3.0 may be its own."""
        self._database, self._account, self._login = database, account, login

    async def until(self, method: str) -> datetime | None:
        """See monitor.platforms.base.Cooldowns."""
        if self._login:
            login, self._login = self._login, ""
            await self._take_over(login)
        async with self._database.read() as session:
            query = select(Cooldown.until).where(Cooldown.account == self._account, Cooldown.method == method)
            return await session.scalar(query)

    async def set(self, method: str, until: datetime) -> None:
        """See monitor.platforms.base.Cooldowns."""
        async with self._database.begin() as session:
            await _set(session, self._account, method, until)

    async def stop(self) -> Stop | None:
        """See monitor.platforms.base.Cooldowns."""
        async with self._database.read() as session:
            row = await session.get(AccountStop, self._account)
            return None if row is None else Stop(row.reason, row.probes, row.probe_at)

    async def set_stop(self, stop: Stop | None) -> None:
        """See monitor.platforms.base.Cooldowns."""
        async with self._database.begin() as session:
            if stop is None:
                await session.execute(delete(AccountStop).where(AccountStop.account == self._account))
                return
            values = {"reason": stop.reason[:64], "probes": stop.probes, "probe_at": stop.probe_at}
            if not await insert_unless_there(session, AccountStop, account=self._account, **values):
                row = await session.get(AccountStop, self._account, populate_existing=True)
                if row is not None:
                    row.reason, row.probes, row.probe_at = stop.reason[:64], stop.probes, stop.probe_at

    async def _take_over(self, login: str) -> None:
        """Earlier versions kept waits by platform, for whatever account. They belong to the one that has read sources;
        a fresh one, which has read none, inherits nothing."""
        async with self._database.begin() as session:
            if await session.scalar(select(Source.id).where(Source.account == login).limit(1)) is None:
                return
            old = Cooldown.account == login.partition(":")[0]
            for row in (await session.scalars(select(Cooldown).where(old))).all():
                await _set(session, self._account, row.method, row.until)
            await session.execute(delete(Cooldown).where(old))


async def _set(session: AsyncSession, account: str, method: str, until: datetime) -> None:
    await insert_unless_there(session, Cooldown, account=account, method=method, until=until)
    row = await session.get_one(Cooldown, (account, method), populate_existing=True)
    row.until = max(row.until, until)
