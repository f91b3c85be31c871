"""Verifying the ledger against itself, its stored seals, the heads file, and the heads that the key store keeps."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from monitor.evidence.chain import GENESIS, INSTALLATION, Head, Seal, sha256, standing_heads, timestamp
from monitor.evidence.chain_check import check_case
from monitor.evidence.faults import CaseReport, ChainFault, VerifyReport, What
from monitor.evidence.heads import HeadsFile, from_line, read_heads
from monitor.evidence.rows import StoredEntry, stored_entries, stored_seals
from monitor.evidence.signatures import genuine
from monitor.evidence.tags import Tagger
from monitor.keys.kept_heads import KeptHead
from monitor.keys.store import KeyStore

SEALED_WITHIN = timedelta(minutes=5)
"""How old an entry may grow without a seal: a worker seals every two seconds. In the domain's time, see `verify`."""


async def verify_ledger(
    session: AsyncSession,
    *,
    heads_file: Path,
    keys: KeyStore,
    now: datetime,
    sealed_within: timedelta = SEALED_WITHIN,
    case_id: str | None = None,
    cases: bool = False,
) -> VerifyReport:
    """Check every chain, or one. Needs no case key. Raises OSError when the heads file cannot be read.

    `cases`: also hold the chains against the table of cases, of which none may lack its chain, nor the other way round.

    Others may append and seal meanwhile. So the order is: kept heads, heads file, cases, seals, entries, and once more
    the heads file and the cases. Whatever a head in the first readings tells was committed before the entries are read;
    every stored seal was in the file before it was stored, and every kept head was stored before it was kept.
    """
    kept = await asyncio.to_thread(keys.heads.all)
    public_key = (await asyncio.to_thread(keys.signing_key)).public_key()
    before = await asyncio.to_thread(read_heads, heads_file)
    in_file, heads_fault = await asyncio.to_thread(check_heads, before, public_key)
    known_cases = await _cases(session, case_id) if cases else set[str]()
    seals = await stored_seals(session, case_id)
    rows: dict[str, list[StoredEntry]] = defaultdict(list)
    async for row in stored_entries(session, case_id):
        rows[row.entry.case_id].append(row)
    lost = set(seals) - set(in_file)
    if lost:
        after = await asyncio.to_thread(read_heads, heads_file)
        lost -= {seal for line in after.lines if (seal := from_line(line))}

    evidence = _Evidence(rows, kept, {seal.head.case_id: seal for seal in seals}, Tagger(keys))
    evidence.oldest_unsealed = timestamp(now - sealed_within)
    for chain, heads in standing_heads(in_file).items():
        evidence.heads[chain] += heads
    for one in kept.values():
        if (seal := from_line(one.line)) and genuine(seal, public_key):
            evidence.heads[one.chain].append(seal.head)
    bad: dict[str, ChainFault] = {}
    for seal in seals:
        if genuine(seal, public_key):
            evidence.heads[seal.head.case_id].append(seal.head)
            if seal in lost and heads_fault is None:
                heads_fault = _lost(seal.head.case_id, seal.head.count, before)
        else:
            bad[seal.head.case_id] = _bad_seal(seal)
    newest = max(kept.values(), key=lambda one: one.end, default=None)
    if heads_fault is None and newest is not None and not before.holds(newest):
        heads_fault = _lost(newest.chain, newest.count, before)

    chains = {*rows, *evidence.heads, *bad, *kept}
    if case_id is not None:
        chains &= {case_id}
    found = [evidence.judge(chain, bad.get(chain)) for chain in sorted(chains)]
    if cases:
        found = _beside_cases(found, known_cases, await _cases(session, case_id))
    return VerifyReport(tuple(found), heads_fault)


@dataclass(slots=True)
class _Evidence:
    """Everything that was read, by chain."""

    rows: Mapping[str, Sequence[StoredEntry]]
    kept: Mapping[str, KeptHead]
    seals: Mapping[str, Seal]
    tagger: Tagger
    heads: dict[str, list[Head]] = field(default_factory=lambda: defaultdict(list))
    oldest_unsealed: str = ""

    def judge(self, chain: str, bad_seal: ChainFault | None) -> CaseReport:
        """The first fault of a chain; what was done to its entries says more than what was done to its seals."""
        rows = self.rows.get(chain, [])
        report = check_case(chain, rows, self.heads.get(chain, []))
        forged = self._forged(rows)
        if report.fault and not (report.fault.what is What.TAIL_CUT and forged):
            return report
        fault = forged or bad_seal or self._seal_removed(chain) or self._unsealed(report, rows)
        return replace(report, fault=fault and replace(fault, case_id=chain))

    def _forged(self, rows: Sequence[StoredEntry]) -> ChainFault | None:
        """An entry that the program did not write."""
        for row in rows:
            # Those of the first format got their tags when this version first sealed.
            tagged = row.entry.commitment is not None or self.kept
            if tagged and not self.tagger.fits(row.entry_hash, row.tag):
                return ChainFault(What.FORGED, "the program did not write it: its tag does not fit", seq=row.entry.seq)
        return None

    def _seal_removed(self, chain: str) -> ChainFault | None:
        kept = self.kept.get(chain)
        stored = self.seals.get(chain)
        if kept is None or (stored is not None and stored.head.count >= kept.count):
            return None
        what = "the database holds none" if stored is None else f"the database holds that of entry {stored.head.count}"
        return ChainFault(What.SEAL_REMOVED, f"the key store knows of it, {what}", seq=kept.count)

    def _unsealed(self, report: CaseReport, rows: Sequence[StoredEntry]) -> ChainFault | None:
        for row in rows[report.sealed :]:
            if row.entry.at < self.oldest_unsealed:
                detail = f"written at {row.entry.at}; a worker seals every few seconds"
                return ChainFault(What.UNSEALED, detail, seq=row.entry.seq)
        return None


async def _cases(session: AsyncSession, case_id: str | None) -> set[str]:
    found = await session.execute(text("select id from cases"))
    return {str(row[0]) for row in found if case_id in (None, row[0])}


def _beside_cases(reports: Sequence[CaseReport], before: set[str], after: set[str]) -> list[CaseReport]:
    """A case that was opened meanwhile stands in the second reading only, so its chain is not missed."""
    found = []
    for report in reports:
        gone = report.case_id not in before | after and report.case_id != INSTALLATION
        if gone and report.fault is None:
            detail = "its chain is there, its row in the table of cases is not"
            fault = ChainFault(What.CASE_REMOVED, detail, report.case_id, report.entries)
            found.append(replace(report, fault=fault))
        else:
            found.append(report)
    for case_id in sorted(before - {report.case_id for report in reports}):
        fault = ChainFault(What.CHAIN_REMOVED, "the case is there, and nothing of its ledger", case_id, 1)
        found.append(CaseReport(case_id, entries=0, sealed=0, destroyed=0, fault=fault))
    return found


def check_heads(file: HeadsFile, public_key: Ed25519PublicKey) -> tuple[list[Seal], ChainFault | None]:
    """The seals of the file whose signature holds, in order, and the first line that is wrong."""
    seals: list[Seal] = []
    fault: ChainFault | None = None
    for number, (line, expected) in enumerate(zip(file.lines, _hashes(file.lines), strict=True), 1):
        seal = from_line(line)
        wrong = ""
        if seal is None:
            wrong = "is no seal"
        elif not genuine(seal, public_key):
            wrong = "has a bad signature"
        else:
            seals.append(seal)
            if seal.previous != expected:
                wrong = "does not follow the line before it: lines are missing or were changed"
        if wrong and fault is None:
            fault = ChainFault(What.HEADS_DAMAGED, f"line {number} {wrong}")
    return seals, fault


def _hashes(lines: Iterable[bytes]) -> list[str]:
    """What each line must name as the hash of the line before it."""
    return [GENESIS, *(sha256(line) for line in lines)][:-1]


def _lost(chain: str, count: int, file: HeadsFile) -> ChainFault:
    if not file.exists:
        return ChainFault(What.HEADS_MISSING, "heads were signed before, so there was one; put it back from its copy")
    return ChainFault(What.HEADS_DAMAGED, f"it lost its end: the seal of case {chain}, entry {count} is missing")


def _bad_seal(seal: Seal) -> ChainFault:
    return ChainFault(
        What.SIGNATURE_BAD, "the stored seal was not signed with this key", seal.head.case_id, seal.head.count
    )
