"""The list of harmless pictures: default avatars, templates, placeholders, stock pictures. Only an operator changes it.

What is listed is matched against nobody; but it never hides a picture that fits somebody's own (see
`monitor.matching.verdict`), so the list cannot silence a case.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.models.benign import BenignHash
from db.types import new_id
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.fingerprints.regions.codes import REGIONS_VERSION
from monitor.matching.index import HashIndex
from monitor.matching.verdict import CONFIDENT_WITHIN

log = logging.getLogger(__name__)


async def add_benign(
    session: AsyncSession, code: bytes, *, note: str, by: str, now: datetime, version: str = FINGERPRINT_VERSION
) -> tuple[BenignHash, bool]:
    """List a hash, True when it is new; one that is there already comes back as it is, its note too.

    `version`: REGIONS_VERSION of a part of a template picture (see `monitor.matching.template_parts`).
    """
    row_id = new_id()
    values = {"code": code, "version": version, "note": note, "added_at": now, "added_by": by}
    row = await insert_or_lock(session, BenignHash, unique="code", id=row_id, **values)
    if row.id == row_id:
        log.warning("benign hash added", extra={"benign_id": row_id})
    return row, row.id == row_id


async def remove_benign(session: AsyncSession, benign_id: str) -> bool:
    """Take a hash off the list, of a template all of its parts; False when it is not there."""
    row = await session.get(BenignHash, benign_id)
    which = BenignHash.id == benign_id
    if row is not None and row.version == REGIONS_VERSION:
        together = (
            BenignHash.added_at == row.added_at,
            BenignHash.added_by == row.added_by,
            BenignHash.note == row.note,
        )
        which = and_(BenignHash.version == REGIONS_VERSION, *together)
    gone = await session.execute(delete(BenignHash).where(which).returning(BenignHash.id))
    if not gone.scalars().all():
        return False
    log.warning("benign hash removed", extra={"benign_id": benign_id})
    return True


async def which_are_benign(session: AsyncSession, codes: Sequence[bytes]) -> set[bytes]:
    """Those of the codes that lie as near to a listed picture as a copy would."""
    query = select(BenignHash.id, BenignHash.code).where(BenignHash.version == FINGERPRINT_VERSION)
    rows = (await session.execute(query)).all()
    return await asyncio.to_thread(_near, codes, [row.id for row in rows], [row.code for row in rows])


def _near(codes: Sequence[bytes], ids: Sequence[str], listed: Sequence[bytes]) -> set[bytes]:
    index = HashIndex(ids, listed, tables=False)
    hits = index.rows_within(codes, CONFIDENT_WITHIN)
    return {code for code, near in zip(codes, hits, strict=True) if near}
