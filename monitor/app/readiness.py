"""Can this installation do its work now? Asked by /readyz, the ticks and `check`; it tells nothing of any case."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.stops import open_stops
from db.session import Database
from monitor.work.backlog import STUCK_AFTER, waiting_since
from monitor.work.pulses import DEAD_AFTER, last_sign, note

PATIENCE_SECONDS = 5.0
"""Of one question: a database that takes longer to write one row is not ready."""
_PROBE = "probe"


class Unready(StrEnum):
    """Why the work does not go on."""

    DATABASE = "database-not-writable"
    WORKER = "worker-missing"
    QUEUE = "queue-stuck"
    STOPPED = "work-stopped"
    """On purpose: whoever asks is served all the same."""


async def unready(database: Database) -> Sequence[Unready]:
    """Everything that keeps the work from going on; nothing where all is well."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with database.begin() as session:
                await note(session, _PROBE)
            async with database.read() as session:
                return await _stopped(session)
    except (SQLAlchemyError, OSError, TimeoutError):
        return (Unready.DATABASE,)


async def _stopped(session: AsyncSession) -> Sequence[Unready]:
    last = await last_sign(session)
    oldest = await waiting_since(session)
    found = {
        Unready.WORKER: last is None or _now() - last > DEAD_AFTER,
        Unready.STOPPED: any(one.scope == "all" for one in await open_stops(session)),
        Unready.QUEUE: oldest is not None and _now() - oldest > STUCK_AFTER,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _now() -> datetime:
    return datetime.now(UTC)
