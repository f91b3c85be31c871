"""What waits and how long, as the engine's own table tells it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from monitor.work.tasks import CRAWLS

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


async def crawls_outstanding(session: AsyncSession) -> set[str]:
    """Ids of the tasks of the crawls' queue that wait or run."""
    return await _crawls(session, "status in ('ENQUEUED', 'PENDING', 'DELAYED')", "")


async def crawls_waiting(session: AsyncSession, prefix: str) -> set[str]:
    """Those whose ids begin so, and that have not begun: what they will read is what there is then."""
    return await _crawls(session, "status in ('ENQUEUED', 'DELAYED') and workflow_uuid like :prefix", f"{prefix}%")


async def _crawls(session: AsyncSession, which: str, prefix: str) -> set[str]:
    dialect = session.get_bind().dialect.name
    if not await session.scalar(text(_THERE[dialect])):
        return set()
    asked = f"select workflow_uuid from {_TABLE[dialect]} where queue_name = '{CRAWLS}' and {which}"  # noqa: S608  # ours
    given = {"prefix": prefix} if prefix else {}
    return {str(row) for row in await session.scalars(text(asked), given)}
