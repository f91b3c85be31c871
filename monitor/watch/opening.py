"""Sealed fingerprints, opened for comparing."""

import logging
from collections.abc import Sequence

from db.models.cases import Fingerprint
from db.queries.consents import named_set
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError, RecordInvalid
from monitor.fingerprints.cut_outs.codes import CutOut
from monitor.fingerprints.hashes.values import parse_code
from monitor.fingerprints.regions.codes import Regions
from monitor.matching.watch_set import Watched
from monitor.model.records.fingerprint import FingerprintRecord

log = logging.getLogger(__name__)


def watched(context: DomainContext, rows: Sequence[Fingerprint]) -> list[Watched]:
    """Open sealed fingerprints for comparing. What does not open is left out: one damaged row, or a case whose key is
    gone, must not end the watch of everybody else. The caller tells somebody when fewer come back.

    It waits for the key store and opens at length: call it in a thread.
    """
    context, opened = context.holding({row.case_id for row in rows}), []
    for row in rows:
        try:
            opened.append(_watched(row, context.open_record(FingerprintRecord, row.case_id, row.id, row.payload)))
        except (CryptoError, RecordInvalid, ValueError) as error:
            # Its type only: the message may quote what was opened.
            log.error("fingerprint unreadable", extra={"fingerprint_id": row.id, "reason": type(error).__name__})
    return opened


def _watched(row: Fingerprint, record: FingerprintRecord) -> Watched:
    return Watched(
        fingerprint_id=row.id,
        case_id=row.case_id,
        code=parse_code(record.pdq),
        kind=row.kind,  # type: ignore[arg-type]  # the API lets only these three in
        origin=row.origin,  # type: ignore[arg-type]  # written by this program only
        phash=None if record.phash is None else bytes.fromhex(record.phash),
        version=row.version,
        set_name=named_set(row.set_name, row.cut_out),
        regions=_regions(row, record),
        frames=tuple((at, parse_code(code)) for at, code in record.frames or ()),
        clip=record.clip.read() if record.clip is not None and record.clip.comparable else None,
        cut_out=_cut_out(row, record),
    )


def _cut_out(row: Fingerprint, record: FingerprintRecord) -> CutOut | None:
    """None where it was taken back, or is of another version."""
    if row.cut_out is None or record.cut_out is None or not record.cut_out.comparable:
        return None
    return record.cut_out.read()


def _regions(row: Fingerprint, record: FingerprintRecord) -> Regions | None:
    """Boxes of another version mean something else: the whole picture is still compared."""
    if record.regions is None:
        return None
    if not record.regions.comparable:
        log.warning("regions of another version", extra={"fingerprint_id": row.id})
        return None
    return record.regions.read()
