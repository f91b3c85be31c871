"""An advocate reads what the person told: that is a step of the case like any other."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.evidence.by import Who
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import Intake


async def show_intake(session: AsyncSession, context: DomainContext, case: Case) -> Intake:
    """The intake for whoever asks; that an advocate read it is noted. The person's own reading is their own affair."""
    await note_intake_read(session, context, case)
    return read_intake(context, case)


async def note_intake_read(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """Call it where an answer shows an advocate what the person told."""
    await _note(session, context, case.id, EntryKind.INTAKE_READ)


async def note_notice_read(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """Call it where the whole of a notice is shown: the person's name, contact and reasons stand in it."""
    await _note(session, context, notice.case_id, EntryKind.CONTACTS_READ, notice=notice.id)


async def note_evidence_read(session: AsyncSession, context: DomainContext, case_id: str, **facts: str) -> None:
    """Call it where what is known of a copy is shown whole: its place, numbers and hashes."""
    await _note(session, context, case_id, EntryKind.EVIDENCE_READ, **facts)


async def _note(session: AsyncSession, context: DomainContext, case_id: str, kind: EntryKind, **facts: str) -> None:
    if context.by.who is Who.ADVOCATE:
        await context.record(session, case_id, kind, **facts)
