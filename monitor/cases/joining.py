"""Media that were looked at here join a case's watch: of a confirmed post, what lay beside it, of a known link."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.types import new_id
from monitor.desk import Desk
from monitor.evidence.kinds import Kind
from monitor.fingerprints.values import FINGERPRINT_VERSION, WHOLE_SET
from monitor.matching.watch import Origin

_HASHES = ("pdq", "quality", "phash")


async def join_watch(
    session: AsyncSession,
    desk: Desk,
    hashes: Mapping[str, Any],
    *,
    case_id: str,
    kind: str,
    origin: Origin,
    sighting_id: str | None = None,
) -> None:
    """Compare with `hashes` from now on: what `watched_hashes` made, a video's frames among it."""
    row = Fingerprint(
        id=new_id(),
        case_id=case_id,
        kind=kind,
        origin=origin,
        version=FINGERPRINT_VERSION,
        set_name=WHOLE_SET,
        payload=b"",
        sighting_id=sighting_id,
        added_at=desk.now(),
    )
    payload = {name: hashes[name] for name in _HASHES} | {"frames": hashes.get("frames", []), "label": ""}
    row.payload = desk.seal(case_id, f"fingerprint:{row.id}", payload)
    session.add(row)
    await session.flush()
    await desk.record(session, case_id, Kind.FINGERPRINT_ADDED, fingerprint=row.id, origin=origin)
