"""Signing how far every chain has come, so that neither a rewrite nor a cut tail passes.

The order of steps, and why a kill -9 between any two of them leaves an honest ledger that verifies:

1. Read the heads of *committed* entries. The session appended nothing itself, so what is read here is durable and
   the heads file never tells of an entry that a crash takes back.
2. Append the signed heads to the file and sync it. After a kill here the file is ahead of `ledger_seals`, which
   verification allows: the file's statements hold, and the next run signs the same heads once more.
3. Store the seals; the caller commits. So every stored seal is already in the file, and a stored seal that the file
   lacks proves that the file lost lines.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.ledger import LedgerEntry, LedgerSeal
from monitor.evidence.chain import GENESIS, Head, Seal, seal_message, timestamp
from monitor.evidence.heads import append_heads
from monitor.evidence.ledger import APPENDED
from monitor.evidence.rows import stored_entries, stored_seals
from monitor.keys.store import KeyStore

log = logging.getLogger(__name__)

_LOCK = 0x6A696B7365616C  # "jikseal": one sealer at a time


async def seal_heads(session: AsyncSession, keys: KeyStore, heads_file: Path, *, now: datetime) -> int:
    """Sign every head that moved since its last seal; returns how many. The caller commits.

    The session must be a writing one that appended nothing (ValueError otherwise). A chain that does not follow from
    its last seal is never signed: that is logged, and `verify` names the entry. Raises OSError when the heads file
    cannot be written; nothing is stored then.
    """
    if session.info.get(APPENDED):
        raise ValueError("this session appended to the ledger; seal in a transaction of its own, after its commit")
    if (await session.connection()).dialect.name == "postgresql":
        await session.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    at = timestamp(now)
    heads = [head for case_id in await _moved(session) if (head := await _head(session, case_id, at)) is not None]
    if not heads:
        return 0
    seals = await asyncio.to_thread(append_heads, heads_file, heads, _signer(keys.signing_key()))
    await session.execute(delete(LedgerSeal).where(LedgerSeal.case_id.in_([head.case_id for head in heads])))
    await session.execute(insert(LedgerSeal), [seal.fields() | {"at": now} for seal in seals])
    return len(seals)


def _signer(key: Ed25519PrivateKey) -> Callable[[Head, str], Seal]:
    def sign(head: Head, previous: str) -> Seal:
        return Seal(head, previous, key.sign(seal_message(head, previous)).hex())

    return sign


async def _moved(session: AsyncSession) -> list[str]:
    """Cases with entries that no stored seal covers."""
    newest = (
        select(LedgerEntry.case_id, func.max(LedgerEntry.seq).label("seq")).group_by(LedgerEntry.case_id).subquery()
    )
    rows = await session.scalars(
        select(newest.c.case_id)
        .outerjoin(LedgerSeal, LedgerSeal.case_id == newest.c.case_id)
        .where(or_(LedgerSeal.count.is_(None), newest.c.seq > LedgerSeal.count))
        .order_by(newest.c.case_id)
    )
    return list(rows)


async def _head(session: AsyncSession, case_id: str, at: str) -> Head | None:
    """The head to sign, once every entry since the last seal proved to follow from it; None when one does not."""
    sealed = next(iter(await stored_seals(session, case_id)), None)
    count, previous = (sealed.head.count, sealed.head.head_hash) if sealed else (0, GENESIS)
    for row in [row async for row in stored_entries(session, case_id, after=count)]:
        count += 1
        entry = row.entry
        whole = entry.malformed() is None and entry.hash() == row.entry_hash
        payload_whole = row.content_sha256 in (None, entry.payload_sha256)
        if entry.seq != count or entry.prev_hash != previous or not whole or not payload_whole:
            log.error("ledger chain broken, not signed", extra={"case_id": case_id, "seq": count})
            return None
        previous = row.entry_hash
    return Head(case_id, count, previous, at)
