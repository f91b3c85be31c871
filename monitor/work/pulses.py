"""Signs of life of the workers: each leaves one every ten seconds, and says goodbye when it ends in order."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.models.pulses import Pulse
from db.session import Database

BEAT_SECONDS = 10.0
"""Real seconds between two signs of life of a worker."""
DEAD_AFTER = timedelta(seconds=60)
_FORGET_AFTER = timedelta(days=7)
_WORKER, _START = "worker:", "start:"
_OF_WORKERS = or_(Pulse.id.startswith(_WORKER), Pulse.id.startswith(_START))


async def beat(database: Database, worker: str) -> None:
    """A worker lives, and could write."""
    async with database.begin() as session:
        # Once a life: when it began tells whom it stands in for.
        if await session.get(Pulse, f"{_WORKER}{worker}") is None:
            await note(session, f"{_START}{worker}")
        await note(session, f"{_WORKER}{worker}")
        await session.execute(delete(Pulse).where(_OF_WORKERS, Pulse.at < _now() - _FORGET_AFTER))


async def farewell(database: Database, worker: str) -> None:
    """A worker ends in order: nobody need look for it."""
    async with database.begin() as session:
        await session.execute(delete(Pulse).where(Pulse.id == f"{_WORKER}{worker}"))


async def last_sign(session: AsyncSession) -> datetime | None:
    """When any worker was last heard of; None where none runs that could be missed."""
    last: datetime | None = await session.scalar(select(func.max(Pulse.at)).where(Pulse.id.startswith(_WORKER)))
    return last


async def missing_workers(session: AsyncSession, *, asking: str = "") -> int:
    """How many fell silent without a goodbye and have nobody who started since in their place.

    The worker that is `asking`, and gave no sign itself, slept with its machine, the others with it: none is missed.
    """
    rows = (await session.scalars(select(Pulse).where(_OF_WORKERS))).all()
    signs = {row.id.removeprefix(_WORKER): row.at for row in rows if row.id.startswith(_WORKER)}
    starts = {row.id.removeprefix(_START): row.at for row in rows if row.id.startswith(_START)}
    missing, before = 0, _now() - DEAD_AFTER
    if asking in signs and signs[asking] <= before:
        return 0
    for silent, last in sorted(signs.items(), key=lambda each: each[1], reverse=True):
        if last > before:
            continue
        stand_in = next((one for one, began in starts.items() if began > last and one != silent), None)
        if stand_in is None:
            missing += 1
        else:
            del starts[stand_in]
    return missing


async def note(session: AsyncSession, name: str) -> None:
    """Write the time of now beside a name."""
    row = await insert_or_lock(session, Pulse, unique="id", id=name, at=_now())
    row.at = _now()


def _now() -> datetime:
    return datetime.now(UTC)
