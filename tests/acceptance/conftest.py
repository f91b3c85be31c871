"""One finished demo on each database, shared by the tests that look at what it left behind."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import URL

from tests.support import postgres
from tests.support.demo_run import FinishedDemo, finish


@pytest.fixture(scope="session")
def finished_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> FinishedDemo:
    """Seed 1, one process, the database in a file."""
    return finish(tmp_path_factory.mktemp("demo-sqlite"), "sqlite", seed=1)


@pytest.fixture(scope="session")
def finished_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: URL) -> Iterator[FinishedDemo]:
    """Seed 2, two workers."""
    with postgres.fresh_database(postgres_server) as url:
        yield finish(tmp_path_factory.mktemp("demo-postgresql"), url, seed=2)


@pytest.fixture(params=["sqlite", "postgresql"])
def finished_demo(request: pytest.FixtureRequest) -> FinishedDemo:
    """Each of them."""
    found = request.getfixturevalue(f"finished_on_{request.param}")
    assert isinstance(found, FinishedDemo)
    return found
