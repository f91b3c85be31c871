"""A short queue in lanes that take turns: a flood waits behind itself, and whoever comes alone is next."""

from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

from monitor.core.errors import Overloaded

RETRY_AFTER = 5
"""Seconds after which a full queue has moved on."""

Item = TypeVar("Item")


class Lanes(Generic[Item]):
    """At most `most` items. No lock: whoever shares it between threads brings one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lanes: dict[str, deque[Item]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def put(self, lane: str, item: Item) -> Item | None:
        """Queue it. Where the queue is full the newest of the longest lane is put out, and given back.

        Raises Overloaded where that would be this very lane.
        """
        dropped = None
        if len(self) >= self._most:
            longest = max(self._lanes, key=lambda each: len(self._lanes[each]), default=lane)
            if len(self._lanes.get(longest, ())) <= len(self._lanes.get(lane, ())) + 1:
                raise Overloaded(RETRY_AFTER)
            dropped = self._lanes[longest].pop()
        self._lanes.setdefault(lane, deque()).append(item)
        return dropped

    def take(self) -> Item | None:
        """The first of the lane whose turn it is; None where nobody waits."""
        for lane in self._lanes:
            waiting = self._lanes.pop(lane)
            item = waiting.popleft()
            if waiting:
                self._lanes[lane] = waiting  # behind the others
            return item
        return None

    def remove(self, lane: str, item: Item) -> None:
        """It no longer waits. Again is no error."""
        with suppress(KeyError, ValueError):
            self._lanes[lane].remove(item)
            if not self._lanes[lane]:
                del self._lanes[lane]
