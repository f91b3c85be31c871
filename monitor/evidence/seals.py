"""Signing how far every chain has come, so that neither a rewrite nor a cut tail passes.

What counts as signed before is what the key store keeps: who can write to the database and to the heads file reaches
neither that nor the signing key. So nothing is ever signed over: a heads file that lacks the newest kept head, or a
chain that does not follow from its own, stays as it is until somebody mends it or declares a restore.

The order of steps, and why a kill -9 between any two of them leaves an honest ledger that verifies:

1. Read the heads of *committed* entries. The session appended nothing itself, so what is read here is durable and
   the heads file never tells of an entry that a crash takes back.
2. Append the signed heads to the file and sync it. After a kill here the file is ahead of `ledger_seals`, which
   verification allows: the file's statements hold, and the next run signs the same heads once more.
3. Store the seals; the caller commits. So every stored seal is already in the file, and a stored seal that the file
   lacks proves that the file lost lines.
4. After the commit, keep the heads in the key store. So a kept head that `ledger_seals` lacks proves that the
   database lost it; after a kill before this step the next run signs the same heads once more.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.ledger import LedgerEntry, LedgerSeal
from db.session import after_commit
from monitor.evidence.adopting import adopted_heads, tag_first_format
from monitor.evidence.chain import GENESIS, Head, timestamp
from monitor.evidence.heads import append_heads, from_line
from monitor.evidence.ledger import APPENDED
from monitor.evidence.rows import StoredEntry, stored_entries
from monitor.evidence.signatures import signer
from monitor.evidence.tags import Tagger
from monitor.keys.kept_heads import KeptHead
from monitor.keys.store import KeyStore

log = logging.getLogger(__name__)

_LOCK = 0x6A696B7365616C  # "jikseal": one sealer at a time
_AT_A_TIME = 500


async def seal_heads(session: AsyncSession, keys: KeyStore, heads_file: Path, *, now: datetime) -> int:
    """Sign every head that moved since the one the key store keeps; returns how many. The caller commits.

    The session must be a writing one that appended nothing (ValueError otherwise). A chain that does not follow from
    its kept head is never signed: that is logged, and `verify` names the entry. Raises HeadsRefused when the heads file
    is missing, older or another one beside what was signed before, OSError when it cannot be written; nothing is
    stored then.
    """
    if session.info.get(APPENDED):
        raise ValueError("this session appended to the ledger; seal in a transaction of its own, after its commit")
    await one_sealer(session)
    public_key, kept = keys.signing_key().public_key(), await asyncio.to_thread(keys.heads.all)
    known, adopted = kept, not kept
    tagger, at = Tagger(keys), timestamp(now)
    if adopted:
        known = await adopted_heads(session, heads_file, public_key)
        await tag_first_format(session, heads_file, tagger)
    heads = [
        head
        for chain in await _moved(session, known)
        if (head := await _head(session, chain, known.get(chain), at, tagger)) is not None
    ]
    if not heads and not (adopted and known):
        return 0
    after = max(known.values(), key=lambda one: one.end, default=None)
    sign = signer(keys.signing_key())
    lines = await asyncio.to_thread(append_heads, heads_file, heads, sign, after=after, public_key=public_key)
    await store_seals(session, lines, now)
    newest = {**(known if adopted else {}), **{line.chain: line for line in lines}}
    after_commit(session, lambda: keys.heads.keep(newest.values()))
    return len(lines)


async def one_sealer(session: AsyncSession) -> None:
    """Let no other process seal until the transaction ends; on SQLite only one writes anyway."""
    if (await session.connection()).dialect.name == "postgresql":
        await session.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK})


async def store_seals(session: AsyncSession, lines: Sequence[KeptHead], at: datetime) -> None:
    """The database's copy of the lines, one a chain."""
    for start in range(0, len(lines), _AT_A_TIME):
        some = lines[start : start + _AT_A_TIME]
        await session.execute(delete(LedgerSeal).where(LedgerSeal.case_id.in_([line.chain for line in some])))
        rows = [seal.fields() | {"at": at} for line in some if (seal := from_line(line.line)) and seal.head.count]
        if rows:
            await session.execute(insert(LedgerSeal), rows)


async def _moved(session: AsyncSession, known: Mapping[str, KeptHead]) -> list[str]:
    """Chains with entries that no known head covers."""
    newest = select(LedgerEntry.case_id, func.max(LedgerEntry.seq)).group_by(LedgerEntry.case_id)
    rows = (await session.execute(newest.order_by(LedgerEntry.case_id))).all()
    return [chain for chain, count in rows if chain not in known or count > known[chain].count]


async def _head(session: AsyncSession, chain: str, known: KeptHead | None, at: str, tagger: Tagger) -> Head | None:
    """The head to sign, once every entry since the known one proved to follow from it; None when one does not."""
    seal = from_line(known.line) if known is not None else None
    count, previous = (seal.head.count, seal.head.head_hash) if seal else (0, GENESIS)
    for row in [row async for row in stored_entries(session, chain, after=count)]:
        count += 1
        if not _follows(row, count, previous) or not tagger.fits(row.entry_hash, row.tag):
            log.error("ledger chain broken, not signed", extra={"case_id": chain, "seq": count})
            return None
        previous = row.entry_hash
    return Head(chain, count, previous, at)


def _follows(row: StoredEntry, count: int, previous: str) -> bool:
    entry = row.entry
    whole = entry.malformed() is None and entry.hash() == row.entry_hash
    payload_whole = row.content_sha256 in (None, entry.payload_sha256)
    return entry.seq == count and entry.prev_hash == previous and whole and payload_whole
