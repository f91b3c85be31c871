"""The databases that other tests stand on."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from db.session import Database
from tests.support import postgres_program
from tests.support.postgres import PreparedDatabases, fresh_database


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


def test_throwaway_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:  # pytest's own are closed to the user that PostgreSQL runs as
        if folder.is_relative_to(Path(tempfile.gettempdir())) and folder.name.startswith(("pytest-", "popen-")):
            folder.chmod(0o755)
    command = [sys.executable, postgres_program.__file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment) as program:
        assert program.stdin and program.stdout
        assert int(program.stdout.readline()) > 0
        assert list(tmp_path.glob("jikimi-postgres-*"))
        program.stdin.close()  # what the system does when the test run is killed
        assert program.wait(timeout=60) == 0
    assert list(tmp_path.iterdir()) == []


def test_prepared_database_is_given_out_again_clean_and_only_when_it_can_be(
    prepared_postgres: PreparedDatabases,
) -> None:
    def plain(url: str) -> str:
        return url.replace("postgresql+psycopg", "postgresql")

    with prepared_postgres.one() as first, psycopg.connect(plain(first)) as left_open:
        left_open.execute("INSERT INTO organisations (id, name) VALUES ('a', 'A')")
        left_open.commit()
        left_open.execute("SELECT * FROM organisations FOR UPDATE")  # and holds its lock
    with prepared_postgres.one() as again, psycopg.connect(plain(again)) as connection:
        assert again == first
        assert connection.execute("SELECT count(*) FROM organisations").fetchone() == (0,)
        connection.execute("ALTER TABLE organisations ADD COLUMN built_upon INTEGER")
        connection.commit()
    with prepared_postgres.one() as other, psycopg.connect(plain(other)) as connection:
        assert other != first
        connection.execute("DELETE FROM alembic_version")
        connection.commit()
    with prepared_postgres.one() as another:
        assert another not in (first, other)
