"""A mail server of the demo and the tests: it takes everything, keeps it in memory, and fails on request.

It runs in the event loop that enters it, without a thread: `messages` and the callback need no lock.
"""

import asyncio
import inspect
import logging
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# It would log addresses and, at DEBUG, whole messages; and at WARNING, its own outdated calls.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class MailFault(StrEnum):
    """What can go wrong with one connection."""

    REFUSE = "refuse"
    """421 instead of a greeting."""
    CLOSE = "close"
    """The connection is closed without a word."""
    SILENT = "silent"
    """No greeting, ever."""
    GREYLIST = "greylist"
    """451 to every RCPT."""
    NO_SUCH_USER = "no-such-user"
    """550 to every RCPT."""
    DROP_AT_DATA = "drop-at-data"
    """The connection is cut instead of the answer to DATA."""
    DROP_INSIDE = "drop-inside"
    """The connection is cut within the message: nothing is delivered."""
    REJECT = "reject"
    """554 after the message: nothing is delivered."""
    DEFER = "defer"
    """452 after the message: nothing is delivered."""
    DROP_AFTER = "drop-after"
    """The message is delivered, then the connection is cut without an answer."""
    HANG_AFTER = "hang-after"
    """The message is delivered, then there is no answer."""


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

    def __init__(
        self,
        port: int = 0,
        *,
        login: tuple[str, str] | None = None,
        tls_context: ssl.SSLContext | None = None,
        on_mail: OnMail | None = None,
    ) -> None:
        """`login`: the one name and password, then required. `tls_context`: STARTTLS is offered.

        `on_mail` is called (and awaited) in this event loop before the client gets its 250.
        """
        self.port = port
        self.messages: list[Caught] = []
        self.replies: dict[str, str] = {}
        """What RCPT answers for single addresses, such as "550 5.1.1 no such user"."""
        self.logins = 0
        """How many connections logged in."""
        self.connections = 0
        self.on_mail = on_mail
        self.login = login
        self._tls_context = tls_context
        self._faults: deque[MailFault] = deque()
        self._open: set[asyncio.BaseTransport] = set()
        self._server: asyncio.Server | None = None

    def fail(self, fault: MailFault, *, times: int = 1) -> None:
        """The next `times` connections go wrong."""
        self._faults.extend([fault] * times)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._connection, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            for transport in tuple(self._open):
                _abort(transport)
            await self._server.wait_closed()
            await asyncio.sleep(0)  # connection_lost comes with the loop's next turn

    def _connection(self) -> asyncio.Protocol:
        self.connections += 1
        fault = self._faults.popleft() if self._faults else None
        if fault in {MailFault.REFUSE, MailFault.CLOSE, MailFault.SILENT}:
            return _Unwilling(fault, self._open)
        handler = _Handler(self, fault)
        protocol = _Smtp(
            handler,
            fault=fault,
            opened=self._open,
            hostname="catcher.invalid",
            loop=asyncio.get_running_loop(),
            tls_context=self._tls_context,
            authenticator=handler.authenticate if self.login else None,
            auth_require_tls=self._tls_context is not None,
            auth_exclude_mechanism=() if self.login else ("LOGIN", "PLAIN"),
        )
        return protocol


class _Handler:
    """What aiosmtpd asks while it talks with one client."""

    def __init__(self, catcher: MailCatcher, fault: MailFault | None) -> None:
        self._catcher, self._fault = catcher, fault

    def authenticate(self, _s: SMTP, _session: Session, _e: Envelope, _mechanism: str, auth: Any) -> AuthResult:
        given = (auth.login.decode(), auth.password.decode()) if isinstance(auth, LoginPassword) else None
        success = given == self._catcher.login
        self._catcher.logins += success
        return AuthResult(success=success, handled=False)  # aiosmtpd answers 235 or 535 itself

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._catcher.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._fault is MailFault.GREYLIST:
            return "451 4.7.1 Greylisted, try again later"
        if self._fault is MailFault.NO_SUCH_USER:
            return "550 5.1.1 No such user"
        reply = self._catcher.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._fault is MailFault.REJECT:
            return "554 5.7.1 Rejected by policy"
        if self._fault is MailFault.DEFER:
            return "452 4.3.1 Out of storage"
        await self._keep(envelope)
        if self._fault is MailFault.DROP_AFTER:
            _abort(server.transport)
        if self._fault in {MailFault.DROP_AFTER, MailFault.HANG_AFTER}:
            await asyncio.Event().wait()  # aiosmtpd cancels this when the connection is gone
        return "250 OK"

    async def _keep(self, envelope: Envelope) -> None:
        # Line ends as on this machine: over the wire they are CRLF.
        content = (envelope.original_content or b"").replace(b"\r\n", b"\n")
        message = message_from_bytes(content, policy=policy.default)
        caught = Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), message)
        self._catcher.messages.append(caught)
        if self._catcher.on_mail is not None:
            outcome = self._catcher.on_mail(caught)
            if inspect.isawaitable(outcome):
                await outcome


class _Smtp(SMTP):
    """One conversation that can be cut at DATA."""

    def __init__(
        self, handler: _Handler, *, fault: MailFault | None, opened: set[asyncio.BaseTransport], **options: Any
    ) -> None:
        super().__init__(handler, **options)
        self._fault, self._opened = fault, opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._opened.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._opened.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if self._fault is MailFault.DROP_INSIDE:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readuntil(b"\r\n")
        if self._fault in {MailFault.DROP_AT_DATA, MailFault.DROP_INSIDE}:
            _abort(self.transport)
            await asyncio.Event().wait()
        await super().smtp_DATA(arg)


class _Unwilling(asyncio.Protocol):
    """A server that does not want to talk."""

    def __init__(self, fault: MailFault, opened: set[asyncio.BaseTransport]) -> None:
        self._fault, self._opened = fault, opened
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._opened.add(transport)
        if self._fault is MailFault.REFUSE and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Service not available\r\n")
        if self._fault is not MailFault.SILENT:
            transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._transport is not None:
            self._opened.discard(self._transport)


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
