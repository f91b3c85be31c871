"""Which statements a database was asked, by readers and writers alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from db.session import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Every statement while the block runs; clear the list to begin anew."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):  # SQLite begins by a statement of its own
            found.append(statement)

    # Its other one, on PostgreSQL the same with another option, which hears what the first hears.
    engines = {id(one.pool): one.sync_engine for one in (database.reader, database.engine)}
    for engine in engines.values():
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        for engine in engines.values():
            event.remove(engine, "before_cursor_execute", note)
