"""A mail server of the demo and the tests: it takes everything and keeps it in memory.

It runs in the event loop that enters it, without a thread: `messages` and the callback need no lock.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

# It would log addresses and, at DEBUG, whole messages; and at WARNING, its own outdated calls.
logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Caught:
    """One message that counts as delivered."""

    envelope_from: str
    rcpt: tuple[str, ...]
    message: EmailMessage


OnMail = Callable[[Caught], Awaitable[None] | None]


class MailCatcher:
    """`async with MailCatcher() as catcher:` takes mail at catcher.host and catcher.port."""

    host = "127.0.0.1"

    def __init__(self, *, on_mail: OnMail | None = None) -> None:
        """`on_mail` is called (and awaited) in this event loop before the client gets its 250."""
        self.port = 0
        self.messages: list[Caught] = []
        self.on_mail = on_mail
        self.opened: set[asyncio.BaseTransport] = set()
        """Connections that are open now."""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self.conversation, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            for transport in tuple(self.opened):
                abort(transport)
            await self._server.wait_closed()
            await asyncio.sleep(0)  # connection_lost comes with the loop's next turn

    def conversation(self) -> asyncio.Protocol:
        """What talks with the next client."""
        return Conversation(self, self.opened, auth_exclude_mechanism=("LOGIN", "PLAIN"))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message; aiosmtpd calls this once it is here."""
        # Line ends as on this machine: over the wire they are CRLF.
        content = (envelope.original_content or b"").replace(b"\r\n", b"\n")
        message = message_from_bytes(content, policy=policy.default)
        caught = Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), message)
        self.messages.append(caught)
        outcome = None if self.on_mail is None else self.on_mail(caught)
        if inspect.isawaitable(outcome):
            await outcome
        return "250 OK"


class Conversation(SMTP):
    """One connection, known while it is open."""

    def __init__(self, handler: object, opened: set[asyncio.BaseTransport], **options: Any) -> None:
        super().__init__(handler, hostname="catcher.invalid", loop=asyncio.get_running_loop(), **options)
        self._opened = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._opened.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed."""
        if self.transport is not None:
            self._opened.discard(self.transport)
        super().connection_lost(error)


def abort(transport: asyncio.BaseTransport | None) -> None:
    """Cut a connection off."""
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
