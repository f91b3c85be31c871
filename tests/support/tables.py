"""Makes every table of a database once, so that tests copy it: the engine takes seconds to start and stop."""

import asyncio
import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import text

from db.migrate import upgrade
from db.session import is_sqlite, make_driver_engine
from monitor.work.worker import Worker


def prepare_tables(url: str) -> None:
    """Our tables and the workflow engine's; nobody stays connected, as a template needs."""
    upgrade(url)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_start_and_stop(url, Path(folder) / "lock"))
    if is_sqlite(url):
        engine = make_driver_engine(url)
        with engine.connect() as connection:  # so that the file alone is the whole database
            connection.execute(text("pragma wal_checkpoint(truncate)"))
        engine.dispose()


@cache
def sqlite_template() -> Path:
    """An SQLite file that holds every table, for the whole run: copy it."""
    folder = tempfile.mkdtemp(prefix="jikimi-template-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "jikimi.sqlite"
    prepare_tables(f"sqlite+aiosqlite:///{path}")
    return path


async def _start_and_stop(url: str, lock_file: Path) -> None:
    worker = Worker(url, {}, lock_file=lock_file)
    await worker.start([])
    await worker.stop()
