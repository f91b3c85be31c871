"""A notice led to nothing: the next steps of its route are prepared for a person. Nothing is sent."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.cases import Case
from db.models.notices import Escalation, Notice
from db.models.sightings import Sighting
from db.types import new_id
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.escalation import EscalationRecord
from monitor.notices.escalation import PreparedStep, escalation
from monitor.notices.outcomes import alert_about
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import is_closed
from monitor.sightings.facts import copy_facts


async def lapse(session: AsyncSession, context: DomainContext, notice: Notice, case: Case, **facts: str) -> None:
    """Prepare what follows a locked notice that was sent, and tell its advocates. `facts`: more for the ledger."""
    steps, outcome = await _next_steps(session, context, notice, case)
    for step in steps:
        row_id = new_id()
        record = EscalationRecord(
            address=step.address,
            channel=step.channel.value,
            subject=step.subject,
            body=step.body,
            fields=dict(step.fields),
            missing=step.missing,
            confirmed=step.confirmed,
        )
        await insert_unless_there(
            session,
            Escalation,
            id=row_id,
            case_id=case.id,
            notice_id=notice.id,
            step=step.step,
            content=context.seal_record(case.id, row_id, record),
            prepared_at=context.now(),
        )
    notice.state = move(notice.state, NoticeState.LAPSED)
    named = [step.step for step in steps]
    await context.record(session, case.id, EntryKind.ESCALATION_PREPARED, notice=notice.id, steps=named, **facts)
    if not await is_closed(session, notice.sighting_id):  # opened again, it is overdue, and that is told
        await alert_about(session, context, AlertKind.DEADLINE_LAPSED, notice, outcome)


async def _next_steps(
    session: AsyncSession, context: DomainContext, notice: Notice, case: Case
) -> tuple[tuple[PreparedStep, ...], str]:
    """What follows the notice's route, and the alert's reason. No step where a rule forbids the route by now."""
    sighting = await session.get_one(Sighting, notice.sighting_id)
    try:
        steps = escalation(
            ROUTES[notice.route],
            await copy_facts(session, context, sighting),
            read_intake(context, case),
            context.now(),
            sent_at=notice.sent_at,
            last_check_at=sighting.looked_at,
            recipients=context.recipients,
        )
    except RuleBroken as refused:
        # Told after sending: the person was under age. The deadline passed all the same, and somebody must know.
        return (), refused.reason
    return steps, "next-step-prepared" if steps else "nothing-follows"
