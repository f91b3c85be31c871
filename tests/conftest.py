"""Fixtures that every test may use: both databases, fresh and empty; a real browser's path.

A test runs on both databases where its subject is what they do differently: locks, races and transactions, migrations,
inserts unless there, queries by actor, the work engine, the ledger and its keys (`world`, `prepared_url`). Where it is
a rule, a page or an answer that stands above the database, it runs on SQLite (`sqlite_world`, `prepared_sqlite_url`).
"""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from tests.support import chromium, postgres
from tests.support.lock_order import LockOrder, lock_order_is_watched
from tests.support.tables import prepare_tables, sqlite_template

# Before numpy is loaded, here and in every program that tests start: its threads wait for each other by spinning, which
# makes hashing a picture five times as dear in processor time. Decoders set the same for themselves.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# httpx looks for it in every folder of the path, at every request of a test to the application.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # how Python remembers that there is none


POSTGRESQL_IN_SOAK = frozenset(
    {
        *("test_ledger_verify.py", "test_ledger_export.py", "test_ledger_heads.py", "test_entered_for_person.py"),
        *("test_tenants.py", "test_pool.py", "test_where_parts_meet.py", "test_core_attacks.py"),
        *("test_api_bad_input.py", "test_alert_readers.py", "test_ledger_forging.py", "test_demo.py"),
    }
)
"""What these say is the same on both databases; SQL that differs has tests of its own. The soak runs both."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps `make test` short."""
    for item in items:
        if item.path.name in POSTGRESQL_IN_SOAK and "postgresql" in item.name:
            item.add_marker(pytest.mark.soak)


def pytest_collection_finish() -> None:
    """What was loaded stays to the end: looking for garbage in it again and again takes a fifth of a test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def lock_order() -> Iterator[LockOrder]:
    """Every transaction of every test locks rows in the order of db/locking.py."""
    with lock_order_is_watched() as order:
        yield order
    assert order.broken == []


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """One PostgreSQL server for the whole run: the URL of its maintenance database."""
    with postgres.postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """A fresh empty PostgreSQL database, `postgresql+psycopg://...`, dropped afterwards."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite database, `sqlite+aiosqlite:///...`; the file is made on first use."""
    return f"sqlite+aiosqlite:///{tmp_path / 'jikimi.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh empty database: the test runs once on each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(scope="session")
def prepared_postgres(postgres_server: URL) -> Iterator[postgres.PreparedDatabases]:
    """PostgreSQL databases that hold every table, ours and the workflow engine's."""
    with postgres.fresh_database(postgres_server) as url:
        prepare_tables(url)
        databases = postgres.PreparedDatabases(postgres_server, str(make_url(url).database))
        yield databases
        databases.drop()


@pytest.fixture
def prepared_sqlite_url(sqlite_url: str) -> str:
    """A fresh SQLite database with every table."""
    shutil.copy(sqlite_template(), str(make_url(sqlite_url).database))
    return sqlite_url


@pytest.fixture
def prepared_postgres_url(prepared_postgres: postgres.PreparedDatabases) -> Iterator[str]:
    """A clean PostgreSQL database with every table."""
    with prepared_postgres.one() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with every table: the test runs once on each kind."""
    name = "prepared_sqlite_url" if request.param == "sqlite" else "prepared_postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of a Chromium for Playwright's `executable_path`."""
    found = chromium.find()
    if found is None:
        pytest.fail(f"no Chromium: {chromium.HOW_TO_INSTALL}")
    return found
