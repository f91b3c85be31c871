"""Appending to a case's chain, reading it back, and destroying its payloads without breaking it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_ledger
from db.models.ledger import LedgerEntry
from monitor.evidence.chain import GENESIS, Entry, sha256, timestamp
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore, case_key

APPENDED = "ledger-appended"
"""Set in `session.info` by `append`: such a session must not sign heads, since its entries may yet be rolled back."""


class Ledger:
    """The evidence of every case, one hash chain each."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def append(
        self, session: AsyncSession, case_id: str, kind: str, facts: Mapping[str, Any], *, at: datetime
    ) -> LedgerEntry:
        """Add one entry inside the caller's transaction; flushes, never commits.

        `facts` are JSON values (ids, times as text, hashes, decisions), sealed under the case's key. Raises
        KeyDestroyed for an erased case, ValueError for a naive time or a malformed id or kind. Who appends to several
        cases in one transaction does so in the order of their ids, or two of them can wait for each other.
        """
        key = self._keys.get(case_key(case_id))
        await lock_ledger(session, case_id)
        entries = select(LedgerEntry.seq, LedgerEntry.entry_hash).where(LedgerEntry.case_id == case_id)
        last = (await session.execute(entries.order_by(LedgerEntry.seq.desc()).limit(1))).first()
        seq, prev_hash = (last.seq + 1, last.entry_hash) if last else (1, GENESIS)
        payload = key.seal_json(dict(facts), _context(case_id, seq))
        entry = Entry(case_id, seq, timestamp(at), str(kind), sha256(payload), prev_hash)
        row = LedgerEntry(
            case_id=case_id,
            seq=seq,
            at=at,
            kind=entry.kind,
            payload=payload,
            payload_sha256=entry.payload_sha256,
            prev_hash=prev_hash,
            entry_hash=entry.hash(),
        )
        session.add(row)
        await session.flush()
        session.info[APPENDED] = True
        return row

    async def read(self, session: AsyncSession, case_id: str) -> list[tuple[LedgerEntry, Mapping[str, Any] | None]]:
        """The case's entries in order, each with its facts (None where the payload was destroyed).

        Raises KeyDestroyed when the case's key is gone, CryptoError when a payload was changed.
        """
        query = select(LedgerEntry).where(LedgerEntry.case_id == case_id).order_by(LedgerEntry.seq)
        entries = list(await session.scalars(query))
        key = self._keys.get(case_key(case_id)) if any(row.payload is not None for row in entries) else None
        return [(row, _facts(row, key)) for row in entries]

    async def destroy_payloads(self, session: AsyncSession, case_id: str, *, at: datetime) -> int:
        """Destroy every payload the case has so far and say so in the chain; returns how many.

        Part of an erasure, in the caller's transaction; the case's key is destroyed after it committed.
        """
        entry = await self.append(session, case_id, EntryKind.PAYLOADS_DESTROYED, {}, at=at)
        before = (LedgerEntry.case_id == case_id, LedgerEntry.seq < entry.seq, LedgerEntry.payload.is_not(None))
        count = await session.scalar(select(func.count()).select_from(LedgerEntry).where(*before)) or 0
        await session.execute(update(LedgerEntry).where(*before).values(payload=None))
        return count


def _context(case_id: str, seq: int) -> str:
    return f"ledger:{case_id}:{seq}"


def _facts(row: LedgerEntry, key: Key | None) -> Mapping[str, Any] | None:
    if row.payload is None or key is None:
        return None
    facts: Mapping[str, Any] = key.open_json(row.payload, _context(row.case_id, row.seq))
    return facts
