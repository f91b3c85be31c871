"""Argon2 in a few threads of its own with a short queue before them: bounded in memory and time.

A hash takes 64 MiB and a tenth of a second on purpose, so that guessing is dear. Strangers cause it, so that without a
bound it would be dear for us.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from monitor.core.errors import Overloaded
from monitor.core.lanes import RETRY_AFTER, Lanes

THREADS = max(1, min(4, (os.cpu_count() or 2) // 2))
"""Each hash has threads of its own besides; half of the processors are left to whoever is not hashing."""
MOST_WAITING = 32
"""A few seconds of work."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Any]"

    def settle(self, act: Callable[[Any], None], value: object) -> None:
        """Tell whoever waits, in their own loop; nobody waits any more where it is closed."""

        def tell() -> None:
            if not self.done.done():
                act(value)

        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(tell)


class HashingPool:
    """Runs work in `threads` threads. Lanes take turns, so that a flood waits for itself."""

    def __init__(self, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        """Starts no thread before there is work."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hashing")
        self._most_running = threads
        self._lock = threading.Lock()
        self._running = 0
        self._lanes: Lanes[_Waiting] = Lanes(most_waiting)

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._lanes)

    async def run(self, work: Callable[[], Result], *, lane: str = "") -> Result:
        """The result of `work`. Raises Overloaded where too many wait.

        `lane`: who causes it. Where the queue is full, the newest of the longest lane goes, unless that is this one.
        """
        loop = asyncio.get_running_loop()
        mine = _Waiting(work, loop, loop.create_future())
        with self._lock:
            dropped = self._lanes.put(lane, mine)
            start = self._running < self._most_running
            self._running += start
        if dropped is not None:
            dropped.settle(dropped.done.set_exception, Overloaded(RETRY_AFTER))
        if start:
            self._threads.submit(self._work)
        try:
            result: Result = await mine.done
        except asyncio.CancelledError:
            with self._lock:
                self._lanes.remove(lane, mine)
            raise
        return result

    def _next(self) -> _Waiting | None:
        """Whose turn it is, or None: this thread is free again."""
        with self._lock:
            mine = self._lanes.take()
            self._running -= mine is None
            return mine

    def _work(self) -> None:
        while (mine := self._next()) is not None:
            try:
                result = mine.work()
            except Exception as error:  # noqa: BLE001  # whoever waits for it decides
                mine.settle(mine.done.set_exception, error)
            else:
                mine.settle(mine.done.set_result, result)
