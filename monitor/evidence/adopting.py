"""The first sealing of a version that keeps heads in the key store: what older ones signed is taken over, once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.ledger import LedgerEntry
from monitor.evidence.chain import GENESIS, sha256, standing_heads
from monitor.evidence.chain_check import check_case
from monitor.evidence.heads import HeadsRefused, from_line, read_heads, with_ends
from monitor.evidence.rows import StoredEntry, stored_entries, stored_seals
from monitor.evidence.signatures import genuine
from monitor.evidence.tags import Tagger
from monitor.keys.kept_heads import KeptHead


async def adopted_heads(session: AsyncSession, heads_file: Path, public_key: Ed25519PublicKey) -> dict[str, KeptHead]:
    """By chain, the newest head of the heads file that the database holds as well; all of a file without fault.

    Raises HeadsRefused when the file is damaged, lacks a stored seal, or is empty or missing although entries of the
    first format are there: those were signed within seconds, so there was a file. Entries of the second format prove
    by their tags that they are ours, so with them a new installation begins its file.
    """
    file = await asyncio.to_thread(read_heads, heads_file)
    stored = {seal.head.case_id: seal for seal in await stored_seals(session)}
    if not file.lines:
        if stored or await session.scalar(select(exists().where(LedgerEntry.commitment.is_(None)))):
            raise HeadsRefused(
                f"the heads file {heads_file} is {'empty' if file.exists else 'missing'} beside a ledger that was "
                "signed before: put it back from its copy. Nothing is signed until then"
            )
        return {}
    chains = set(await session.scalars(select(LedgerEntry.case_id).distinct()))
    heads: dict[str, KeptHead] = {}
    previous, seen = GENESIS, set()
    for line, end in with_ends(file):
        seal = from_line(line)
        if seal is None or seal.previous != previous or not genuine(seal, public_key):
            raise HeadsRefused(
                f"the heads file {heads_file} was changed; `ledger verify` names the line. Put its copy back. Nothing "
                "is signed until then"
            )
        previous, head = sha256(line), seal.head
        seen.add(seal)
        # What a crash left only in the file is signed once more; of a chain that is gone altogether the file still
        # tells, and so will the key store.
        known = stored.get(head.case_id)
        if head.case_id not in chains or (known is not None and head.count <= known.head.count):
            heads[head.case_id] = KeptHead(head.case_id, head.count, line, end)
    lost = [seal.head for seal in stored.values() if seal not in seen]
    if lost:
        raise HeadsRefused(
            f"the heads file {heads_file} is older than the database: it lacks the seal of case {lost[0].case_id}, "
            f"entry {lost[0].count}. Put its newest copy back. Nothing is signed until then"
        )
    return heads


async def tag_first_format(session: AsyncSession, heads_file: Path, tagger: Tagger) -> None:
    """Give every entry of the first format its tag, in chains that are whole and fit each head of the file.

    Call it after `adopted_heads` found nothing wrong with the file. From then on an entry without a tag is forged.
    """
    file = await asyncio.to_thread(read_heads, heads_file)
    heads = standing_heads(seal for line in file.lines if (seal := from_line(line)))
    chains: dict[str, list[StoredEntry]] = defaultdict(list)
    async for row in stored_entries(session):
        chains[row.entry.case_id].append(row)
    for chain, rows in chains.items():
        if check_case(chain, rows, heads.get(chain, [])).fault is None:
            await store_tags(session, rows, tagger)


async def store_tags(session: AsyncSession, rows: Iterable[StoredEntry], tagger: Tagger) -> None:
    """Tag those of these entries that are of the first format."""
    tags = [
        {"chain": row.entry.case_id, "seq": row.entry.seq, "tag": tagger.tag(row.entry_hash)}
        for row in rows
        if row.entry.commitment is None
    ]
    if tags:
        await session.execute(text("update ledger_entries set tag = :tag where case_id = :chain and seq = :seq"), tags)
