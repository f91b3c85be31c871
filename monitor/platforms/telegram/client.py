"""Telethon's client, made quiet: it keeps nothing, asks nothing on its own, repeats nothing, logs nothing.

Pinned to Telethon 1.45: the overridden methods are its internals.
"""

import logging
import struct
from dataclasses import dataclass, field
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from monitor.core.errors import ConfigError

_UNREADABLE = "the Telegram session cannot be read; run `python -m monitor telegram-login`"

CONNECT_TRIES = 2
"""Tries to connect before the caller is told; it then comes back later, as for any passing fault."""

_log = logging.getLogger("monitor.telethon")
# Telethon's log lines may hold whole messages and requests.
_log.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class TelegramServer:
    """A Telegram server of one's own, such as the double; `public_key_pem` is its RSA key in PKCS#1."""

    host: str
    port: int
    public_key_pem: str = field(repr=False)


class QuietSession(StringSession):  # type: ignore[misc]  # Telethon has no types
    """A session that remembers nobody whom it meets: names of strangers are none of our business."""

    def process_entities(self, tlo: Any) -> None:
        """Forget."""


class QuietClient(TelegramClient):  # type: ignore[misc]  # Telethon has no types
    """Polls only. Telethon would fetch the account's missed private messages at every start and every 15 minutes."""

    _had_login = False

    async def _on_login(self, user: Any) -> Any:
        self._mb_entity_cache.set_self_user(user.id, user.bot, user.access_hash)
        self._authorized = True
        return user

    async def _update_loop(self) -> None:
        """Nothing to update."""

    async def _switch_dc(self, new_dc: int) -> Any:
        """Follow to another data centre only as long as nobody is logged in: Telethon throws the key away, which is
        the login, and goes on with one that nobody knows."""
        return None if self._had_login else await super()._switch_dc(new_dc)


def make_client(*, api_id: int, api_hash: str, session: str, server: TelegramServer | None) -> Any:
    """A client that is not connected yet. Raises ConfigError when `session` is no session text.

    Requests are sent once: Telethon's own repetitions could hand in a report twice.
    """
    state = _session(session)
    if server is not None:
        rsa.add_key(server.public_key_pem, old=False)
        state.set_dc(state.dc_id or 2, server.host, server.port)
    # Telethon keeps the list of data centres on the class, for all clients: a new client may have another server.
    QuietClient._config = None
    client = QuietClient(
        state,
        api_id,
        api_hash,
        receive_updates=False,
        flood_sleep_threshold=0,
        raise_last_call_error=True,
        request_retries=0,
        connection_retries=CONNECT_TRIES - 1,
        auto_reconnect=False,
        base_logger=_log,
    )
    client._had_login = bool(session)
    return client


def auth_key_of(session: str) -> bytes:
    """The 256 secret bytes of a session's text. Raises ConfigError when it holds none."""
    key = _session(session).auth_key
    if key is None:
        raise ConfigError(_UNREADABLE)
    return bytes(key.key)


def _session(text: str) -> QuietSession:
    try:
        return QuietSession(text)
    except (ValueError, struct.error):
        raise ConfigError(_UNREADABLE) from None
