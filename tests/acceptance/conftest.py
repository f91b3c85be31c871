"""One finished demo on each database, shared by the tests that look at what it left behind; one browser."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from sqlalchemy.engine import URL

from tests.support import pages_world, postgres
from tests.support.demo_run import FinishedDemo, finish_by_command, finish_though_killed, left_unfinished


@pytest.fixture(scope="session")
def finished_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> FinishedDemo:
    """Seed 1, one process, the database in a file; as the command runs it, where another demo was cut off."""
    folder = tmp_path_factory.mktemp("demo-sqlite")
    left_unfinished(folder, seed=3)
    (folder / "note.txt").write_text("not the demo's")
    return finish_by_command(folder, seed=1)


@pytest.fixture(scope="session")
def finished_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: URL) -> Iterator[FinishedDemo]:
    """The same pictures, two workers, which are killed meanwhile: what is left behind must be as sound."""
    with postgres.fresh_database(postgres_server) as url:
        yield finish_though_killed(tmp_path_factory.mktemp("demo-postgresql"), url, seed=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def finished_demo(request: pytest.FixtureRequest) -> FinishedDemo:
    """Each of them."""
    found = request.getfixturevalue(f"finished_on_{request.param}")
    assert isinstance(found, FinishedDemo)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium_path(chromium_path: str) -> AsyncIterator[str]:
    """The same; the browser that the tests launched from it ends after the last of them."""
    yield chromium_path
    await pages_world.close_browser()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of pages share one event loop, since the browser that they share belongs to one.

    Whoever looks at a finished demo comes first, side by side: workers steal from the end, and each would play its own.
    """
    for item in items:
        if "chromium_path" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    items.sort(key=lambda item: not any(name.startswith("finished_") for name in getattr(item, "fixturenames", ())))
