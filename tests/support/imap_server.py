"""A real IMAP server (pymap) on loopback in a process of its own: a mailbox into which tests deliver by APPEND."""

import asyncio
import imaplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from monitor.mailbox.imap_session import ImapServer, MailboxTls

USER, PASSWORD = "notices@ngo.invalid", "test mailbox password"
_PROGRAM = """
import sys
from pymap.main import main
from pysasl.hashing import BuiltinHash
BuiltinHash.__init__.__kwdefaults__["rounds"] = 1  # else half of a test's time goes into hashing a made-up password
sys.exit(main())
"""


@dataclass
class TestMailbox:
    """The server, and whoever puts mail into it."""

    __test__ = False

    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    def server(self, **changes: object) -> ImapServer:
        """How the product reaches it."""
        known: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "tls": MailboxTls.NONE,
            "username": USER,
            "password": PASSWORD,
            "timeout": 10.0,
        }
        return ImapServer(**(known | changes))  # type: ignore[arg-type]  # a test's own changes

    async def deliver(self, *mails: bytes) -> None:
        """Put mails into the mailbox, as they are."""
        await asyncio.to_thread(self._deliver, mails)

    def _deliver(self, mails: tuple[bytes, ...]) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(USER, PASSWORD)
            for mail in mails:
                status, answer = client.append("INBOX", "", "", mail)
                assert status == "OK", answer

    def flags(self) -> list[bytes]:
        """The flags of every mail, as the server tells them."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX", readonly=True)
            return [each for each in client.fetch("1:*", "(FLAGS)")[1] if isinstance(each, bytes)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def imap_server(folder: Path, *options: str) -> AsyncIterator[TestMailbox]:
    """A server with one empty mailbox; `options` of pymap stand before the backend."""
    port = _free_port()
    server = ["--host", "127.0.0.1", "--port", str(port), "--no-service", "managesieve", "--no-service", "admin"]
    backend = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    with (folder / "imap.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, "-c", _PROGRAM, *server, *(options or ("--no-tls",)), *backend],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        await asyncio.to_thread(_wait, process, port, folder / "imap.log")
        yield TestMailbox(port, process)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the IMAP server does not answer: {log.read_text(encoding='utf-8', errors='replace')}")


class Relay:
    """Stands between the product and the server, keeps what the product asks, and can cut the line."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self._behind, self._tls = port, tls
        self.port = 0
        self.asked: list[str] = []
        self.cut_at: str | None = None
        """The line is cut when the product asks something that holds this."""
        self.no_to: str | None = None
        """Such a question gets a NO, as from a server that is busy with itself; the mail's own server never sees it."""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self._tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0.05)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)

        async def answers() -> None:
            while data := await there.read(65536):
                writer.write(data)

        task = asyncio.create_task(answers())
        try:
            while line := await reader.readline():
                self.asked.append(line.decode("ascii", "replace").strip())
                if self.cut_at is not None and self.cut_at in self.asked[-1]:
                    break
                if self.no_to is not None and self.no_to in self.asked[-1]:
                    tag = line.split(maxsplit=1)[0]
                    writer.write(tag + b" NO [UNAVAILABLE] Internal error, try later\r\n")
                    continue
                back.write(line)
        except ConnectionError:
            pass
        finally:
            task.cancel()
            back.close()
            writer.close()
