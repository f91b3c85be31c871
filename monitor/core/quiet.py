"""A log that a flood cannot fill: what is said again and again is counted instead."""

import logging
import time
from collections.abc import Callable

MOST_A_MINUTE = 20
_MINUTE = 60.0
_MOST_KINDS = 500


class Sparingly(logging.Filter):
    """Lets warnings of one kind (logger and message) through so many times a minute; the next one says how many not.

    What strangers cause is said by the web application and by libraries; what our own work says is never left out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, str], tuple[float, int, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is written."""
        if record.name.split(".")[0] in ("monitor", "db"):
            return True
        key, now = (record.name, str(record.msg)[:200]), self._clock()
        since, said, left_out = self._kinds.get(key, (now, 0, 0))
        if now - since >= _MINUTE:
            if left_out:
                record.left_out = left_out
            since, said, left_out = now, 0, 0
        if said >= MOST_A_MINUTE:
            self._kinds[key] = (since, said, left_out + 1)
            return False
        if len(self._kinds) >= _MOST_KINDS:
            self._kinds.clear()
        self._kinds[key] = (since, said + 1, left_out)
        return True
