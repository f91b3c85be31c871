"""Who did what, as a lead takes it along: a table, or JSON that is signed. Each deed carries its entry's own hashes.

The signature is of the key that signs the heads of the ledger, over the deeds as canonical JSON. The hashes are those
of the chains: whoever has a chain's export finds each deed in it. A deed of the installation's chain, which all centres
share, has no number and no hash of the entry before. In the table each row is hashed with the row before,
so that none can be taken out; its last row holds the last of these hashes and the signature of it.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.evidence.chain import GENESIS, sha256, timestamp
from monitor.keys.envelope import canonical_json
from monitor.keys.store import KeyStore
from monitor.model.audit import AuditPage, Deed

FORMAT = "jikimi-audit-1"
COLUMNS = (
    *("at", "kind", "words", "who", "door", "doer", "name", "case", "seq", "entry_hash", "prev_hash", "row_hash"),
)


def as_json(page: AuditPage, words: Mapping[str, str], keys: KeyStore, *, now: datetime) -> dict[str, Any]:
    """`words`: of the kinds, in the reader's language."""
    deeds = [_told(deed, page, words) for deed in page.deeds]
    signed_at = timestamp(now)
    return {
        "format": FORMAT,
        "signed_at": signed_at,
        "deeds": deeds,
        "whole": page.following is None,
        "signature": keys.signing_key().sign(message_of(signed_at, deeds)).hex(),
    }


def as_csv(page: AuditPage, words: Mapping[str, str], keys: KeyStore, *, now: datetime) -> str:
    """The same as a table, the newest first."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    last = GENESIS
    for deed in page.deeds:
        row = [_safe(value) for value in _told(deed, page, words).values()]
        last = row_hash(last, row)
        table.writerow([*row, last])
    signed_at = timestamp(now)
    signature = keys.signing_key().sign(f"{FORMAT}\n{signed_at}\n{last}\n".encode()).hex()
    table.writerow([signed_at, "signature", signature, *[""] * (len(COLUMNS) - 4), last])
    return text.getvalue()


def message_of(signed_at: str, deeds: Sequence[Mapping[str, Any]]) -> bytes:
    """What the signature of the JSON is over."""
    return f"{FORMAT}\n{signed_at}\n{sha256(canonical_json(list(deeds)))}\n".encode()


def row_hash(before: str, row: Sequence[str]) -> str:
    """Of a row of the table, with the one before."""
    return sha256(canonical_json([before, *row]))


def _told(deed: Deed, page: AuditPage, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": timestamp(deed.at),
        "kind": deed.kind,
        "words": words.get(deed.kind, deed.kind),
        "who": deed.who,
        "door": deed.door,
        "doer": deed.doer or "",
        "name": page.names.get(deed.doer or "", ""),
        "case": deed.case_id,
        "seq": "" if deed.seq is None else deed.seq,
        "entry_hash": deed.entry_hash,
        "prev_hash": deed.prev_hash,
    }


def _safe(value: object) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
