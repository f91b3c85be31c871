"""The steps that a person can file about a copy: those prepared after its notices; for a minor's, the minors' ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Escalation, Notice
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.records.escalation import EscalationRecord
from monitor.notices.under_age import counts_as_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class StepToFile:
    """A step with everything that a person needs to take it."""

    step: str
    """The name of a route or next step."""
    notice_id: str | None
    """The notice that it follows."""
    prepared_at: datetime
    channel: str
    address: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    missing: tuple[str, ...] = ()
    confirmed: bool = True
    """False: no source confirms this way; shown as "please check"."""


async def steps_to_file(
    session: AsyncSession, context: DomainContext, sighting: Sighting, case: Case
) -> Sequence[StepToFile]:
    """Every step, in the order in which they follow each other. A minor's picture has no step for adults."""
    if counts_as_minor(context, case):
        return ()
    query = select(Escalation).join(Notice, Notice.id == Escalation.notice_id).where(Notice.sighting_id == sighting.id)
    rows = (await session.scalars(query.order_by(Escalation.prepared_at, Escalation.id))).all()
    return [_prepared(context, row) for row in rows]


async def step_to_file(
    session: AsyncSession, context: DomainContext, sighting: Sighting, case: Case, step: str
) -> StepToFile:
    """The step of this name; RuleBroken(STEP_UNKNOWN) where there is none for this copy."""
    found = [one for one in await steps_to_file(session, context, sighting, case) if one.step == step]
    if not found:
        raise RuleBroken(Refusal.STEP_UNKNOWN, "this step was not prepared for this copy")
    return found[-1]


def _prepared(context: DomainContext, row: Escalation) -> StepToFile:
    record = context.open_record(EscalationRecord, row.case_id, row.id, row.content)
    return StepToFile(
        step=row.step,
        notice_id=row.notice_id,
        prepared_at=row.prepared_at,
        channel=record.channel,
        address=record.address,
        subject=record.subject,
        body=record.body,
        missing=record.missing,
        confirmed=record.confirmed,
    )
