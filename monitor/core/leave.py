"""Whether what is under way may still make its next request: asked at each one, so that a stop holds at that moment.

A job says once, around its work, who is to be asked; adapters and ways out ask before every request that they make,
and know nothing of stops, consents or cases. It goes along with the task (a context variable), so that it need not be
handed through every call, and nothing that another task asks is mixed up with it.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from monitor.core.errors import WorkStopped

Ask = Callable[[], Awaitable[bool]]
"""True: the next request may be made."""
_asked: ContextVar[Ask | None] = ContextVar("leave", default=None)


@contextmanager
def asking(ask: Ask) -> Iterator[None]:
    """Within the block every request asks first."""
    before = _asked.set(ask)
    try:
        yield
    finally:
        _asked.reset(before)


async def ask_leave() -> None:
    """Call it before a request. Raises WorkStopped when it must not be made; outside of `asking` it may be."""
    ask = _asked.get()
    if ask is not None and not await ask():
        raise WorkStopped
