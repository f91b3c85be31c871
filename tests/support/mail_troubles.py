"""What the demo's mail server never does and a real one may: it refuses, hangs, cuts connections, asks for names."""

import asyncio
import ssl
from collections import deque
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from monitor.demo.mail.catcher import Conversation, MailCatcher, abort


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


class RcptFault(StrEnum):
    """What can go wrong when one address is asked for."""

    HANG = "hang"
    """No answer, ever."""
    DROP = "drop"
    """The connection is cut instead of the answer."""
    HANG_UP = "hang-up"
    """The answer in `replies`, then the connection is closed."""


class TroubledMailCatcher(MailCatcher):
    """A mail server with faults to come."""

    def __init__(self, *, login: tuple[str, str] | None = None, tls_context: ssl.SSLContext | None = None) -> None:
        """`login`: the one name and password, then required. `tls_context`: STARTTLS is offered."""
        super().__init__()
        self.replies: dict[str, str] = {}
        """What RCPT answers for single addresses, such as "550 5.1.1 no such user"."""
        self.broken: dict[str, RcptFault] = {}
        """What RCPT does for single addresses."""
        self.logins = 0
        """How many connections logged in."""
        self.connections = 0
        self.login = login
        self._tls_context = tls_context
        self._faults: deque[MailFault] = deque()

    def fail(self, fault: MailFault, *, times: int = 1) -> None:
        """The next `times` connections go wrong."""
        self._faults.extend([fault] * times)

    def conversation(self) -> asyncio.Protocol:
        """What talks, or does not, with the next client."""
        self.connections += 1
        fault = self._faults.popleft() if self._faults else None
        if fault in {MailFault.REFUSE, MailFault.CLOSE, MailFault.SILENT}:
            return _Unwilling(fault, self.opened)
        handler = _Handler(self, fault)
        return _Conversation(
            handler,
            self.opened,
            fault=fault,
            tls_context=self._tls_context,
            authenticator=handler.authenticate if self.login else None,
            auth_require_tls=self._tls_context is not None,
            auth_exclude_mechanism=() if self.login else ("LOGIN", "PLAIN"),
        )


class _Handler:
    """What aiosmtpd asks while it talks with one client."""

    def __init__(self, catcher: TroubledMailCatcher, fault: MailFault | None) -> None:
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
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if (broken := self._catcher.broken.get(address)) is not None:
            if broken is RcptFault.DROP:
                abort(server.transport)
            elif broken is RcptFault.HANG_UP and server.transport is not None:
                await server.push(self._catcher.replies[address])
                server.transport.close()
            await asyncio.Event().wait()  # aiosmtpd cancels this when the connection is gone
        if self._fault is MailFault.GREYLIST:
            return "451 4.7.1 Greylisted, try again later"
        if self._fault is MailFault.NO_SUCH_USER:
            return "550 5.1.1 No such user"
        reply = self._catcher.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._fault is MailFault.REJECT:
            return "554 5.7.1 Rejected by policy"
        if self._fault is MailFault.DEFER:
            return "452 4.3.1 Out of storage"
        answer = await self._catcher.handle_DATA(server, session, envelope)
        if self._fault is MailFault.DROP_AFTER:
            abort(server.transport)
        if self._fault in {MailFault.DROP_AFTER, MailFault.HANG_AFTER}:
            await asyncio.Event().wait()  # aiosmtpd cancels this when the connection is gone
        return answer


class _Conversation(Conversation):
    """One that can be cut at DATA."""

    def __init__(
        self, handler: _Handler, opened: set[asyncio.BaseTransport], *, fault: MailFault | None, **options: Any
    ) -> None:
        super().__init__(handler, opened, **options)
        self._fault = fault

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if self._fault is MailFault.DROP_INSIDE:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readuntil(b"\r\n")
        if self._fault in {MailFault.DROP_AT_DATA, MailFault.DROP_INSIDE}:
            abort(self.transport)
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
