"""A process of its own that reads the mailbox, for a test that kills it: URL FOLDER PORT, the master key in TEST_KEY.

It stops where a death would be worst: what a mail led to is committed, and how far the mailbox was read is not.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.clock import Clock
from monitor.evidence.by import By
from monitor.evidence.ledger import Ledger
from monitor.jobs.mailbox import MailboxReader
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore
from monitor.mailbox.imap_session import ImapServer, MailboxTls
from monitor.mailbox.trust import Trust
from monitor.work.tasks import Task
from tests.support.imap_server import PASSWORD, USER


async def main(url: str, folder: Path, port: int) -> None:
    """Read until killed."""
    keys = KeyStore(f"sqlite:///{folder / 'keys.sqlite'}", Key(bytes.fromhex(os.environ["TEST_KEY"])))
    database = Database(url)

    async def enqueue(_session: AsyncSession, _task: Task) -> None:
        """Nothing is asked for here."""

    context = DomainContext(
        by=By.program("mailbox"),
        keys=keys,
        ledger=Ledger(keys),
        clock=Clock(),
        enqueue=enqueue,
        accounts={},
        message_domain="example.org",
    )

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def _before(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.lower().startswith("update mailboxes set last_uid"):
            print("done with a mail", flush=True)
            signal_never_comes()

    server = ImapServer("127.0.0.1", port, MailboxTls.NONE, USER, PASSWORD)
    trust = Trust(authserv_id="mx.ngo.invalid")
    await MailboxReader(
        database, context, server, trust, own_domains=frozenset(), copies=None, interval=timedelta(minutes=5)
    ).read()


def signal_never_comes() -> None:
    """Hold still until somebody kills this process."""
    import time

    time.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
