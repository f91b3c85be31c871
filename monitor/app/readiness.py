"""Can this installation do its work now? Asked by /readyz, the ticks and `check`; it tells nothing of any case."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.models.pulses import Pulse
from db.session import Database
from monitor.work.backlog import STUCK_AFTER, waiting_since

BEAT_SECONDS = 10.0
"""Real seconds between two signs of life of a worker."""
DEAD_AFTER = timedelta(seconds=60)
PATIENCE_SECONDS = 5.0
"""Of one question: a database that takes longer to write one row is not ready."""
_PROBE, _WORKER = "probe", "worker:"
_FORGET_AFTER = timedelta(hours=1)


class Unready(StrEnum):
    """Why the work does not go on."""

    DATABASE = "database-not-writable"
    WORKER = "worker-missing"
    QUEUE = "queue-stuck"


async def beat(database: Database, worker: str) -> None:
    """A worker lives, and could write."""
    async with database.begin() as session:
        await _note(session, f"{_WORKER}{worker}")
        await session.execute(delete(Pulse).where(Pulse.id.startswith(_WORKER), Pulse.at < _now() - _FORGET_AFTER))


async def unready(database: Database) -> Sequence[Unready]:
    """Everything that keeps the work from going on; nothing where all is well."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with database.begin() as session:
                await _note(session, _PROBE)
            async with database.read() as session:
                return await _stopped(session)
    except (SQLAlchemyError, OSError, TimeoutError):
        return (Unready.DATABASE,)


async def _stopped(session: AsyncSession) -> Sequence[Unready]:
    last = await session.scalar(select(func.max(Pulse.at)).where(Pulse.id.startswith(_WORKER)))
    oldest = await waiting_since(session)
    found = {
        Unready.WORKER: last is None or _now() - last > DEAD_AFTER,
        Unready.QUEUE: oldest is not None and _now() - oldest > STUCK_AFTER,
    }
    return tuple(reason for reason, holds in found.items() if holds)


async def _note(session: AsyncSession, name: str) -> None:
    row = await insert_or_lock(session, Pulse, unique="id", id=name, at=_now())
    row.at = _now()


def _now() -> datetime:
    return datetime.now(UTC)
