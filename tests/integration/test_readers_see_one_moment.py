"""What a reader asks in several questions is of one moment: no list shows a copy without what ended with it."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from db.models.pulses import Pulse
from db.session import Database


async def test_reader_sees_nothing_that_is_committed_between_its_questions(prepared_url: str) -> None:
    database = Database(prepared_url)
    try:
        async with database.read() as session:
            before = await session.scalar(select(func.count()).select_from(Pulse))
            async with database.begin() as writing:
                writing.add(Pulse(id="between", at=datetime.now(UTC)))
            assert await session.scalar(select(func.count()).select_from(Pulse)) == before
        async with database.read() as session:
            assert await session.scalar(select(Pulse.id).where(Pulse.id == "between")) == "between"
        async with database.begin() as session:  # writers still see what others commit, and wait for their locks
            known = await session.scalar(select(func.count()).select_from(Pulse))
            assert known == (before or 0) + 1
    finally:
        await database.close()
