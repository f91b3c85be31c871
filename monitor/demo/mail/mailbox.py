"""The operator's mailbox of the demo: an IMAP server that speaks just what the product asks, on loopback, in memory.

It knows LOGIN, EXAMINE, UID SEARCH, UID FETCH of one mail's head, structure and text, and LOGOUT. Mails are plain text.
"""

import asyncio
import re
from email.message import EmailMessage
from email.policy import SMTP
from typing import Self

USER, PASSWORD = "notices@centre.invalid", "demo"  # of a made-up mailbox on this machine
_FETCH = re.compile(rb"UID FETCH (\d+) \(UID (?:BODY\.PEEK\[(HEADER|1)\]<0\.(\d+)>|(BODYSTRUCTURE))\)", re.IGNORECASE)


class DemoMailbox:
    """`async with DemoMailbox() as mailbox:` hands out mails at mailbox.host and mailbox.port."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = 0
        self._mails: list[bytes] = []
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._open):
                writer.transport.abort()
            await self._server.wait_closed()

    def deliver(self, mail: EmailMessage) -> None:
        """Put a mail into it."""
        self._mails.append(mail.as_bytes(policy=SMTP))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                tag, _, asked = line.strip().partition(b" ")
                for answer in self._answers(asked):
                    writer.write(answer)
                writer.write(tag + b" OK done\r\n")
                await writer.drain()
                if asked.upper() == b"LOGOUT":
                    break
        except ConnectionError:
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    def _answers(self, asked: bytes) -> list[bytes]:
        command = asked.upper()
        if command == b"CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1\r\n"]
        if command.startswith(b"EXAMINE"):
            return [b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n" % len(self._mails)]
        if command.startswith(b"UID SEARCH"):
            return [b"* SEARCH %s\r\n" % b" ".join(b"%d" % (at + 1) for at in range(len(self._mails)))]
        found = _FETCH.fullmatch(asked)
        if found is None or not 0 < int(found[1]) <= len(self._mails):
            return [b"* BYE\r\n"] if command == b"LOGOUT" else []
        uid, section = int(found[1]), found[2]
        head, _, body = self._mails[uid - 1].partition(b"\r\n\r\n")
        if section is None:
            encoding = re.search(rb"Content-Transfer-Encoding: ([\w-]+)", head)
            told = encoding[1] if encoding else b"7bit"
            shape = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "%s" %d 1)' % (told, len(body))
            return [b"* %d FETCH (UID %d BODYSTRUCTURE %s)\r\n" % (uid, uid, shape)]
        value = (head + b"\r\n\r\n" if section.upper() == b"HEADER" else body)[: int(found[3])]
        name = section.upper()
        return [b"* %d FETCH (UID %d BODY[%s]<0> {%d}\r\n%s)\r\n" % (uid, uid, name, len(value), value)]
