"""The calls of X's API that Jikimi makes: each under its own cooldown, each error translated.

tweepy knows the routes and parameters; the HTTP is ours. Its synchronous client has no time-out and would leave a
thread hanging in a socket; its asynchronous one needs a package more and chokes on errors that are not JSON. Nothing
here waits by itself; what must wait goes to `Cooldowns`.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import requests
from tweepy import Client
from yarl import URL

from monitor.core.clock import Clock
from monitor.core.clock_watch import ClockWatch
from monitor.core.errors import PlatformError, RateLimited
from monitor.core.leave import ask_leave
from monitor.platforms.base import Cooldowns
from monitor.platforms.stops import Stops
from monitor.platforms.x.carried import Json
from monitor.platforms.x.errors import error_of_status
from monitor.platforms.x.hosts import Hosts
from monitor.platforms.x.http import Refused, Wire
from monitor.platforms.x.parsing import AUTHOR_FIELDS, POST_FIELDS

USER = "GET /2/users/by/username/:username"
TIMELINE = "GET /2/users/:id/tweets"
POSTS = "GET /2/tweets"
MEDIA = "GET /media"
"""The names under which cooldowns are kept: X limits each of these on its own."""


T = TypeVar("T")


class _Calls(Client):  # type: ignore[misc]  # tweepy has no types
    """tweepy's client over our wire: its methods build the call and return an awaitable of the JSON."""

    def __init__(self, bearer_token: str, wire: Wire) -> None:
        # With this return type tweepy hands through, untouched, what request() returns.
        super().__init__(bearer_token, return_type=requests.Response)
        self.session.close()
        self._wire = wire

    def request(
        self, method: str, route: str, params: Json | None = None, json: object = None, user_auth: bool = False
    ) -> Awaitable[Json]:
        """Overrides the only method through which tweepy reaches the network, and with it the host it hard-codes."""
        if method != "GET" or json is not None or user_auth:
            raise ValueError("Jikimi only reads from X")
        return self._wire.ask(route, params or {}, bearer=self.bearer_token)


class XApi:
    """One login's calls. Every method may raise any PlatformError."""

    def __init__(
        self,
        *,
        bearer_token: str,
        hosts: Hosts,
        cooldowns: Cooldowns,
        clock: Clock,
        timeout: float,
        clocks: ClockWatch | None = None,
    ) -> None:
        """`timeout` in real seconds for one call from start to end."""
        self._may_read = hosts.may_read
        self._cooldowns = cooldowns
        self._clock = clock
        self._stops = Stops(cooldowns, clock)
        self._wire = Wire(hosts.api_origin, timeout=timeout, clocks=clocks)
        self._client = _Calls(bearer_token, self._wire)

    async def user(self, username: str) -> Json:
        """A user by name."""
        return await self._call(USER, lambda: self._client.get_user(username=username, user_fields=["protected"]))

    async def posts(self, ids: list[str], *, with_author: bool = False) -> Json:
        """Posts by id, with their media; `with_author`: and with who wrote them, which costs a user each."""
        asked = {**POST_FIELDS, **(AUTHOR_FIELDS if with_author else {})}
        asked["expansions"] = [*POST_FIELDS["expansions"], *(["author_id"] if with_author else [])]
        return await self._call(POSTS, lambda: self._client.get_tweets(ids, **asked))

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
        await ask_leave()
        # The host of the media asks for no token.
        probe = endpoint != MEDIA and await self._stops.refuse()
        try:
            answer = await ask()
        except Refused as refused:
            raise await self._translated(refused, endpoint) from None
        if probe:
            await self._stops.heal()
        return answer

    async def _respect(self, endpoint: str) -> None:
        now, until = self._clock.now(), await self._cooldowns.until(endpoint)
        if until is not None and until > now:
            raise RateLimited((until - now).total_seconds(), endpoint)

    async def _translated(self, refused: Refused, endpoint: str) -> PlatformError:
        now = self._clock.now()
        error = error_of_status(refused, endpoint, now)
        if isinstance(error, RateLimited):
            await self._cooldowns.set(endpoint, now + timedelta(seconds=error.retry_after))
        await self._stops.note(error)
        return error
