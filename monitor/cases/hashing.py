"""Argon2 in a few threads of its own with a short queue before them: bounded in memory and time.

A hash takes 64 MiB and a tenth of a second on purpose, so that guessing is dear. Strangers cause it, so that without a
bound it would be dear for us.
"""

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from monitor.core.errors import Overloaded

THREADS = max(1, min(4, (os.cpu_count() or 2) // 2))
"""Each hash has threads of its own besides; half of the processors are left to whoever is not hashing."""
MOST_WAITING = 32
"""A few seconds of work."""
RETRY_AFTER = 5
"""Seconds after which the queue has moved on."""

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
        self._most_running, self._most_waiting = threads, most_waiting
        self._lock = threading.Lock()
        self._running = 0
        self._lanes: dict[str, deque[_Waiting]] = {}

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(map(len, self._lanes.values()))

    async def run(self, work: Callable[[], Result], *, lane: str = "") -> Result:
        """The result of `work`. Raises Overloaded where too many wait.

        `lane`: who causes it. Where the queue is full, the newest of the longest lane goes, unless that is this one.
        """
        loop = asyncio.get_running_loop()
        mine = _Waiting(work, loop, loop.create_future())
        with self._lock:
            self._make_room(lane)
            self._lanes.setdefault(lane, deque()).append(mine)
            start = self._running < self._most_running
            self._running += start
        if start:
            self._threads.submit(self._work)
        try:
            result: Result = await mine.done
        except asyncio.CancelledError:
            self._forget(mine, lane)
            raise
        return result

    def _make_room(self, lane: str) -> None:
        if self.waiting < self._most_waiting:
            return
        longest = max(self._lanes, key=lambda each: len(self._lanes[each]), default=lane)
        if len(self._lanes.get(longest, ())) <= len(self._lanes.get(lane, ())) + 1:
            raise Overloaded(RETRY_AFTER)
        dropped = self._lanes[longest].pop()
        dropped.settle(dropped.done.set_exception, Overloaded(RETRY_AFTER))

    def _forget(self, mine: _Waiting, lane: str) -> None:
        with self._lock, suppress(KeyError, ValueError):
            self._lanes[lane].remove(mine)
            if not self._lanes[lane]:
                del self._lanes[lane]

    def _next(self) -> _Waiting | None:
        """The first of the lane whose turn it is, or None: this thread is free again."""
        with self._lock:
            for lane in self._lanes:
                waiting = self._lanes.pop(lane)
                mine = waiting.popleft()
                if waiting:
                    self._lanes[lane] = waiting  # behind the others
                return mine
            self._running -= 1
            return None

    def _work(self) -> None:
        while (mine := self._next()) is not None:
            try:
                result = mine.work()
            except Exception as error:  # noqa: BLE001  # whoever waits for it decides
                mine.settle(mine.done.set_exception, error)
            else:
                mine.settle(mine.done.set_result, result)
