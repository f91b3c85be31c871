"""Cut-outs of a case: a box around one's own face, which joins a registered photo and can be taken back alone.

Only where the operator recorded a legal basis, only by the person, and for a photo of a child, or of somebody who may
have been one, only once a guardian's mandate is recorded.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_rows
from db.models.cases import Case, Fingerprint
from monitor.cases.entered import mandates_of, open_mandate
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.entered import MandateKind
from monitor.model.facts import AgeGroup
from monitor.model.records.fingerprint import FingerprintRecord


async def check_cut_out(session: AsyncSession, context: DomainContext, case: Case, age: AgeGroup | None) -> None:
    """Raises RuleBroken(CUT_OUTS_OFF, ONLY_THE_PERSON, GUARDIAN_NEEDED) where none may join a photo of that age."""
    if not context.cut_outs:
        raise RuleBroken(Refusal.CUT_OUTS_OFF, "boxes around faces are switched off here")
    if context.by.advocate_id is not None:
        raise RuleBroken(Refusal.ONLY_THE_PERSON, "only the person draws a box around their own face")
    if (age or read_intake(context, case).age_group).counts_as_minor and not await _guardian_agrees(
        session, context, case
    ):
        raise RuleBroken(Refusal.GUARDIAN_NEEDED, "a photo of a child has such a box only with a guardian's mandate")


async def _guardian_agrees(session: AsyncSession, context: DomainContext, case: Case) -> bool:
    standing = [row for row in await mandates_of(session, case.id) if row.revoked_at is None and row.content]
    return any(open_mandate(context, row).kind is MandateKind.GUARDIAN for row in standing)


async def remove_cut_out(session: AsyncSession, context: DomainContext, case: Case, fingerprint_id: str) -> Fingerprint:
    """Forget the codes around the face; the photo's other codes stay. Raises NotFound."""
    row = await lock_if_there(session, Fingerprint, fingerprint_id)
    if row is None or row.case_id != case.id or row.removed_at is not None or row.cut_out is None:
        raise NotFound("there is no such box")
    _forget(context, row)
    await session.flush()
    await context.record(session, case.id, EntryKind.CUT_OUT_REMOVED, fingerprint=row.id)
    return row


async def drop_unguarded(
    session: AsyncSession, context: DomainContext, case: Case, *, for_all: AgeGroup | None = None
) -> Sequence[str]:
    """Forget the cut-outs of photos of a child, or of who may be one, where no guardian's mandate stands: ids.

    `for_all`: the answer for all photos, where it is not kept yet.
    The caller tells the ledger with `note_dropped`, after the rows that it locks itself.
    """
    if await _guardian_agrees(session, context, case):
        return ()
    for_all = for_all or read_intake(context, case).age_group
    query = select(Fingerprint).where(Fingerprint.case_id == case.id, Fingerprint.cut_out.is_not(None))
    rows = await lock_rows(session, query.where(Fingerprint.removed_at.is_(None)))
    dropped = [row for row in rows if (AgeGroup(row.age_group) if row.age_group else for_all).counts_as_minor]
    for row in dropped:
        _forget(context, row)
    await session.flush()
    return [row.id for row in dropped]


async def note_dropped(session: AsyncSession, context: DomainContext, case: Case, ids: Sequence[str]) -> None:
    """Tell the ledger what `drop_unguarded` forgot."""
    for row_id in ids:
        await context.record(session, case.id, EntryKind.CUT_OUT_REMOVED, fingerprint=row_id, reason="no-guardian")


def _forget(context: DomainContext, row: Fingerprint) -> None:
    record = context.open_record(FingerprintRecord, row.case_id, row.id, row.payload)
    row.payload = context.seal_record(row.case_id, row.id, record.model_copy(update={"cut_out": None}))
    row.cut_out = None
