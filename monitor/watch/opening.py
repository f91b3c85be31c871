"""Sealed fingerprints, opened for comparing."""

import logging
from collections.abc import Sequence
from typing import Any

from db.models.cases import Fingerprint
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError
from monitor.fingerprints.hashes.values import parse_code
from monitor.fingerprints.regions.codes import REGIONS_VERSION, Regions
from monitor.matching.watch_set import Watched

log = logging.getLogger(__name__)


def watched(context: DomainContext, rows: Sequence[Fingerprint]) -> list[Watched]:
    """Open sealed fingerprints for comparing. What does not open is left out: one damaged row, or a case whose key is
    gone, must not end the watch of everybody else. The caller tells somebody when fewer come back.
    """
    opened = []
    for row in rows:
        try:
            opened.append(_watched(row, context.open(row.case_id, f"fingerprint:{row.id}", row.payload)))
        except (CryptoError, KeyError, TypeError, ValueError) as error:
            # Its type only: the message may quote what was opened.
            log.error("fingerprint unreadable", extra={"fingerprint_id": row.id, "reason": type(error).__name__})
    return opened


def _watched(row: Fingerprint, payload: dict[str, Any]) -> Watched:
    return Watched(
        fingerprint_id=row.id,
        case_id=row.case_id,
        code=parse_code(payload["pdq"]),
        kind=row.kind,  # type: ignore[arg-type]  # the API lets only these three in
        origin=row.origin,  # type: ignore[arg-type]  # written by this program only
        phash=None if payload["phash"] is None else bytes.fromhex(payload["phash"]),
        version=row.version,
        set_name=row.set_name,
        regions=_regions(row, payload.get("regions")),
        frames=tuple((float(at), parse_code(code)) for at, code in payload.get("frames") or ()),
    )


def _regions(row: Fingerprint, value: Any) -> Regions | None:
    """Boxes of another version mean something else: the whole picture is still compared."""
    if value is None:
        return None
    if value["version"] != REGIONS_VERSION:
        log.warning("regions of another version", extra={"fingerprint_id": row.id})
        return None
    return Regions.from_json(value)
