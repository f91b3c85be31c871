"""Appending to a chain, reading it back, opening one entry, and destroying payloads without breaking the chain."""

import json
import os
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_ledger
from db.models.ledger import LedgerEntry
from monitor.core.errors import CryptoError
from monitor.evidence.by import By
from monitor.evidence.chain import GENESIS, INSTALLATION, SALT_BYTES, Entry, commitment_to, sha256, timestamp
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.tags import Tagger
from monitor.keys.envelope import Key, canonical_json
from monitor.keys.store import KeyStore, case_key

APPENDED = "ledger-appended"
"""Set in `session.info` by `append`: such a session must not sign heads, since its entries may yet be rolled back."""

_INSTALLATION_KEY = "system:ledger-installation"


@dataclass(frozen=True, slots=True)
class Opened:
    """The plain payload of one entry, with the salt that its hash covers: whoever holds both can check them.

    See docs/ledger.md. Nothing of any other entry, and no key, is told with it.
    """

    salt: bytes
    plain: bytes = field(repr=False)

    @property
    def told(self) -> dict[str, Any]:
        """`by` and `facts`."""
        told: dict[str, Any] = json.loads(self.plain)
        return told


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry with what it tells."""

    row: LedgerEntry
    by: By | None
    """None for an entry of the first format, and where the payload was destroyed."""
    facts: Mapping[str, Any] | None = field(repr=False)
    """None where the payload was destroyed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an entry is to tell."""

    kind: EntryKind
    facts: Mapping[str, Any] = field(repr=False)
    """JSON values."""
    by: By
    at: datetime


class Ledger:
    """The evidence: a hash chain for each case, and one of the installation."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys, self._tagger = keys, Tagger(keys)

    def using(self, keys: KeyStore) -> "Ledger":
        """The same ledger with the keys that somebody has in hand, see `KeyStore.holding`."""
        other = copy(self)
        other._keys = keys
        return other

    async def append(
        self, session: AsyncSession, case_id: str, kind: EntryKind, facts: Mapping[str, Any], *, by: By, at: datetime
    ) -> LedgerEntry:
        """Add one entry inside the caller's transaction; flushes, never commits.

        `by` did it. `facts` are JSON values (ids, times as text, hashes, decisions), sealed with it under the case's
        key. Raises KeyDestroyed for an erased case, ValueError for a naive time or a malformed id or kind. Who appends
        to several chains in one transaction does so in the order of their ids, or two of them can wait for each other.
        """
        (row,) = await self.append_all(session, case_id, [Step(kind, facts, by, at)])
        return row

    async def append_all(self, session: AsyncSession, case_id: str, steps: Sequence[Step]) -> list[LedgerEntry]:
        """Add several entries at once, as `append` adds one: the chain's end is read once, and all are written by one
        statement. Raises what `append` raises."""
        key = self._key(case_id)
        await lock_ledger(session, case_id)
        entries = select(LedgerEntry.seq, LedgerEntry.entry_hash).where(LedgerEntry.case_id == case_id)
        last = (await session.execute(entries.order_by(LedgerEntry.seq.desc()).limit(1))).first()
        seq, prev_hash = (last.seq, last.entry_hash) if last else (0, GENESIS)
        rows: list[LedgerEntry] = []
        for step in steps:
            seq += 1
            rows.append(self._entry(key, case_id, seq, prev_hash, step))
            prev_hash = rows[-1].entry_hash
        session.add_all(rows)
        await session.flush()
        session.info[APPENDED] = True
        return rows

    def _entry(self, key: Key, case_id: str, seq: int, prev_hash: str, step: Step) -> LedgerEntry:
        told = canonical_json({"by": step.by.as_json(), "facts": dict(step.facts)})
        salt = os.urandom(SALT_BYTES)
        payload = key.seal(salt + told, _place(case_id, seq))
        committed = commitment_to(salt, told)
        entry = Entry(case_id, seq, timestamp(step.at), str(step.kind), sha256(payload), prev_hash, committed)
        entry_hash = entry.hash()
        return LedgerEntry(
            case_id=case_id,
            seq=seq,
            at=step.at,
            kind=entry.kind,
            payload=payload,
            payload_sha256=entry.payload_sha256,
            prev_hash=prev_hash,
            entry_hash=entry_hash,
            commitment=committed,
            tag=self._tagger.tag(entry_hash),
        )

    async def told(self, session: AsyncSession, case_id: str) -> list[ToldEntry]:
        """The chain's entries in order, each with what it tells.

        Raises KeyDestroyed when the case's key is gone, CryptoError when a payload was changed.
        """
        rows = list(
            await session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == case_id).order_by(LedgerEntry.seq))
        )
        key = self._key(case_id) if any(row.payload is not None for row in rows) else None
        return [_told(row, key) for row in rows]

    async def told_page(
        self, session: AsyncSession, case_id: str, *, limit: int, offset: int = 0
    ) -> tuple[list[ToldEntry], int]:
        """A page of what `told` gives, the latest first, and how many entries there are. Two statements."""
        mine = LedgerEntry.case_id == case_id
        query = select(LedgerEntry).where(mine).order_by(LedgerEntry.seq.desc()).limit(limit).offset(offset)
        rows = list(await session.scalars(query))
        key = self._key(case_id) if any(row.payload is not None for row in rows) else None
        total = await session.scalar(select(func.max(LedgerEntry.seq)).where(mine)) or 0
        return [_told(row, key) for row in rows], total

    async def read(self, session: AsyncSession, case_id: str) -> list[tuple[LedgerEntry, Mapping[str, Any] | None]]:
        """What `told` gives, without who did it."""
        return [(one.row, one.facts) for one in await self.told(session, case_id)]

    def open(self, row: LedgerEntry) -> Opened | None:
        """Open one entry, so that it can be shown to somebody; None for the first format, or where it was destroyed.

        Raises KeyDestroyed when the case's key is gone, CryptoError when the payload is not the one that was hashed.
        """
        if row.payload is None or row.commitment is None:
            return None
        return _opened(row, self._key(row.case_id))

    async def destroy_payloads(self, session: AsyncSession, case_id: str, *, by: By, at: datetime) -> int:
        """Destroy every payload the case has so far and say so in the chain; returns how many.

        Part of an erasure, in the caller's transaction; the case's key is destroyed after it committed.
        """
        entry = await self.append(session, case_id, EntryKind.PAYLOADS_DESTROYED, {}, by=by, at=at)
        before = (LedgerEntry.case_id == case_id, LedgerEntry.seq < entry.seq, LedgerEntry.payload.is_not(None))
        count = await session.scalar(select(func.count()).select_from(LedgerEntry).where(*before)) or 0
        await session.execute(update(LedgerEntry).where(*before).values(payload=None))
        return count

    def _key(self, case_id: str) -> Key:
        if case_id == INSTALLATION:
            return self._keys.create(_INSTALLATION_KEY)
        return self._keys.get(case_key(case_id))


async def last_of_installation(session: AsyncSession, ledger: Ledger, kind: EntryKind) -> Mapping[str, Any] | None:
    """The facts of the newest entry of this kind in the installation's chain; None where there is none."""
    query = select(LedgerEntry).where(LedgerEntry.case_id == INSTALLATION, LedgerEntry.kind == kind)
    row = await session.scalar(query.order_by(LedgerEntry.seq.desc()).limit(1))
    opened = None if row is None else ledger.open(row)
    facts: Mapping[str, Any] | None = None if opened is None else opened.told["facts"]
    return facts


def _place(case_id: str, seq: int) -> str:
    return f"ledger-2:{case_id}:{seq}"


def _place_1(case_id: str, seq: int) -> str:
    """Where payloads of the first format are at home."""
    return f"ledger:{case_id}:{seq}"


def _opened(row: LedgerEntry, key: Key) -> Opened:
    data = key.open(row.payload or b"", _place(row.case_id, row.seq))
    opened = Opened(data[:SALT_BYTES], data[SALT_BYTES:])
    if commitment_to(opened.salt, opened.plain) != row.commitment:
        raise CryptoError("the payload is not the one that the ledger's hash covers")
    return opened


def _told(row: LedgerEntry, key: Key | None) -> ToldEntry:
    if row.payload is None or key is None:
        return ToldEntry(row, None, None)
    if row.commitment is None:
        return ToldEntry(row, None, key.open_json(row.payload, _place_1(row.case_id, row.seq)))
    told = _opened(row, key).told
    return ToldEntry(row, By.from_json(told["by"]), told["facts"])
