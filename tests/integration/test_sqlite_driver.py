"""The embedded database's driver of our own: what SQLAlchemy is told, and what is left behind when nobody waits."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from db.session import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A table with two rows."""
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'rows.sqlite'}")
    async with made.begin() as session:
        await session.execute(text("create table rows (id integer primary key, name text unique)"))
        await session.execute(text("insert into rows (name) values (:name)"), [{"name": "a"}, {"name": "b"}])
    yield made
    await made.close()


async def test_what_a_statement_answers_is_told_whole(database: Database) -> None:
    async with database.begin() as session:
        changed = await session.execute(text("update rows set name = name || '!'"))
        assert changed.rowcount == 2  # type: ignore[attr-defined]
        made = await session.execute(text("insert into rows (name) values ('c') returning id, name"))
        assert (list(made.keys()), made.all()) == (["id", "name"], [(3, "c")])
        nothing = await session.execute(text("select name from rows where id = 99"))
        assert (list(nothing.keys()), nothing.all()) == (["name"], [])
    async with database.read() as session:
        halves = await session.execute(text("select name from rows order by id"))
        assert [row[0] for row in (*halves.fetchmany(2), *halves.fetchmany(2))] == ["a!", "b!", "c"]
        streamed = await session.stream(text("select id from rows order by id"))
        assert [row[0] async for row in streamed] == [1, 2, 3]


async def test_its_refusals_are_told_as_ever_and_the_transaction_is_undone(database: Database) -> None:
    for statement, kind in (
        ("insert into rows (name) values ('a')", IntegrityError),
        ("select * from nowhere", OperationalError),
        ("select :one; select 2", ProgrammingError),
    ):
        with pytest.raises(kind) as told:
            async with database.begin() as session:
                await session.execute(text("delete from rows where name = 'b'"))
                await session.execute(text(statement), {"one": 1} if ":one" in statement else {})
        assert isinstance(told.value.orig, sqlite3.Error)
        async with database.read() as session:
            assert (await session.execute(text("select count(*) from rows"))).scalar_one() == 2


async def test_a_reader_takes_no_lock_and_sees_the_moment_of_its_first_question(database: Database) -> None:
    async with database.read() as reader:
        await reader.connection()
        async with database.begin() as session:
            await session.execute(text("insert into rows (name) values ('c')"))
        for _ in range(2):
            assert (await reader.execute(text("select count(*) from rows"))).scalar_one() == 3
            async with database.begin() as session:
                await session.execute(text("delete from rows where name = 'c'"))
    async with database.read() as reader:
        streamed = await reader.stream(text("select count(*) from rows"))  # begins a transaction as well
        assert [row[0] async for row in streamed] == [2]
        async with database.begin() as session:
            await session.execute(text("delete from rows"))
        assert (await reader.execute(text("select count(*) from rows"))).scalar_one() == 2


async def test_a_writer_that_was_given_up_while_it_waited_leaves_nothing_begun(database: Database) -> None:
    """The thread still gets the lock later: whoever then has the connection would hold it."""

    async def write() -> None:
        async with database.begin() as session:
            await session.execute(text("delete from rows"))

    async with database.begin() as session:
        await session.execute(text("insert into rows (name) values ('c')"))
        waiting = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(10), database.begin() as session:
        assert (await session.execute(text("select count(*) from rows"))).scalar_one() == 3


async def test_a_statement_is_one_turn_of_the_thread(database: Database) -> None:
    """And a reading transaction two in all: its beginning comes with the first question."""
    turns = list[object]()
    async with database.read() as session:
        connection = await session.connection()
        fairy = await connection.get_raw_connection()
        driver = fairy.driver_connection
        assert driver is not None
        queue = driver._tx

        class Counted:
            def put_nowait(self, turn: object) -> None:
                turns.append(turn)
                queue.put_nowait(turn)

        driver._tx = Counted()
        await session.execute(text("select * from rows"))
        await session.execute(text("select * from rows where id = 1"))
        assert len(turns) == 2
        await session.rollback()
        assert len(turns) == 3
        driver._tx = queue
