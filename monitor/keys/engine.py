"""The connection of the key store: autocommit, and on SQLite a private file that forgets what was deleted."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event

# A rollback journal, not a WAL: a WAL would keep the pages of destroyed keys until its next checkpoint.
_PRAGMAS = ("busy_timeout=30000", "journal_mode=DELETE", "secure_delete=ON", "synchronous=FULL")


def make_engine(url: str, file: Path | None) -> Engine:
    """A synchronous engine in autocommit. `file` is the SQLite file, None for PostgreSQL."""
    if file is None:
        return create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True, pool_size=2)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")

    @event.listens_for(engine, "do_connect")
    def _private(_dialect: Any, _record: Any, _arguments: Any, _keywords: Any) -> None:
        _make_private(file)

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _make_private(file: Path) -> None:
    """Only the owner reads the file; SQLite gives its journal the same mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
