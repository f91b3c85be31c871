"""What SQLAlchemy works out about statements, once for every engine of this process to servers of one kind.

By itself each engine works out each statement anew, and a process has several: of readers and writers, of each event
loop. What is kept is about the language that a server speaks, never about a database.
"""

from typing import Any

from sqlalchemy import Dialect, Engine, event

_known: dict[tuple[object, ...], tuple[Dialect, Any]] = {}


def share_statements(engine: Engine) -> None:
    """Let it use what is known, or be the first to know. To be called before it connects."""
    url = engine.url
    # SQLite is the same library for every file; another server of PostgreSQL may have another version.
    server = (url.drivername, url.host, url.port, url.username, tuple(sorted(url.query.items())))
    if server in _known:
        engine.dialect, engine._compiled_cache = _known[server]
        engine.pool._dialect = engine.dialect
        return

    @event.listens_for(engine, "connect")
    def _tell(_connection: Any, _record: Any) -> None:
        """By now the server was asked for its version."""
        _known.setdefault(server, (engine.dialect, engine._compiled_cache))
