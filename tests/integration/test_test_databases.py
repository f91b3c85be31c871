"""The databases that other tests stand on."""

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from db.session import Database
from tests.support.postgres import fresh_database


async def test_database_url_gives_a_fresh_empty_database(database_url: str) -> None:
    database = Database(database_url)
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE only_here (id INTEGER)"))  # fails when the table is there already
        await session.execute(text("INSERT INTO only_here VALUES (1)"))
    async with database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM only_here"))).scalar_one() == 1
    await database.close()


async def test_fresh_database_is_dropped_though_somebody_is_connected(postgres_server: URL) -> None:
    with fresh_database(postgres_server) as url:
        engine = create_async_engine(url)
        connection = await engine.connect()
        await connection.execute(text("SELECT 1"))
        await connection.invalidate()
        name = url.rpartition("/")[2]
    await connection.close()
    await engine.dispose()
    maintenance = create_async_engine(postgres_server)
    async with maintenance.connect() as session:
        found = await session.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        assert found.first() is None
    await maintenance.dispose()
