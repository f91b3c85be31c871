"""One case's chain as a file that an outsider verifies with nothing but the public key. Format: docs/ledger.md."""

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.ledger import LedgerEntry
from monitor.core.errors import LedgerBroken
from monitor.evidence.chain import Head, Seal, export_message, timestamp
from monitor.evidence.heads import from_line, read_heads
from monitor.evidence.ledger import Opened
from monitor.keys.store import KeyStore

FORMAT = "jikimi-ledger-export-2"
OLD_FORMAT = "jikimi-ledger-export-1"
"""Exports that were made before entries had a commitment; they are verified, and no longer written."""


async def export(
    session: AsyncSession,
    case_id: str,
    *,
    keys: KeyStore,
    heads_file: Path,
    now: datetime,
    payloads: bool = True,
    opened: Mapping[int, Opened] = MappingProxyType({}),
) -> dict[str, Any]:
    """The case's entries and seals as JSON values, closed by a signature over their count, the head and `now`.

    No plain text is in it but that of the entries in `opened` (by their number, see `Ledger.open`), each with its
    salt; `payloads` adds the sealed ones (base64). Raises LedgerBroken when the case has no entry or its rows cannot
    be read.
    """
    file = await asyncio.to_thread(read_heads, heads_file)
    query = select(LedgerEntry).where(LedgerEntry.case_id == case_id).order_by(LedgerEntry.seq)
    try:
        rows = list(await session.scalars(query))
    except (ValueError, TypeError):  # SQLite keeps any value in any column; `verify` names the entry
        raise LedgerBroken(f"the ledger of case {case_id} was changed and cannot be exported; verify it") from None
    if not rows:
        raise LedgerBroken(f"there is no ledger entry of case {case_id}")
    seals = _standing(case_id, (seal for line in file.lines if (seal := from_line(line))))
    key = keys.signing_key()
    head = Head(case_id, len(rows), rows[-1].entry_hash, timestamp(now))
    return {
        "format": FORMAT,
        "case_id": case_id,
        "exported_at": head.at,
        "count": head.count,
        "head_hash": head.head_hash,
        "payloads": payloads,
        "public_key": key.public_key().public_bytes_raw().hex(),
        "entries": [_entry(row, payloads, opened.get(row.seq)) for row in rows],
        "seals": [{name: value for name, value in seal.fields().items() if name != "case_id"} for seal in seals],
        "signature": key.sign(export_message(head, payloads=payloads, version=FORMAT)).hex(),
    }


def write_export(document: Mapping[str, Any], file: Path) -> None:
    """Write an export. Raises OSError; never overwrites (FileExistsError): an earlier export is evidence too."""
    with file.open("x", encoding="utf-8") as out:
        json.dump(document, out, indent=1, sort_keys=True)
        out.write("\n")


def _entry(row: LedgerEntry, payloads: bool, opened: Opened | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "seq": row.seq,
        "at": timestamp(row.at),
        "kind": row.kind,
        "payload_sha256": row.payload_sha256,
        "prev_hash": row.prev_hash,
        "entry_hash": row.entry_hash,
    }
    if row.commitment is not None:
        entry["commitment"] = row.commitment
    if payloads and row.payload is not None:
        entry["payload"] = base64.b64encode(row.payload).decode()
    if opened is not None:
        entry["salt"], entry["plain"] = opened.salt.hex(), opened.plain.decode()
    return entry


def _standing(case_id: str, seals: Iterable[Seal]) -> list[Seal]:
    """The case's seals, but those that a restore of the database made void."""
    found: list[Seal] = []
    for seal in seals:
        if seal.head.case_id != case_id:
            continue
        if seal.restored:
            found = []
        else:
            found.append(seal)
    return found
