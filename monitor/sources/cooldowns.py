"""Which methods of an account must wait, kept in the database."""

from datetime import datetime

from sqlalchemy import select

from db.inserting import insert_unless_there
from db.models.sources import Cooldown
from db.session import Database


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
