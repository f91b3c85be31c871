"""One SMTP conversation up to the message. Every failure in it means that nothing was sent.

Reasons hold the stage and the reply's code, never the server's words: those often repeat addresses.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from monitor.core.errors import Deferred, NotSent, WrongSettings
from monitor.delivery.smtp_replies import refusal

IMPLICIT_TLS_PORT = 465
# An address literal, as mail programs do: this machine's name is nobody's business.
_EHLO_NAME = "[127.0.0.1]"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how to hand mail in. `timeout` in real seconds for each command."""

    host: str
    port: int
    starttls: bool
    """True: required, but on port 465, which is encrypted from the start."""
    username: str | None = None
    password: str = field(default="", repr=False)
    timeout: float = 60.0
    tls_context: ssl.SSLContext | None = None
    """For a server with a certificate of its own."""

    @property
    def implicit_tls(self) -> bool:
        """Whether it is encrypted from the start."""
        return self.port == IMPLICIT_TLS_PORT

    @property
    def encrypted(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.implicit_tls or self.starttls

    def __str__(self) -> str:
        return f"{self.host}:{self.port}, {'encrypted' if self.encrypted else 'NOT encrypted'}"


class SmtpSession:
    """`async with SmtpSession(server)` connects, encrypts and logs in; leaves with QUIT where the line still stands."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._client = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.implicit_tls,
            start_tls=False,
            timeout=server.timeout,
            local_hostname=_EHLO_NAME,
            tls_context=server.tls_context,
        )

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:  # raised again: whoever is cancelled meanwhile leaves no open line either
            self._client.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._client.is_connected and isinstance(error, Exception | None):
                with suppress(SMTPException, OSError):
                    await self._client.quit(timeout=5.0)
        finally:
            self._client.close()

    async def _open(self) -> None:
        try:
            await self._client.connect()
        except SMTPConnectError as error:
            code = error.code if isinstance(error, SMTPResponseException) else None
            raise (Deferred(f"connect-refused-{code}") if code else NotSent("no-connection")) from None
        except ssl.SSLError:
            raise WrongSettings("tls-failed") from None
        except (SMTPException, OSError):
            raise NotSent("no-connection") from None
        with _stage("ehlo"):
            await self._client.ehlo()
        if self._server.starttls and not self._server.implicit_tls:
            await self._encrypt()
        if self._server.username is not None:
            await self._log_in(self._server.username, self._server.password)

    async def _encrypt(self) -> None:
        try:
            await self._client.starttls()
            await self._client.ehlo()
        except (SMTPException, OSError, ssl.SSLError):
            raise WrongSettings("tls-failed") from None

    async def _log_in(self, username: str, password: str) -> None:
        try:
            await self._client.login(username, password)
        except SMTPAuthenticationError as error:
            if error.code >= 500:
                raise WrongSettings("login-refused") from None
            raise Deferred(f"login-deferred-{error.code}") from None
        except SMTPResponseException as error:
            raise refusal("login", error.code, error.message) from None
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
            raise NotSent("login-connection-lost") from None
        except (SMTPException, UnicodeError):
            raise WrongSettings("login-unsupported") from None

    async def noop(self) -> None:
        """Ask for nothing."""
        with _stage("noop"):
            await self._client.noop()

    async def mail(self, sender: str) -> None:
        """MAIL FROM. Raises NotSent, Deferred, WrongSettings or DeliveryRefused."""
        with _stage("sender"):
            await self._client.mail(sender)

    async def rcpt(self, recipient: str, *, who: str) -> None:
        """RCPT TO. Raises as `mail` does; the reason starts with `who`."""
        with _stage(who):
            await self._client.rcpt(recipient)

    @property
    def stands(self) -> bool:
        """Is the line still up? A server that says 421 closes it."""
        return self._client.is_connected

    async def begin_data(self) -> None:
        """DATA: the server says that it is ready for the message."""
        with _stage("data"):
            reply = await self._client.execute_command(b"DATA")
            if reply.code != 354:
                raise SMTPResponseException(reply.code, reply.message)

    def abandon(self) -> None:
        """Close the line where the server waits for a message: nothing was sent without its end, and QUIT is text."""
        self._client.close()

    async def transmit(self, message: bytes, *, patience: float) -> tuple[int, str]:
        """Write the message and its end; returns code and text of the reply, waited for `patience` seconds.

        From here on an aiosmtplib error or OSError means doubt.

        aiosmtplib's own data() does both steps in one, so that one could not tell which of them failed.
        """
        protocol = self._client.protocol
        if protocol is None:
            raise NotSent("data-connection-lost")
        try:
            protocol.write(message)
        except SMTPServerDisconnected:
            # The line was down already: not a byte was written.
            raise NotSent("data-connection-lost") from None
        reply = await protocol.read_response(timeout=patience)
        return reply.code, reply.message


def dot_stuffed(message: bytes) -> bytes:
    """The message as DATA wants it (RFC 5321, 4.5.2): lines that start with a dot get another, then the end mark."""
    ended = message if message.endswith(b"\r\n") else message + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


@contextmanager
def _stage(name: str) -> Iterator[None]:
    """Turns what aiosmtplib raises before the message into a DeliveryError."""
    try:
        yield
    except SMTPResponseException as error:
        raise refusal(name, error.code, error.message) from None
    except SMTPTimeoutError:
        raise NotSent(f"{name}-timeout") from None
    except (SMTPException, OSError):
        raise NotSent(f"{name}-connection-lost") from None
