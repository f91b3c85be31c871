"""Media that were inspected here join a case's watch: of a confirmed post, what lay beside it, of a known link."""

import logging
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, WHOLE_SET, parse_code
from monitor.matching.watch_set import Origin
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.watch.benign import which_are_benign

log = logging.getLogger(__name__)

TOO_PLAIN = "too-plain"
"""Why a medium did not join: it would fit what has nothing to do with it. Also what is on the harmless list."""


async def join_watch(
    session: AsyncSession,
    context: DomainContext,
    hashes: MediumHashes,
    *,
    case_id: str,
    kind: str,
    origin: Origin,
    sighting_id: str | None = None,
    link_id: str | None = None,
    age_group: str | None = None,
    listed: AbstractSet[bytes] | None = None,
) -> str | None:
    """Compare with `hashes` from now on, a video's frames among it. None: it joined.

    A frame that is plain, or on the list of harmless pictures, is left out; where nothing else is left, nothing
    joins. `age_group`: of the person when pictured, where it was told of the picture that led here. `listed`: what
    `on_the_list` said before the transaction; None: it is asked here.
    """
    plain, shown = hashes.quality < MIN_QUALITY, _shown(hashes)
    if listed is None:
        listed = await on_the_list(session, hashes)
    telling = [(at, code.hex()) for at, code in shown if code not in listed]
    if not telling:
        log.info("medium did not join", extra={"case_id": case_id, "origin": origin})
        return TOO_PLAIN
    own = telling[0][1] == hashes.pdq and not plain
    row = Fingerprint(
        id=new_id(),
        case_id=case_id,
        kind=kind,
        origin=origin,
        version=FINGERPRINT_VERSION,
        set_name=WHOLE_SET,
        payload=b"",
        sighting_id=sighting_id,
        link_id=link_id,
        age_group=age_group,
        added_at=context.now(),
    )
    record = FingerprintRecord.of(
        telling,
        quality=hashes.quality if own else MIN_QUALITY,  # frames that are kept have at least that
        phash=hashes.phash if own else None,
    )
    row.payload = context.seal_record(case_id, row.id, record)
    session.add(row)
    await session.flush()
    await context.record(session, case_id, EntryKind.FINGERPRINT_ADDED, fingerprint=row.id, origin=origin)
    return None


async def on_the_list(session: AsyncSession, hashes: MediumHashes) -> set[bytes]:
    """Which of a medium's codes are on the list of harmless pictures."""
    return await which_are_benign(session, [code for _, code in _shown(hashes)])


def _shown(hashes: MediumHashes) -> list[tuple[float, bytes]]:
    """Seconds and codes of what may join: a plain picture never does."""
    own = [] if hashes.quality < MIN_QUALITY else [(0.0, parse_code(hashes.pdq))]
    return own + [(at, parse_code(code)) for at, code in hashes.frames]
