"""The escalate job: a deadline lapsed, and the next step of the route is prepared for a person."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Escalation, Notice
from db.models.sightings import Sighting
from db.queries.stops import why_paused
from db.session import Database
from db.types import new_id
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.escalation import EscalationRecord
from monitor.model.states import CaseState
from monitor.notices.escalation import PreparedStep, escalation
from monitor.notices.outcomes import alert_about
from monitor.notices.route_table import ROUTES
from monitor.sightings.facts import copy_facts


class Escalator:
    """Prepares next steps. Nothing is sent."""

    def __init__(self, database: Database, context: DomainContext) -> None:
        self._database, self._context = database, context

    async def escalate(self, notice_id: str) -> None:
        """Prepare the next steps of the notice's route. Nothing is sent: a person decides."""
        context, now = self._context, self._context.now()
        async with self._database.begin() as session:
            notice = await lock_one(session, Notice, notice_id)
            case = await session.get_one(Case, notice.case_id)
            if notice.state != NoticeState.SENT or case.state != CaseState.VOUCHED:
                return
            if await why_paused(session, case.id) is not None:
                return  # the check that follows when work goes on asks for this again
            steps, outcome = await self._next_steps(session, notice, case)
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
                    prepared_at=now,
                )
            notice.state = move(notice.state, NoticeState.LAPSED)
            await context.record(
                session, case.id, EntryKind.ESCALATION_PREPARED, notice=notice.id, steps=[step.step for step in steps]
            )
            await alert_about(session, context, AlertKind.DEADLINE_LAPSED, notice, outcome)

    async def _next_steps(
        self, session: AsyncSession, notice: Notice, case: Case
    ) -> tuple[tuple[PreparedStep, ...], str]:
        """What follows the notice's route, and the alert's reason. No step where a rule forbids the route by now."""
        sighting = await session.get_one(Sighting, notice.sighting_id)
        try:
            steps = escalation(
                ROUTES[notice.route],
                await copy_facts(session, self._context, sighting),
                read_intake(self._context, case),
                self._context.now(),
                sent_at=notice.sent_at,
                last_check_at=sighting.looked_at,
                recipients=self._context.recipients,
            )
        except RuleBroken as refused:
            # Told after sending: the person was under age. The deadline passed all the same, and somebody must know.
            return (), refused.reason
        return steps, "next-step-prepared"
