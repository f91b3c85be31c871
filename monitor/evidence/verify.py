"""Verifying the ledger against itself, its stored seals and the heads file."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncSession

from monitor.evidence.chain import GENESIS, Head, Seal, seal_message, sha256
from monitor.evidence.chain_check import check_case
from monitor.evidence.faults import CaseReport, ChainFault, VerifyReport, What
from monitor.evidence.heads import HeadsFile, from_line, read_heads
from monitor.evidence.rows import StoredEntry, stored_entries, stored_seals


async def verify_ledger(
    session: AsyncSession, *, heads_file: Path, public_key: Ed25519PublicKey, case_id: str | None = None
) -> VerifyReport:
    """Check every case, or one. Needs no case key. Raises OSError when the heads file cannot be read.

    Others may append and seal meanwhile. So the order is: heads file, seals, entries, and once more the heads file.
    Whatever a head in the first reading tells was committed before the entries are read; every stored seal was in the
    file before it was stored.
    """
    before = await asyncio.to_thread(read_heads, heads_file)
    in_file, heads_fault = await asyncio.to_thread(_check_heads, before, public_key)
    seals = await stored_seals(session, case_id)
    rows: dict[str, list[StoredEntry]] = defaultdict(list)
    async for row in stored_entries(session, case_id):
        rows[row.entry.case_id].append(row)
    lost = set(seals) - in_file
    if lost:
        after = await asyncio.to_thread(read_heads, heads_file)
        lost -= {seal for line in after.lines if (seal := from_line(line))}

    heads: dict[str, list[Head]] = defaultdict(list)
    for seal in in_file:
        if case_id in (None, seal.head.case_id):
            heads[seal.head.case_id].append(seal.head)
    bad: dict[str, ChainFault] = {}
    for seal in seals:
        if genuine(seal, public_key):
            heads[seal.head.case_id].append(seal.head)
            if seal in lost and heads_fault is None:
                heads_fault = _lost(seal, before)
        else:
            bad[seal.head.case_id] = _bad_seal(seal)
    cases = (
        _with_bad_seal(check_case(case, rows.get(case, []), heads.get(case, [])), bad.get(case))
        for case in sorted({*rows, *heads, *bad})
    )
    return VerifyReport(tuple(cases), heads_fault)


def genuine(seal: Seal, public_key: Ed25519PublicKey) -> bool:
    """True when the seal is in form and its signature holds."""
    if seal.malformed():
        return False
    try:
        public_key.verify(bytes.fromhex(seal.signature), seal_message(seal.head, seal.previous))
    except InvalidSignature:
        return False
    return True


def _check_heads(file: HeadsFile, public_key: Ed25519PublicKey) -> tuple[set[Seal], ChainFault | None]:
    """The seals of the file whose signature holds, and the first line that is wrong."""
    seals: set[Seal] = set()
    fault: ChainFault | None = None
    before = [GENESIS, *map(sha256, file.lines)]
    for number, (line, expected) in enumerate(zip(file.lines, before, strict=False), 1):
        seal = from_line(line)
        wrong = ""
        if seal is None:
            wrong = "is no seal"
        elif not genuine(seal, public_key):
            wrong = "has a bad signature"
        else:
            seals.add(seal)
            if seal.previous != expected:
                wrong = "does not follow the line before it: lines are missing or were changed"
        if wrong and fault is None:
            fault = ChainFault(What.HEADS_DAMAGED, f"line {number} {wrong}")
    return seals, fault


def _lost(seal: Seal, file: HeadsFile) -> ChainFault:
    if not file.exists:
        return ChainFault(What.HEADS_MISSING, "the database holds seals, so there was one; put it back from its copy")
    return ChainFault(
        What.HEADS_DAMAGED, f"it lost its end: the seal of case {seal.head.case_id}, entry {seal.head.count} is missing"
    )


def _bad_seal(seal: Seal) -> ChainFault:
    return ChainFault(
        What.SIGNATURE_BAD, "the stored seal was not signed with this key", seal.head.case_id, seal.head.count
    )


def _with_bad_seal(report: CaseReport, bad: ChainFault | None) -> CaseReport:
    """The chain's own fault says more than its seal's."""
    return report if report.fault or not bad else replace(report, fault=bad)
