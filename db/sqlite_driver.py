"""aiosqlite for SQLAlchemy, with one turn of the connection's thread for a statement instead of four.

SQLAlchemy's own cursor makes a cursor, runs the statement, fetches the rows and closes the cursor as four questions,
and waits for the thread's answer to each: that costs ten times what SQLite does in between.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import aiosqlite
import sqlalchemy.dialects.sqlite.aiosqlite as adapted
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection, AsyncAdapt_dbapi_cursor
from sqlalchemy.util import await_only

_NOTHING: tuple[Any, ...] = (None, -1, None, ())


class _Cursor(adapted.AsyncAdapt_aiosqlite_cursor):
    """Runs one statement and keeps all that it answered: the driver's own cursor is closed by then."""

    __slots__ = ("_told", "arraysize")

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque[Any]()
        self._told = _NOTHING
        self.arraysize = 1

    @property
    def description(self) -> Any:
        """The columns of the last statement, None where it has none."""
        return self._told[0]

    @property
    def rowcount(self) -> int:
        """Rows that the last statement changed."""
        return int(self._told[1])

    @property
    def lastrowid(self) -> Any:
        """The last row's own number."""
        return self._told[2]

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        """Run it and fetch what it answers."""
        self._run(lambda cursor: cursor.execute(operation, () if parameters is None else parameters))
        return self

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        """Run it once for each."""
        self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters))
        return self

    def _run(self, act: Callable[[Any], Any]) -> None:
        connection = cast(_Connection, self._adapt_connection)
        try:
            self._told = await_only(connection.ask(act))
        except (sqlite3.Error, ValueError) as error:  # ValueError: the connection is closed; it becomes the driver's
            connection._handle_exception(error)
        self._rows = deque(self._told[3])

    async def _async_soft_close(self) -> None:
        """It is closed."""

    def close(self) -> None:
        """What was not read is let go."""
        self._rows.clear()


class _Connection(adapted.AsyncAdapt_aiosqlite_connection):
    """A connection and the thread that it belongs to."""

    __slots__ = ("_answered", "_waiting")
    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: aiosqlite.Connection) -> None:
        super().__init__(dbapi, connection)  # type: ignore[arg-type]  # the protocol of what is adapted fits no driver
        self._waiting = ""
        self._answered = True
        """False where nobody waited for what the thread still does: it may begin a transaction meanwhile."""

    def before_next(self, statement: str) -> None:
        """Run this with the next statement. Nothing may depend on it before that one."""
        self._waiting = statement

    async def ask(self, act: Callable[[Any], Any]) -> tuple[Any, ...]:
        """Act on a new cursor: the columns, how many rows it changed, the last one's number, the rows it answers."""
        driver = cast(aiosqlite.Connection, self._connection)
        first, self._waiting = self._waiting, ""

        def run() -> tuple[Any, ...]:
            cursor = driver._conn.cursor()
            try:
                if first:
                    cursor.execute(first)
                act(cursor)
                rows = cursor.fetchall() if cursor.description else ()
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        async with self._execute_mutex:
            self._answered = False
            try:
                told = await driver._execute(run)  # type: ignore[no-untyped-call]  # what its own methods call
            except Exception:
                self._answered = True
                raise
            self._answered = True
            return cast(tuple[Any, ...], told)

    def cursor(self, server_side: bool = False) -> AsyncAdapt_dbapi_cursor:
        """One that keeps its rows, or one that reads them bit by bit."""
        if server_side and self._waiting:
            super().cursor().execute("select 1")  # takes what waits along
        return super().cursor(server_side)

    def commit(self) -> None:
        """Where nothing was begun there is nothing to commit."""
        if self._begun():
            super().commit()

    def rollback(self) -> None:
        """Where nothing was begun there is nothing to undo."""
        if self._begun():
            super().rollback()
            self._answered = True  # it was the last in the queue

    def _begun(self) -> bool:
        self._waiting = ""
        driver = cast(aiosqlite.Connection, self._connection)
        return not self._answered or (driver._connection is not None and driver._connection.in_transaction)


class _Driver(adapted.AsyncAdapt_aiosqlite_dbapi):
    """What SQLAlchemy takes for the driver's module."""

    def connect(self, *arguments: Any, **options: Any) -> _Connection:
        """A new connection and its thread, which ends with this process."""
        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True
        return _Connection(self, await_only(connection))


def driver() -> Any:
    """For the engine's option `module`."""

    return _Driver(aiosqlite, sqlite3)
