"""The database was restored from a backup: the operator says so, and from then on its chains count as they are.

A restore takes entries away and nothing else. It explains chains that are shorter than what was signed, or that went
on differently since; it never explains a changed entry, a forged one or a damaged heads file, so those are refused.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.ledger import LedgerSeal
from db.session import after_commit
from monitor.core.errors import LedgerBroken
from monitor.evidence.adopting import store_tags
from monitor.evidence.chain import GENESIS, Head, standing_heads, timestamp
from monitor.evidence.chain_check import check_case
from monitor.evidence.heads import append_heads, from_line, read_heads
from monitor.evidence.ledger import APPENDED
from monitor.evidence.rows import StoredEntry, stored_entries
from monitor.evidence.seals import one_sealer, store_seals
from monitor.evidence.signatures import signer
from monitor.evidence.tags import Tagger
from monitor.evidence.verify import check_heads
from monitor.keys.kept_heads import KeptHead
from monitor.keys.store import KeyStore


@dataclass(frozen=True, slots=True)
class Shorter:
    """A chain that was signed further than the restored database holds it, or otherwise."""

    chain: str
    signed: int
    here: int
    """How many of its entries are in the database now."""

    def __str__(self) -> str:
        return f"{self.chain}: {self.signed} entries were signed, {self.here} are here"


async def what_is_missing(session: AsyncSession, keys: KeyStore, heads_file: Path) -> list[Shorter]:
    """Every chain that does not reach, or does not follow, what the key store or the heads file says was signed.

    Raises LedgerBroken when something is wrong that no restore explains, and names it.
    """
    _, _, missing = await _looked_at(session, keys, heads_file)
    return missing


async def accept_restored(session: AsyncSession, keys: KeyStore, heads_file: Path, *, now: datetime) -> int:
    """Sign every chain as it is, so that what was signed before and is gone no longer counts; returns how many.

    The session must be a writing one that appended nothing: the entry that tells of the restore was committed before.
    The caller commits. Raises LedgerBroken for what no restore explains.
    """
    if session.info.get(APPENDED):
        raise ValueError("this session appended to the ledger; accept in a transaction of its own, after its commit")
    await one_sealer(session)
    chains, kept, _ = await _looked_at(session, keys, heads_file)
    for rows in chains.values():
        await store_tags(session, rows, Tagger(keys))
    at, key = timestamp(now), keys.signing_key()
    heads = [Head(chain, len(rows), rows[-1].entry_hash, at) for chain, rows in sorted(chains.items())]
    gone = [Head(chain, 0, GENESIS, at) for chain in sorted(kept.keys() - chains.keys())]

    def write() -> list[KeptHead]:
        public_key = key.public_key()
        # First that what is longer is void, then how far each goes: in the database's table only the latter stand.
        append_heads(heads_file, heads + gone, signer(key, restored=True), after=None, public_key=public_key)
        return append_heads(heads_file, heads, signer(key), after=None, public_key=public_key)

    lines = await asyncio.to_thread(write)
    await session.execute(delete(LedgerSeal))
    await store_seals(session, lines, now)
    after_commit(session, lambda: keys.heads.replace(lines))
    return len(lines)


async def _looked_at(
    session: AsyncSession, keys: KeyStore, heads_file: Path
) -> tuple[dict[str, list[StoredEntry]], dict[str, int], list[Shorter]]:
    """The chains as they are, how far each was signed, and which do not reach that."""
    public_key = keys.signing_key().public_key()
    file = await asyncio.to_thread(read_heads, heads_file)
    in_file, fault = check_heads(file, public_key)
    if fault is not None:
        raise LedgerBroken(f"{fault}: put the newest copy back, or move the file away; then declare the restore")
    heads: dict[str, list[Head]] = defaultdict(list, standing_heads(in_file))
    for one in keys.heads.all().values():
        if seal := from_line(one.line):
            heads[one.chain].append(seal.head)
    chains: dict[str, list[StoredEntry]] = defaultdict(list)
    async for row in stored_entries(session):
        chains[row.entry.case_id].append(row)
    signed = {chain: max(head.count for head in known) for chain, known in heads.items()}
    missing, tagger = [], Tagger(keys)
    for chain in sorted({*chains, *heads}):
        rows = chains.get(chain, [])
        report = check_case(chain, rows, ())
        if report.fault is not None:
            raise LedgerBroken(f"no restore explains this: {report.fault}")
        agreed, differs = _agreed(rows, heads[chain])
        _refuse_forged(chain, rows, agreed, tagger)
        if differs or signed.get(chain, 0) > len(rows):
            missing.append(Shorter(chain, signed[chain], len(rows)))
    return dict(chains), signed, missing


def _agreed(rows: Sequence[StoredEntry], heads: Sequence[Head]) -> tuple[int, bool]:
    """Up to which entry the chain is the one that was signed, and whether it went on differently from there."""
    fits = [head for head in heads if head.count <= len(rows) and rows[head.count - 1].entry_hash == head.head_hash]
    agreed = max((head.count for head in fits), default=0)
    return agreed, any(agreed < head.count <= len(rows) for head in heads)


def _refuse_forged(chain: str, rows: Sequence[StoredEntry], agreed: int, tagger: Tagger) -> None:
    """An entry that the program did not write. A backup from before tags has none: there a signed head covers it."""
    for row in rows:
        covered = row.entry.commitment is None and row.entry.seq <= agreed
        if not covered and not tagger.fits(row.entry_hash, row.tag):
            number = row.entry.seq
            raise LedgerBroken(
                f"no restore explains this: case {chain}, entry {number} has no tag and no head covers it"
            )
