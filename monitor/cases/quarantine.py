"""An advocate looks at a fingerprint in quarantine: it is compared again, or removed."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there
from db.models.cases import Case, Fingerprint
from monitor.cases.fingerprints import remove_fingerprint
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_case_backfill
from monitor.model.states import CaseState
from monitor.sightings.rate_gate import WAVE


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


async def remove_paused_fingerprint(
    session: AsyncSession, context: DomainContext, case: Case, fingerprint_id: str
) -> None:
    """It is junk: forget it. Only while it is in quarantine, for a colleague may have ended that meanwhile."""
    row = await lock_if_there(session, Fingerprint, fingerprint_id)
    if row is None or row.case_id != case.id or row.quarantined_at is None:
        raise NotFound("there is no such fingerprint in quarantine")
    await remove_fingerprint(session, context, case, fingerprint_id)
