"""Whether the installation is ready, asked of the database at most once in a few seconds, however many ask."""

import asyncio
import time
from collections.abc import Sequence

from db.session import Database
from monitor.app.readiness import Unready, unready

_HOLDS_SECONDS = 3.0


class Readiness:
    """Anybody may ask: what one was told the others are told too, so that asking costs nothing."""

    def __init__(self, database: Database) -> None:
        self._database, self._lock = database, asyncio.Lock()
        self._until, self._told = 0.0, tuple[Unready, ...]()

    async def ask(self) -> Sequence[Unready]:
        """Why it is not ready; nothing where it is."""
        async with self._lock:
            if time.monotonic() >= self._until:
                self._told = tuple(await unready(self._database))
                self._until = time.monotonic() + _HOLDS_SECONDS
            return self._told
