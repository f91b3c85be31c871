"""Where a chain first goes wrong, and what was done to it: pure rules over stored entries and signed heads."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.evidence.chain import GENESIS, Entry, Head
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.faults import CaseReport, ChainFault, What
from monitor.evidence.rows import StoredEntry


def check_case(
    case_id: str, rows: Sequence[StoredEntry], heads: Sequence[Head], *, payloads_kept: bool = True
) -> CaseReport:
    """Judge one case by its entries in order and every head whose signature holds.

    `payloads_kept`: payloads may only be missing where the chain says that they were destroyed. False for an export
    that was made without them.
    """
    fault = _chain_fault(rows, heads) or _head_fault(rows, heads)
    if fault is None and payloads_kept:
        fault = _payload_fault(rows)
    return CaseReport(
        case_id=case_id,
        entries=len(rows),
        sealed=min(len(rows), max((head.count for head in heads), default=0)),
        destroyed=sum(row.content_sha256 is None for row in rows),
        fault=replace(fault, case_id=case_id) if fault else None,
    )


def _chain_fault(rows: Sequence[StoredEntry], heads: Sequence[Head]) -> ChainFault | None:
    """Walk the chain from its first entry to the first that cannot be honest."""
    previous, newer = GENESIS, False
    for expected, row in enumerate(rows, 1):
        if row.entry.seq != expected:
            return _gap(rows, expected)
        if field := row.entry.malformed():
            return ChainFault(What.FIELD_CHANGED, f"{field} is not in form", seq=expected)
        if row.entry.hash() != row.entry_hash:
            return _altered(rows, expected, previous)
        if row.content_sha256 not in (None, row.entry.payload_sha256):
            return ChainFault(What.PAYLOAD_CHANGED, "its bytes do not have the hash in the chain", seq=expected)
        if row.entry.prev_hash != previous:
            return _unlinked(rows, expected, heads)
        if newer and row.entry.commitment is None:
            # The program writes only the newer format by now, whose entries nobody else can make.
            return ChainFault(What.FORGED, "an entry of the first format follows one of the second", seq=expected)
        previous, newer = row.entry_hash, row.entry.commitment is not None
    return None


def _gap(rows: Sequence[StoredEntry], expected: int) -> ChainFault:
    """Entry `expected` is not in its place: renumbered, or removed."""
    if any(_hash_is(replace(row.entry, seq=expected), row.entry_hash) for row in rows):
        return ChainFault(What.FIELD_CHANGED, "seq was changed", seq=expected)
    return ChainFault(What.REMOVED, "the entries after it are still there", seq=expected)


def _altered(rows: Sequence[StoredEntry], seq: int, previous: str) -> ChainFault:
    """The entry does not have its hash. Try which single change explains it."""
    row = rows[seq - 1]
    for other in rows:
        if other is not row and _hash_is(replace(row.entry, seq=other.entry.seq), row.entry_hash):
            return ChainFault(What.SWAPPED, f"this is entry {other.entry.seq}", seq=seq)
    if seq < len(rows) and rows[seq].entry.prev_hash == row.entry.hash():
        return ChainFault(What.FIELD_CHANGED, "entry_hash was changed", seq=seq)
    if _hash_is(replace(row.entry, payload_sha256=row.content_sha256 or ""), row.entry_hash):
        return ChainFault(What.FIELD_CHANGED, "payload_sha256 was changed", seq=seq)
    if _hash_is(replace(row.entry, prev_hash=previous), row.entry_hash):
        return ChainFault(What.FIELD_CHANGED, "prev_hash was changed", seq=seq)
    return ChainFault(What.FIELD_CHANGED, "its fields do not have its hash", seq=seq)


def _unlinked(rows: Sequence[StoredEntry], seq: int, heads: Sequence[Head]) -> ChainFault:
    """Entry and predecessor are each whole but do not belong together: one of them was made up.

    The later one is honest when a signed head or the entry after it vouches for it; then the earlier one is not.
    """
    row = rows[seq - 1]
    vouched = any(head.count == seq and head.head_hash == row.entry_hash for head in heads) or (
        seq < len(rows) and rows[seq].entry.prev_hash == row.entry_hash
    )
    if vouched and seq > 1:
        return ChainFault(What.REWRITTEN, "the entry after it belongs to another one", seq=seq - 1)
    return ChainFault(What.REWRITTEN, "it does not follow the entry before it", seq=seq)


def _head_fault(rows: Sequence[StoredEntry], heads: Sequence[Head]) -> ChainFault | None:
    """Hold the chain against every signed head, the shortest first."""
    agreed, last = 0, max((head.count for head in heads), default=0)
    for head in sorted(heads, key=lambda head: head.count):
        if head.count > len(rows):
            return ChainFault(What.TAIL_CUT, f"entries {len(rows) + 1} to {last} were sealed", seq=len(rows) + 1)
        if rows[head.count - 1].entry_hash != head.head_hash:
            detail = f"somewhere in entries {agreed + 1} to {head.count}: the sealed head is another one"
            return ChainFault(What.REWRITTEN, detail, seq=head.count)
        agreed = head.count
    return None


def _payload_fault(rows: Sequence[StoredEntry]) -> ChainFault | None:
    """A payload that is gone although no later entry says that payloads were destroyed."""
    told = max((row.entry.seq for row in rows if row.entry.kind == EntryKind.PAYLOADS_DESTROYED), default=0)
    for row in rows:
        if row.content_sha256 is None and row.entry.seq >= told:
            return ChainFault(What.PAYLOAD_REMOVED, "no entry tells of its destruction", seq=row.entry.seq)
    return None


def _hash_is(entry: Entry, expected: str) -> bool:
    return entry.malformed() is None and entry.hash() == expected
