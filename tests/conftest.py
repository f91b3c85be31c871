"""Fixtures that every test may use: both databases, fresh and empty; a real browser's path."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.support import chromium, postgres


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
def chromium_path() -> str:
    """The path of a Chromium for Playwright's `executable_path`."""
    found = chromium.find()
    if found is None:
        pytest.fail(f"no Chromium: {chromium.HOW_TO_INSTALL}")
    return found
