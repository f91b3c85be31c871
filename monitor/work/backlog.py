"""How long the oldest work waits, as the engine's own table tells it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

STUCK_AFTER = timedelta(hours=1)
"""Real time after which work that waits means that nothing moves."""

# What was delayed waits since its time came. An engine that never started has no table yet, and nothing waits.
_TABLE = {"sqlite": "workflow_status", "postgresql": "dbos.workflow_status"}
_THERE = {
    "sqlite": "select count(*) from sqlite_master where type = 'table' and name = 'workflow_status'",
    "postgresql": "select count(*) from pg_tables where schemaname = 'dbos' and tablename = 'workflow_status'",
}
_OLDEST = (
    "select min(case when delay_until_epoch_ms > created_at then delay_until_epoch_ms else created_at end) from {} "
    "where status in ('ENQUEUED', 'PENDING')"
)


async def waiting_since(session: AsyncSession) -> datetime | None:
    """Since when (in real time) the oldest task waits or runs; None: nothing does."""
    dialect = session.get_bind().dialect.name
    if not await session.scalar(text(_THERE[dialect])):
        return None
    oldest = await session.scalar(text(_OLDEST.format(_TABLE[dialect])))
    return None if oldest is None else datetime.fromtimestamp(int(oldest) / 1000, UTC)
