"""What the person told us, kept sealed."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import Intake
from monitor.model.notice_states import UNSENT
from monitor.model.records.intake import IntakeRecord


async def fill_intake(session: AsyncSession, context: DomainContext, case: Case, intake: Intake) -> None:
    """Keep what the person told, sealed. The ledger notes the choices, not the words.

    What has not left is locked first: the caller may stop or hold it, and whoever sends locks notice before ledger.
    """
    unsent = select(Notice.id).where(Notice.case_id == case.id, Notice.state.in_(UNSENT))
    await session.execute(unsent.order_by(Notice.id).with_for_update())
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
