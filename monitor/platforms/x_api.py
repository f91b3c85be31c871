"""The calls of X's API that Jikimi makes: each under its own cooldown, each error translated.

Uses tweepy's asynchronous client: its calls can be cancelled and time out as a whole, where the synchronous one would
leave a thread hanging in a socket. It never waits by itself; what must wait goes to `Cooldowns`.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from tweepy.asynchronous import AsyncClient
from yarl import URL

from monitor.clock import Clock
from monitor.errors import PlatformError, RateLimited
from monitor.platforms.base import Cooldowns
from monitor.platforms.x_hosts import Hosts
from monitor.platforms.x_refusals import translate
from monitor.platforms.x_shapes import POST_FIELDS, Json
from monitor.platforms.x_wire import Refused, Wire

# At DEBUG tweepy logs the bearer token and every address it asks for.
logging.getLogger("tweepy").setLevel(logging.WARNING)

USER = "GET /2/users/by/username/:username"
TIMELINE = "GET /2/users/:id/tweets"
POSTS = "GET /2/tweets"
MEDIA = "GET /media"
"""The names under which cooldowns are kept: X limits each of these on its own."""


T = TypeVar("T")


class XApi:
    """One login's calls. Every method may raise any PlatformError."""

    def __init__(self, *, bearer_token: str, hosts: Hosts, cooldowns: Cooldowns, clock: Clock, timeout: float) -> None:
        """`timeout` in real seconds for one call from start to end."""
        self._may_read = hosts.may_read
        self._cooldowns = cooldowns
        self._clock = clock
        self._wire = Wire(hosts.api_origin, timeout=timeout)
        self._client = AsyncClient(bearer_token, return_type=dict, wait_on_rate_limit=False)
        self._client.session = self._wire

    async def user(self, username: str) -> Json:
        """A user by name."""
        return await self._call(USER, lambda: self._client.get_user(username=username, user_fields=["protected"]))

    async def posts(self, ids: list[str]) -> Json:
        """Posts by id, with their media."""
        return await self._call(POSTS, lambda: self._client.get_tweets(ids, **POST_FIELDS))

    async def timeline(self, user_id: str, **bounds: Any) -> Json:
        """One answer of an account's own posts, newest first, with their media."""
        asked = {**bounds, **POST_FIELDS, "exclude": ["retweets"]}
        return await self._call(TIMELINE, lambda: self._client.get_users_tweets(user_id, **asked))

    async def medium(self, url: URL, *, max_bytes: int) -> bytes:
        """The bytes at `url`. Raises NotInspected too."""
        return await self._call(MEDIA, lambda: self._wire.fetch(url, max_bytes=max_bytes, may_read=self._may_read))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _call(self, endpoint: str, ask: Callable[[], Awaitable[T]]) -> T:
        await self._respect(endpoint)
        try:
            return await ask()
        except Refused as refused:
            raise await self._translated(refused, endpoint) from None

    async def _respect(self, endpoint: str) -> None:
        now, until = self._clock.now(), await self._cooldowns.until(endpoint)
        if until is not None and until > now:
            raise RateLimited((until - now).total_seconds(), endpoint)

    async def _translated(self, refused: Refused, endpoint: str) -> PlatformError:
        now = self._clock.now()
        error = translate(refused, endpoint, now)
        if isinstance(error, RateLimited):
            await self._cooldowns.set(endpoint, now + timedelta(seconds=error.retry_after))
        return error
