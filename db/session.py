"""Engines and transactions for SQLite (embedded, one process) and PostgreSQL (several), tuned alike."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from db import sqlite_driver

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "secure_delete=ON")

_AFTER_COMMIT, _AFTER_ROLLBACK = "after-commit", "after-rollback"


def after_commit(session: AsyncSession, act: Callable[[], None]) -> None:
    """Let `Database.begin` call `act` once its transaction is committed; never when it is rolled back.

    What `act` does must be made up for elsewhere: the process may die in between. It runs in a thread, since it may
    wait for another database, and whoever began the transaction waits for it.
    """
    session.info.setdefault(_AFTER_COMMIT, []).append(act)


def after_rollback(session: AsyncSession, act: Callable[[], None]) -> None:
    """Let `Database.begin` call `act` when its transaction is rolled back; never when it is committed.

    What `act` undoes must do no harm where it stays: the process may die in between. It runs in a thread.
    """
    session.info.setdefault(_AFTER_ROLLBACK, []).append(act)


def is_sqlite(url: str) -> bool:
    """True for the embedded database."""
    return make_url(url).get_backend_name() == "sqlite"


def sync_url(url: str) -> str:
    """The URL for a synchronous engine (migrations, the workflow engine)."""
    return make_url(url).set(drivername="sqlite" if is_sqlite(url) else "postgresql+psycopg").render_as_string(False)


def async_url(url: str) -> str:
    """The URL for an asynchronous engine."""
    driver = "sqlite+aiosqlite" if is_sqlite(url) else "postgresql+psycopg"
    return make_url(url).set(drivername=driver).render_as_string(False)


def _run_pragmas(connection: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _tune_connections(engine: Engine) -> None:
    """WAL and full sync."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver starts no transaction of its own
        _run_pragmas(connection)


def _tune_sqlite(engine: Engine) -> None:
    """Transactions write from their first moment, since a read that turns into a write cannot wait."""
    _tune_connections(engine)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def make_sync_engine(url: str) -> Engine:
    """A synchronous engine whose transactions write at once."""
    engine = create_engine(sync_url(url), hide_parameters=True)
    if is_sqlite(url):
        _tune_sqlite(engine)
    return engine


def make_driver_engine(url: str) -> Engine:
    """A synchronous engine for a library that begins its own transactions (the workflow engine)."""
    engine = create_engine(sync_url(url), hide_parameters=True)
    if is_sqlite(url):

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = "IMMEDIATE"
            _run_pragmas(connection)

    return engine


def _make_async_engine(url: str, *, reading: bool = False) -> AsyncEngine:
    if not is_sqlite(url):
        return create_async_engine(async_url(url), hide_parameters=True)
    engine = create_async_engine(async_url(url), hide_parameters=True, module=sqlite_driver.driver())
    if reading:
        _tune_connections(engine.sync_engine)

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            # It takes no lock, and its moment is that of the first question.
            connection.connection.dbapi_connection.before_next("BEGIN DEFERRED")

    else:
        _tune_sqlite(engine.sync_engine)
    return engine


@dataclass(frozen=True, slots=True)
class _Pools:
    """The connections of one event loop: what waits for a free one waits there."""

    engine: AsyncEngine
    reader: AsyncEngine
    write_session: async_sessionmaker[AsyncSession]
    read_session: async_sessionmaker[AsyncSession]


def _make_pools(url: str) -> _Pools:
    engine = _make_async_engine(url)
    # On SQLite readers must not take the write lock, so they have an engine of their own.
    # There what one transaction reads is of one moment; PostgreSQL does so where it is asked to. Otherwise a list
    # that asks several questions shows what never was: a copy without the notice that ended with it.
    reader = (
        _make_async_engine(url, reading=True)
        if is_sqlite(url)
        else engine.execution_options(isolation_level="REPEATABLE READ")
    )
    return _Pools(
        engine,
        reader,
        async_sessionmaker(engine, expire_on_commit=False),
        async_sessionmaker(reader, expire_on_commit=False),
    )


class Database:
    """Sessions over one database. `begin` commits at its end; `read` never writes, and sees one moment.

    The web application and the workflow engine's jobs run in event loops of their own, and each has its own
    connections: a pool that both wait at refuses the second one.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._pools: dict[asyncio.AbstractEventLoop, _Pools] = {}
        self._lock = Lock()

    @property
    def engine(self) -> AsyncEngine:
        """Of the running event loop."""
        return self._here().engine

    @property
    def reader(self) -> AsyncEngine:
        """The same, of what only reads."""
        return self._here().reader

    def _here(self) -> _Pools:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._pools:
                self._pools[loop] = _make_pools(self.url)
            return self._pools[loop]

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by any exception."""
        async with self._here().write_session() as session:
            try:
                async with session.begin():
                    yield session
            except BaseException:  # cancelling too: what waits for the rollback is done, and it goes on
                await _run(session.info.pop(_AFTER_ROLLBACK, ()))
                raise
        await _run(session.info.pop(_AFTER_COMMIT, ()))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading, all of it as of the first question; whatever it would write is dropped."""
        async with self._here().read_session() as session:
            yield session

    async def close(self) -> None:
        """Close every connection."""
        with self._lock:
            pools = list(self._pools.values())
            self._pools.clear()
        for one in pools:
            await one.engine.dispose()
            if one.reader.pool is not one.engine.pool:
                await one.reader.dispose()


async def _run(acts: Sequence[Callable[[], None]]) -> None:
    """Off the event loop; to its end, also when whoever waits is cancelled."""

    def run() -> None:
        for act in acts:
            act()

    if acts:
        await asyncio.shield(asyncio.to_thread(run))
