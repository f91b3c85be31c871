"""So many requests are worked on at once, the rest wait in lanes by origin: a crowd is behind itself alone.

The event loop gives every request that has begun its share. Where hundreds have begun, each of them, and everything
else that the process does, takes as long as all of them together.
"""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.connections import MOST_CONNECTIONS
from api.origin import Origins
from monitor.core.lanes import Lanes

MOST_AT_ONCE = 12
"""A few milliseconds each of the loop's time."""
_NEVER_WAITS = ("/healthz", "/readyz")

_step_aside: ContextVar[Callable[[], None] | None] = ContextVar("_step_aside", default=None)


def step_aside() -> None:
    """This request waits for something else now, and lets another begin."""
    leave = _step_aside.get()
    if leave is not None:
        leave()


@dataclass(slots=True)
class Gate:
    """ASGI middleware, of one event loop."""

    app: ASGIApp
    origins: Origins
    most_at_once: int = MOST_AT_ONCE
    _inside: int = field(default=0, init=False)
    # Never full: whoever waits here has a connection, and those are bounded.
    _waiting: Lanes[asyncio.Future[None]] = field(default_factory=lambda: Lanes(2 * MOST_CONNECTIONS), init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] in _NEVER_WAITS:
            await self.app(scope, receive, send)
            return
        await self._enter(self.origins.of(scope))
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                self._pass_on()

        async def answer(message: Message) -> None:
            leave()  # it is worked out; reading it may take its reader long
            await send(message)

        token = _step_aside.set(leave)
        try:
            await self.app(scope, receive, answer)
        finally:
            _step_aside.reset(token)
            leave()

    async def _enter(self, lane: str) -> None:
        if self._inside < self.most_at_once:
            self._inside += 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.put(lane, mine)
        try:
            await mine
        except asyncio.CancelledError:
            self._waiting.remove(lane, mine)
            if mine.done() and not mine.cancelled():
                self._pass_on()  # it was this one's turn at that very moment
            raise

    def _pass_on(self) -> None:
        while (following := self._waiting.take()) is not None:
            if not following.done():
                following.set_result(None)
                return
        self._inside -= 1
