"""An advocate looks at a fingerprint in quarantine: it is compared again, or removed."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_rows
from db.models.cases import Case, Fingerprint
from monitor.cases.fingerprints import remove_fingerprint
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import parse_code
from monitor.history.backfill import request_case_backfill
from monitor.model.records.fingerprint import FingerprintRecord, StoredClip
from monitor.model.states import CaseState
from monitor.sightings.rate_gate import WAVE
from monitor.watch.benign import which_are_benign

ON_THE_LIST = "on-the-list-of-harmless"
"""Why an alert about a fingerprint is raised at vouching."""


async def release(
    session: AsyncSession, context: DomainContext, case: Case, fingerprint_id: str, *, by: str
) -> Fingerprint:
    """Compare with it again, also what was shown meanwhile; for a day it may fit more than others.

    `by`: the advocate's id. One that is in use comes back as it is.
    """
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_CLOSED, "this case is not open, so nothing of it is compared")
    row = await lock_if_there(session, Fingerprint, fingerprint_id)
    if row is None or row.case_id != case.id or row.removed_at is not None:
        raise NotFound("there is no such fingerprint")
    if row.quarantined_at is None:
        return row
    row.quarantined_at, row.wave_until = None, context.now() + WAVE
    await request_case_backfill(session, context, case.id)
    await context.record(session, case.id, EntryKind.FINGERPRINT_RELEASED, fingerprint=row.id, by=by)
    await context.resolve(session, AlertKind.FINGERPRINT_QUARANTINED, row.id)
    return row


async def set_harmless_aside(session: AsyncSession, context: DomainContext, case: Case) -> list[str]:
    """Hold what the person registered before vouching against the list of harmless pictures, which is asked only now.

    Frames on it are left out. What is on it as a whole goes into quarantine: an advocate may know that it is the
    person's own. Returns which did; `tell_of_quarantine` must follow, for the ledger is locked last.
    """
    mine = (Fingerprint.case_id == case.id, Fingerprint.removed_at.is_(None), Fingerprint.origin == "registered")
    rows = await lock_rows(session, select(Fingerprint).where(*mine))
    records = {row.id: context.open_record(FingerprintRecord, case.id, row.id, row.payload) for row in rows}
    codes = sorted({code for record in records.values() for code in record.codes})
    harmless = {code.hex() for code in await which_are_benign(session, [parse_code(code) for code in codes])}
    aside = []
    for row in rows:
        record = records[row.id]
        shown = [(0.0, record.pdq), *(record.frames or ())]
        telling = [(at, code) for at, code in shown if code not in harmless]
        if not telling:
            row.quarantined_at = context.now()
            aside.append(row.id)
        elif len(telling) < len(shown):
            left = _with_only(record, telling)
            row.payload = context.seal_record(case.id, row.id, left)
    return aside


def _with_only(record: FingerprintRecord, telling: Sequence[tuple[float, str]]) -> FingerprintRecord:
    """The record with these frames, of which the first may be another than before. Points of a frame that is left out
    are left out too."""
    clip = record.clip.read() if record.clip is not None and record.clip.comparable else None
    left = clip and clip.only_at([at for at, _ in telling])
    frames = {"pdq": telling[0][1], "frames": tuple(telling[1:])}
    return record.model_copy(update={**frames, "clip": left and StoredClip(**left.as_json())})


async def tell_of_quarantine(
    session: AsyncSession, context: DomainContext, case: Case, fingerprint_ids: Iterable[str]
) -> None:
    """Write down what `set_harmless_aside` did, and ask an advocate to look."""
    for fingerprint_id in fingerprint_ids:
        await context.record(
            session, case.id, EntryKind.FINGERPRINT_QUARANTINED, fingerprint=fingerprint_id, reason=ON_THE_LIST
        )
        await context.alert(
            session,
            AlertKind.FINGERPRINT_QUARANTINED,
            fingerprint_id,
            ON_THE_LIST,
            organisation_id=case.organisation_id,
        )


async def remove_paused_fingerprint(
    session: AsyncSession, context: DomainContext, case: Case, fingerprint_id: str
) -> None:
    """It is junk: forget it. Only while it is in quarantine, for a colleague may have ended that meanwhile."""
    row = await lock_if_there(session, Fingerprint, fingerprint_id)
    if row is None or row.case_id != case.id or row.quarantined_at is None:
        raise NotFound("there is no such fingerprint in quarantine")
    await remove_fingerprint(session, context, case, fingerprint_id)
