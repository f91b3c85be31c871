"""The web application and the jobs run in two event loops: each waits for its own connections."""

import asyncio

from sqlalchemy import text

from db.session import Database

AT_ONCE = 40
"""More than a pool has connections."""


async def all_at_once(database: Database) -> list[int]:
    async def one() -> int:
        async with database.read() as session:
            await asyncio.sleep(0.02)
            return int((await session.scalars(text("SELECT 1"))).one())

    return await asyncio.gather(*(one() for _ in range(AT_ONCE)))


async def test_two_event_loops_that_both_wait_for_connections_both_get_them(prepared_url: str) -> None:
    database = Database(prepared_url)
    try:
        here = asyncio.create_task(all_at_once(database))
        there = asyncio.to_thread(asyncio.run, all_at_once(database))
        assert list(await asyncio.gather(here, there)) == [[1] * AT_ONCE] * 2
        async with database.begin() as session:
            assert (await session.scalars(text("SELECT 1"))).one() == 1
    finally:
        await database.close()
