"""Finds what makes other writers wait: comparing, or asking the key store, while a transaction that writes is open.

On SQLite such a transaction keeps every other writer away, and on both databases it holds rows that others want. What
the key store is asked on the event loop is found as well, and what a case's pictures are compared there: meanwhile
nobody is answered.
"""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from db.session import Database
from monitor.keys.store import KeyStore
from monitor.matching import verdict
from monitor.matching.media_alike import MediaAlike


class SlowWhileWriting:
    """What was found, and how often anything was looked at: a watcher that saw nothing proves nothing."""

    def __init__(self) -> None:
        self.open = 0
        self.found: list[str] = []
        self.compared = self.keys_asked = self.looked_alike = 0

    def comparing(self) -> None:
        """Somebody compares."""
        self.compared += 1
        if self.open:
            self.found.append("compared while a transaction was open")
        if threading.current_thread() is threading.main_thread():
            self.found.append("compared on the event loop")

    def looking_alike(self) -> None:
        """Somebody searches what a case holds for what looks alike."""
        self.looked_alike += 1
        if threading.current_thread() is threading.main_thread():
            self.found.append("searched for what looks alike on the event loop")

    def asking(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Somebody asks the key store."""
        self.keys_asked += 1
        if self.open:
            self.found.append(f"keys asked while a transaction was open: {statement}")
        if threading.current_thread() is threading.main_thread():
            self.found.append(f"keys asked on the event loop: {statement}")


@contextmanager
def slow_while_writing(keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowWhileWriting]:
    """Everything of this process is watched meanwhile; the real functions do their work."""
    watcher, begin, compare = SlowWhileWriting(), Database.begin, verdict._compare
    search = MediaAlike.like

    @asynccontextmanager
    async def watched_begin(self: Database) -> AsyncIterator[AsyncSession]:
        transaction: AbstractAsyncContextManager[AsyncSession] = begin(self)
        async with transaction as session:
            watcher.open += 1
            try:
                yield session
            finally:
                watcher.open -= 1

    def watched_compare(*arguments: Any) -> Any:
        watcher.comparing()
        return compare(*arguments)

    def watched_search(*arguments: Any) -> Any:
        watcher.looking_alike()
        return search(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(MediaAlike, "like", watched_search)
        patch.setattr(Database, "begin", watched_begin)
        patch.setattr(verdict, "_compare", watched_compare)
        event.listen(keys._engine, "before_cursor_execute", watcher.asking)
        try:
            yield watcher
        finally:
            event.remove(keys._engine, "before_cursor_execute", watcher.asking)
