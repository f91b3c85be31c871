"""What the person told us, kept sealed."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import Intake
from monitor.model.records.intake import IntakeRecord


async def fill_intake(session: AsyncSession, context: DomainContext, case: Case, intake: Intake) -> None:
    """Keep what the person told, sealed. The ledger notes the choices, not the words.

    Whoever stops or holds notices with it does that before: notices are locked before the ledger.
    """
    case.intake = context.seal_record(case.id, case.id, IntakeRecord.of(intake))
    await context.record(
        session,
        case.id,
        EntryKind.INTAKE_CHANGED,
        age_group=intake.age_group,
        country=intake.country,
        sender_role=intake.sender_role,
        timing=intake.timing,
        permission_to_send_at=intake.permission_to_send_at and intake.permission_to_send_at.isoformat(),
    )


def read_intake(context: DomainContext, case: Case) -> Intake:
    """The intake of a case; an empty one (unsure of age, nothing permitted) until it was filled in."""
    if case.intake is None:
        return Intake(language=case.language)
    return context.open_record(IntakeRecord, case.id, case.id, case.intake).intake()
