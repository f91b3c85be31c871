"""Turns of what is dear from its first statement to its last: so many at once, the rest in lanes, and few of those."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.gate import step_aside
from monitor.core.errors import Overloaded
from monitor.core.lanes import RETRY_AFTER, Lanes

MOST_AT_ONCE = 6
"""Less than half of the database's connections of a process: whoever reads is never behind a flood."""
MOST_WAITING = 40
"""Four seconds of argon2 on a small machine."""
_TURNS_OF_ALL = 4
"""Every fourth turn is for whoever came with nothing."""


class Turns:
    """Of one event loop."""

    def __init__(self, most_at_once: int = MOST_AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._left = most_at_once
        # Those who gave something for it wait apart from those who did not.
        self._waiting = {given: Lanes[asyncio.Future[None]](most_waiting) for given in (True, False)}
        self._passed_on = 0

    @asynccontextmanager
    async def turn(self, lane: str, *, given: bool = False) -> AsyncIterator[None]:
        """Wait for a turn. Raises Overloaded where too many wait. `lane`: who asks.

        `given`: they worked for it, or hold a code, or are known: three turns of four are theirs.
        """
        await self._enter(lane, self._waiting[given])
        try:
            yield
        finally:
            self._pass_on()

    async def _enter(self, lane: str, waiting: Lanes[asyncio.Future[None]]) -> None:
        if self._left:
            self._left -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        dropped = waiting.put(lane, mine)
        if dropped is not None and not dropped.done():
            dropped.set_exception(Overloaded(RETRY_AFTER))
        step_aside()
        try:
            await mine
        except asyncio.CancelledError:
            waiting.remove(lane, mine)
            if mine.done() and not mine.cancelled():
                self._pass_on()  # it was this one's turn at that very moment
            raise

    def _pass_on(self) -> None:
        self._passed_on += 1
        first = self._passed_on % _TURNS_OF_ALL != 0
        while (following := self._waiting[first].take() or self._waiting[not first].take()) is not None:
            if not following.done():
                following.set_result(None)
                return
        self._left += 1
