"""One login's line to Telegram: one request at a time, every wait remembered, nothing repeated behind our back."""

import asyncio
import hashlib
import logging
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from telethon.client.downloads import _CdnRedirect
from telethon.errors import AuthKeyNotFound, InvalidBufferError, RPCError, TypeNotFoundError

from monitor.core.clock import Clock
from monitor.core.clock_watch import ClockWatch
from monitor.core.errors import (
    AccountStopped,
    NotInspected,
    PlatformError,
    PlatformFault,
    RateLimited,
    SourceUnavailable,
)
from monitor.core.leave import ask_leave
from monitor.platforms.base import Cooldowns
from monitor.platforms.stops import Stops
from monitor.platforms.telegram.client import TelegramServer, auth_key_of, make_client
from monitor.platforms.telegram.errors import FLOODS, OutcomeUnknown, RpcRefused, rpc_errors_translated

log = logging.getLogger(__name__)

T = TypeVar("T")

CALL_SECONDS = 30.0
"""Telegram answers within a second or two; Telethon itself would wait for ever. Real seconds, not the domain's."""
CONNECT_SECONDS = 45.0
CHUNK = 512 * 1024
"""Bytes asked for at once: the most that Telethon allows, and a multiple of 4096 as Telegram demands."""


class TelegramConnection:
    """Connects on first use, and again after a drop. Safe to share between tasks of one event loop."""

    def __init__(
        self,
        *,
        api_id: int,
        api_hash: str,
        session: str,
        cooldowns: Cooldowns,
        clock: Clock,
        server: TelegramServer | None = None,
        call_seconds: float = CALL_SECONDS,
        clocks: ClockWatch | None = None,
    ) -> None:
        """`session` is the decrypted text that telegram-login made: ConfigError when it is none."""
        self._make: Callable[[], Any] = partial(
            make_client, api_id=api_id, api_hash=api_hash, session=session, server=server
        )
        self.account = telegram_account(session)
        self._cooldowns = cooldowns
        self._clock, self._clocks = clock, clocks or ClockWatch()
        self._stops = Stops(cooldowns, clock)
        self._call_seconds = call_seconds
        self._lock = asyncio.Lock()
        self._client: Any = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._client is not None

    async def call(self, request: Any, *, once: bool = False) -> Any:
        """Telegram's answer to a Telethon request. Raises PlatformError.

        A request that was cut off is asked again, once, over a new connection; never when `once`.
        """
        method = method_name(request)
        async with self._asking(method):
            try:
                return await self._ask(method, lambda client: client(request))
            except OutcomeUnknown as unknown:
                if once or unknown.reason != "cut":
                    raise
            log.info("connection lost, asking again")
            return await self._ask(method, lambda client: client(request))

    async def download(self, location: Any, *, dc_id: int, max_bytes: int) -> bytes:
        """The bytes of a file. Raises NotInspected when it is larger than `max_bytes`, else PlatformError."""
        method = "upload.getFile"
        async with self._asking(method):
            data = bytearray()
            # A fresh iterator starts where the connection was cut.
            for attempt in range(2):
                try:
                    return await self._collect(method, location, dc_id, data, max_bytes)
                except OutcomeUnknown as unknown:
                    if attempt or unknown.reason != "cut":
                        raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Disconnect. The next call connects again."""
        async with self._lock:
            await self._drop()

    async def _collect(self, method: str, location: Any, dc_id: int, data: bytearray, max_bytes: int) -> bytes:
        client = await self._connected()
        # What was read before a cut stays, in whole chunks, because Telegram takes multiples of 4096 only.
        del data[len(data) - len(data) % CHUNK :]
        chunks = aiter(client.iter_download(location, offset=len(data), request_size=CHUNK, dc_id=dc_id))
        begun = False

        def next_chunk(_: Any) -> Awaitable[bytes | None]:
            nonlocal begun
            begun = True
            return _next(chunks)

        try:
            while (chunk := await self._ask(method, next_chunk)) is not None:
                data += chunk
                if len(data) > max_bytes:
                    raise NotInspected("too-large")
        finally:
            if begun and self._client is client:  # what was never asked for anything has nothing to close
                await chunks.close()
        return bytes(data)

    @asynccontextmanager
    async def _asking(self, method: str) -> AsyncIterator[None]:
        """One request at a time, none while `method` or the account must wait. An account that stopped and is let in
        again is healed."""
        async with self._lock:
            await self._refuse_while_waiting(method)
            probe = await self._stops.refuse()
            try:
                yield
            except (SourceUnavailable, RpcRefused, NotInspected):
                # A no to this one question is an answer to somebody who is let in.
                if probe:
                    await self._stops.heal()
                raise
            if probe:
                await self._stops.heal()

    async def _refuse_while_waiting(self, method: str) -> None:
        until = await self._cooldowns.until(method)
        if until is not None and (rest := (until - self._clock.now()).total_seconds()) > 0:
            raise RateLimited(rest, method)

    async def _ask(self, method: str, ask: Callable[[Any], Awaitable[T]]) -> T:
        await ask_leave()
        client = await self._connected()
        try:
            async with asyncio.timeout(self._call_seconds):
                answer = await ask(client)
                self._hear_the_time(client)
                return answer
        except RPCError as error:
            raise await self._noted(error, method, client) from None
        except _CdnRedirect:
            raise NotInspected("unsupported") from None
        except TimeoutError:
            await self._drop()
            raise OutcomeUnknown(method, "no-answer") from None
        except AuthKeyNotFound:
            await self._drop()
            raise await self._key_unknown() from None
        except (OSError, asyncio.IncompleteReadError, InvalidBufferError):
            await self._drop()
            raise OutcomeUnknown(method, "cut") from None
        except (TypeNotFoundError, struct.error, BufferError):
            raise OutcomeUnknown(method, "unreadable-answer") from None
        except asyncio.CancelledError:
            # Telethon cancels its pending answers when a connection ends; only a cancelled task of ours passes on.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            await self._drop()
            raise OutcomeUnknown(method, "cut") from None

    def _hear_the_time(self, client: Any) -> None:
        """Every message of Telegram's bears its time: seconds in the upper half of its number, parts in the lower.

        https://core.telegram.org/mtproto/description#message-identifier-msg-id
        """
        latest = client._sender._state._highest_remote_id
        if latest:
            self._clocks.off_by("telegram", timedelta(seconds=latest / 2**32 - time.time()))

    @property
    def clock_offset(self) -> timedelta | None:
        """Telegram's clock minus this machine's, as its last answer told."""
        return self._clocks.last("telegram")

    async def _connected(self) -> Any:
        """The client, connected. Raises PlatformFault, AccountStopped or RateLimited: nothing was asked then."""
        if self._client is not None and _alive(self._client):
            return self._client
        await self._drop()
        await self._refuse_while_waiting("connect")
        self._client = client = self._make()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect()
        except RPCError as error:
            failure: PlatformError = await self._noted(error, "connect", client)
            if isinstance(failure, OutcomeUnknown):
                failure = PlatformFault("connect: telegram did not answer well")
        except AuthKeyNotFound:
            failure = await self._key_unknown()
        except (OSError, asyncio.IncompleteReadError, InvalidBufferError) as error:
            failure = PlatformFault(f"connect: {type(error).__name__}")
        except asyncio.CancelledError:
            await self._drop()
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            failure = PlatformFault("connect: cut")
        else:
            return client
        await self._drop()
        raise failure

    async def _noted(self, error: RPCError, method: str, client: Any) -> PlatformError:
        """Our error; a wait is remembered where a restart finds it."""
        failure = rpc_errors_translated(error, method)
        if isinstance(failure, RateLimited):
            await self._cooldowns.set(method, self._clock.now() + timedelta(seconds=failure.retry_after))
        await self._stops.note(failure)
        if isinstance(failure, AccountStopped):
            await self._drop()  # what is left of the connection is of no use, and Telethon would keep it alive
        if isinstance(error, FLOODS):
            # Telethon's own memory of waits runs on real time and dies with the process: ours is the only one.
            client._flood_waited_requests.clear()
        return failure

    async def _key_unknown(self) -> PlatformError:
        failure = AccountStopped("auth-key-not-found")
        await self._stops.note(failure)
        return failure

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.disconnect()
            # Why the connection ended is known by now; unread, asyncio would complain about it later.
            ended = client._sender._disconnected
            if ended.done() and not ended.cancelled():
                ended.exception()


def telegram_account(session: str) -> str:
    """A name for the login in a session's text that does not give it away. Raises ConfigError when it holds none."""
    return "telegram:" + hashlib.sha256(auth_key_of(session)).hexdigest()[:12]


def method_name(request: Any) -> str:
    """Telegram's name of a request: "messages.getHistory"."""
    name = type(request).__name__.removesuffix("Request")
    return f"{type(request).__module__.rpartition('.')[2]}.{name[:1].lower()}{name[1:]}"


def _alive(client: Any) -> bool:
    return bool(client.is_connected() and client._sender._transport_connected())


async def _next(chunks: Any) -> bytes | None:
    try:
        return bytes(await anext(chunks))
    except StopAsyncIteration:
        return None
