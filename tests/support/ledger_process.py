"""Another process at the same ledger: `python -m tests.support.ledger_process WHAT URL FOLDER`."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.seals import seal_heads
from monitor.keys.store import case_key
from tests.support.ledger_parts import BY, START, opened


async def work(what: str, url: str, folder: Path) -> None:
    """append: one entry in a transaction, 30 times; seal: as often; both: by turns, until killed; die: in mid-seal.

    "ready" is printed before the first, "kept" after each turn of both.
    """
    async with opened(url, folder) as evidence:
        print("ready", flush=True)
        for number in range(30 if what in ("append", "seal") else 1_000_000):
            if what in ("append", "both"):
                evidence.keys.create(case_key("busy"))
                async with evidence.database.begin() as session:
                    await evidence.ledger.append(session, "busy", EntryKind.LOOKED, {"look": number}, by=BY, at=START)
            if what in ("seal", "both", "die"):
                async with evidence.database.begin() as session:
                    now = START + timedelta(seconds=number)
                    await seal_heads(session, evidence.keys, evidence.heads_file, now=now)
                    if what == "die":
                        os.kill(os.getpid(), signal.SIGKILL)  # the file is written, the database not committed
            if what == "both":
                print("kept", flush=True)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
