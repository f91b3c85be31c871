"""One visit to the operator's mailbox over IMAP. Nothing there is changed, not even what was seen.

The standard library's client, in a thread: a command at a time, and everything that a stranger could make large is
asked for in part. Reasons hold what was tried and never the server's words.
"""

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import TracebackType
from typing import Any, Self, TypeVar

from monitor.core.errors import JikimiError
from monitor.mailbox.structure import MailUnreadable, Part, Token, fetched, part_of

MOST_HEADER = 64 * 1024
MOST_TEXT = 64 * 1024
"""Bytes of a header, or of a part, that are asked for."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Answer = TypeVar("Answer")


class MailboxFault(JikimiError):
    """The mailbox cannot be read; it is tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"mailbox not read: {reason}")
        self.reason = reason


class MailboxTls(StrEnum):
    """How the line is encrypted."""

    IMPLICIT = "implicit"
    """From the start."""
    STARTTLS = "starttls"
    NONE = "none"
    """Only to this machine."""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where the mailbox is. `timeout` in real seconds for each command."""

    host: str
    port: int
    tls: MailboxTls
    username: str = field(repr=False)
    password: str = field(repr=False)
    mailbox: str = field(default="INBOX", repr=False)
    timeout: float = 60.0
    tls_context: ssl.SSLContext | None = None
    """For a server with a certificate of its own."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}, {'NOT encrypted' if self.tls is MailboxTls.NONE else 'encrypted'}"


class ImapSession:
    """`async with ImapSession(server)` connects, encrypts, logs in and opens the mailbox for reading."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server
        self._client: imaplib.IMAP4 | None = None
        self.uidvalidity = 0
        """Another number means that every mail has another one."""
        self.mails = 0

    async def __aenter__(self) -> Self:
        try:
            await self._call(self._open)
        except BaseException:  # raised again: whoever is cancelled meanwhile leaves no open line either
            await asyncio.shield(asyncio.to_thread(self._leave))
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(asyncio.to_thread(self._leave))

    async def new_uids(self, after: int, since: date | None) -> Sequence[int]:
        """The numbers above `after`, of mails that came on `since` or later where it is given. In order."""
        asked = ["UID", f"{after + 1}:*"]
        if since is not None:
            asked += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"]
        try:
            answer = await self._call(lambda: self._uid("SEARCH", *asked))
        except MailUnreadable:
            raise MailboxFault("search-refused") from None
        found = b" ".join(each for each in answer if isinstance(each, bytes)).split()
        # `n:*` names the last mail even when its number is below n.
        return sorted({int(each) for each in found if each.isdigit() and int(each) > after})

    async def header(self, uid: int) -> bytes:
        """The head of a mail, or its beginning."""
        return await self._bytes(uid, "HEADER", MOST_HEADER)

    async def structure(self, uid: int) -> Part:
        """What a mail is made of."""
        return part_of(await self._fetch(uid, "BODYSTRUCTURE", "BODYSTRUCTURE"))

    async def text(self, uid: int, section: str) -> bytes:
        """The beginning of one part, as it travelled. `3.HEADER` is the head of a mail inside."""
        return await self._bytes(uid, section, MOST_TEXT)

    async def _bytes(self, uid: int, section: str, most: int) -> bytes:
        value = await self._fetch(uid, f"BODY.PEEK[{section}]<0.{most}>", f"BODY[{section}]")
        return value[:most] if isinstance(value, bytes) else b""

    async def _fetch(self, uid: int, asked: str, item: str) -> Token:
        answer = await self._call(lambda: self._uid("FETCH", str(uid), f"(UID {asked})"))
        return fetched(answer, uid, item)

    def _uid(self, command: str, *arguments: str) -> Sequence[Any]:
        if self._client is None:
            raise MailboxFault("not-open")
        try:
            status, answer = self._client.uid(command, *arguments)
        except imaplib.IMAP4.abort:
            raise MailboxFault("connection-lost") from None
        except imaplib.IMAP4.error:
            # The server refuses it, or the client gave up in an endless line: the connection is of no use then.
            raise MailUnreadable("answer-refused") from None
        if status != "OK":
            # "NO" is also what a server says that is busy or ill: later it hands the mail out.
            raise MailboxFault(f"{command.lower()}-refused")
        return answer

    def _open(self) -> None:
        server = self._server
        context = server.tls_context or ssl.create_default_context()
        try:
            if server.tls is MailboxTls.IMPLICIT:
                self._client = imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=server.timeout)
            else:
                self._client = imaplib.IMAP4(server.host, server.port, timeout=server.timeout)
        except ssl.SSLError:
            raise MailboxFault("tls-failed") from None
        except (OSError, imaplib.IMAP4.error):
            raise MailboxFault("no-connection") from None
        client = self._client
        if server.tls is MailboxTls.STARTTLS:
            try:
                client.starttls(context)
            except (ssl.SSLError, imaplib.IMAP4.error, OSError):
                raise MailboxFault("tls-failed") from None
        try:
            client.login(server.username, server.password)
        except imaplib.IMAP4.abort:
            raise MailboxFault("connection-lost") from None
        except (imaplib.IMAP4.error, UnicodeError):
            raise MailboxFault("login-refused") from None
        self._select(client)

    def _select(self, client: imaplib.IMAP4) -> None:
        name = self._server.mailbox.replace("\\", "\\\\").replace('"', '\\"')
        try:
            status, answer = client.select(f'"{name}"', readonly=True)
        except imaplib.IMAP4.abort:
            raise MailboxFault("connection-lost") from None
        except imaplib.IMAP4.error:
            raise MailboxFault("mailbox-refused") from None
        if status != "OK":
            raise MailboxFault("mailbox-refused")
        _, told = client.response("UIDVALIDITY")
        number = told[0] if told else None
        if not isinstance(number, bytes) or not number.isdigit():
            raise MailboxFault("no-uidvalidity")
        self.uidvalidity = int(number)
        count = answer[0] if answer else None
        self.mails = int(count) if isinstance(count, bytes) and count.isdigit() else 0

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        with suppress(OSError, imaplib.IMAP4.error):
            client.logout()
        with suppress(OSError):
            client.shutdown()

    async def _call(self, act: Callable[[], Answer]) -> Answer:
        """In a thread; what the line does wrong is a fault."""
        try:
            return await asyncio.to_thread(act)
        except (OSError, EOFError):
            raise MailboxFault("connection-lost") from None


async def check(server: ImapServer) -> str:
    """Connect, encrypt, log in, open the mailbox, and change nothing. Raises MailboxFault."""
    async with ImapSession(server) as session:
        return f"IMAP answers at {server}, {session.mails} mails in the mailbox"
