"""A notice led to nothing: the next steps of its route are prepared for a person. Nothing is sent."""

import logging
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.cases import Case
from db.models.notices import Escalation, Notice
from db.models.sightings import Sighting
from db.types import new_id
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError, RuleBroken
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.escalation import EscalationRecord
from monitor.notices.escalation import PreparedStep, escalation
from monitor.notices.outcomes import alert_about
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import is_closed
from monitor.sightings.facts import copy_facts

log = logging.getLogger(__name__)

STEPS_PREPARED, NOTHING_FOLLOWS = "next-step-prepared", "nothing-follows"
"""Reasons of the alert that a deadline passed; any other is the rule that forbids the route by now."""


async def lapse(session: AsyncSession, context: DomainContext, notice: Notice, case: Case, **facts: str) -> None:
    """Prepare what follows a locked notice that was sent, and tell its advocates. `facts`: more for the ledger."""
    steps, outcome = await _next_steps(session, context, notice, case)
    for step in steps:
        await _keep(session, context, notice, step)
    notice.state = move(notice.state, NoticeState.LAPSED)
    named = [step.step for step in steps]
    await context.record(session, case.id, EntryKind.ESCALATION_PREPARED, notice=notice.id, steps=named, **facts)
    if not await is_closed(session, notice.sighting_id):  # opened again, it is overdue, and that is told
        await alert_about(session, context, AlertKind.DEADLINE_LAPSED, notice, outcome)


async def write_steps_anew(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """The case moved to another centre: what was prepared to be filed speaks for that one from now on.

    What was filed stays on record as it was; see `monitor/actions/file_step.py`. The caller holds the case.
    """
    query = select(Escalation).where(Escalation.case_id == case.id).order_by(Escalation.id)
    prepared = defaultdict[str, dict[str, Escalation]](dict)
    for row in await session.scalars(query):
        prepared[row.notice_id][row.step] = row
    lapsed = Notice.id.in_(prepared) | (Notice.state == NoticeState.LAPSED)
    notices = await session.scalars(select(Notice).where(Notice.case_id == case.id, lapsed).order_by(Notice.id))
    for notice in notices.all():
        known = prepared[notice.id]
        try:
            steps, outcome = await _next_steps(session, context, notice, case)
        except JikimiError as error:  # a damaged record keeps nobody from moving
            log.error("next steps not written anew", extra={"notice_id": notice.id}, exc_info=error)
            continue
        for step in steps:
            if step.step in known:
                row = known.pop(step.step)
                row.content = context.seal_record(case.id, row.id, _record(step))
            else:  # of the new centre's country
                await _keep(session, context, notice, step)
        if outcome in (STEPS_PREPARED, NOTHING_FOLLOWS):
            for row in known.values():  # of the country of the one before
                await session.delete(row)
    await session.flush()


async def _keep(session: AsyncSession, context: DomainContext, notice: Notice, step: PreparedStep) -> None:
    row_id = new_id()
    await insert_unless_there(
        session,
        Escalation,
        id=row_id,
        case_id=notice.case_id,
        notice_id=notice.id,
        step=step.step,
        content=context.seal_record(notice.case_id, row_id, _record(step)),
        prepared_at=context.now(),
    )


def _record(step: PreparedStep) -> EscalationRecord:
    return EscalationRecord(
        address=step.address,
        channel=step.channel.value,
        subject=step.subject,
        body=step.body,
        fields=dict(step.fields),
        missing=step.missing,
        confirmed=step.confirmed,
    )


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
    return steps, STEPS_PREPARED if steps else NOTHING_FOLLOWS
