"""Everything of a case that shows one registered picture, in whatever way it came."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, parse_code
from monitor.matching.verdict import CONFIDENT_WITHIN, bits_apart
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.sighting import SightingRecord
from monitor.sightings.age import shares


@dataclass(frozen=True, slots=True)
class Family:
    """Ids of fingerprints and of sightings."""

    fingerprints: frozenset[str]
    copies: frozenset[str]


async def family_of(session: AsyncSession, context: DomainContext, picture: Fingerprint) -> Family:
    """The picture with every copy that it led to, what joined the watch from those, and what shows the very same.

    A link that the person entered led to no fingerprint: what stands there belongs where its whole picture is the same.
    """
    known = context.open_record(FingerprintRecord, picture.case_id, picture.id, picture.payload)
    telling = picture.version == FINGERPRINT_VERSION and known.quality >= MIN_QUALITY and not known.frames
    return await _whole(session, context, picture.case_id, {picture.id}, parse_code(known.pdq) if telling else None)


async def family_of_code(session: AsyncSession, context: DomainContext, case_id: str, code: bytes) -> Family:
    """The same of a picture that is not registered yet, by the code of the whole of it (32 bytes)."""
    return await _whole(session, context, case_id, set(), code)


async def _whole(
    session: AsyncSession, context: DomainContext, case_id: str, fingerprints: set[str], code: bytes | None
) -> Family:
    copies = set[str]()
    if code is not None:
        fingerprints |= await _links(session, context, case_id, code)
        copies |= await _unmatched(session, context, case_id, code)
    new, fresh = set(fingerprints), set(copies)
    while new or fresh:
        led = Sighting.fingerprint_id.in_(new) | shares(fresh | await _names(session, fresh))
        found = select(Sighting.id).where(Sighting.case_id == case_id, led)
        more = set(await session.scalars(found)) - copies
        joined = select(Fingerprint.id).where(Fingerprint.case_id == case_id, Fingerprint.sighting_id.in_(fresh | more))
        new = set(await session.scalars(joined)) - fingerprints
        fingerprints |= new
        copies |= more
        fresh = more
    return Family(frozenset(fingerprints), frozenset(copies))


async def _names(session: AsyncSession, copies: set[str]) -> set[str]:
    """The first copies that these belong to."""
    query = select(Sighting.alike_id, Sighting.item_id).where(Sighting.id.in_(copies))
    return {one for row in await session.execute(query) for one in row if one is not None}


async def _links(session: AsyncSession, context: DomainContext, case_id: str, code: bytes) -> set[str]:
    """Fingerprints that joined from links, of the same whole picture."""
    mine = (Fingerprint.case_id == case_id, Fingerprint.origin == "link", Fingerprint.removed_at.is_(None))
    found = set[str]()
    for row in await session.scalars(select(Fingerprint).where(*mine)):
        try:
            record = context.open_record(FingerprintRecord, case_id, row.id, row.payload)
        except JikimiError:
            continue  # a damaged row fits nothing, and keeps no other one
        same = row.version == FINGERPRINT_VERSION and not record.frames
        if same and _is_near(record.pdq, record.quality, code):
            found.add(row.id)
    return found


async def _unmatched(session: AsyncSession, context: DomainContext, case_id: str, code: bytes) -> set[str]:
    """Sightings that no fingerprint led to, of the same whole picture."""
    found = set[str]()
    for row in await session.scalars(
        select(Sighting).where(Sighting.case_id == case_id, Sighting.fingerprint_id.is_(None))
    ):
        try:
            record = context.open_record(SightingRecord, case_id, row.id, row.evidence)
        except JikimiError:
            continue
        same = record.version == FINGERPRINT_VERSION and not record.frames
        if same and _is_near(record.pdq, record.quality, code):
            found.add(row.id)
    return found


def _is_near(pdq: str, quality: int, code: bytes) -> bool:
    return quality >= MIN_QUALITY and bits_apart(parse_code(pdq), code) <= CONFIDENT_WITHIN
