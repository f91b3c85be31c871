"""The steps that a person can file about a copy: those prepared after its notices; for a minor's, the minors' ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Escalation, Notice
from db.models.sightings import Sighting
from db.queries.clocks import refused_at
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import CopyFacts
from monitor.model.records.escalation import EscalationRecord
from monitor.notices.escalation import place_of
from monitor.notices.filing import file_by
from monitor.notices.for_minors import AdultNotice, MinorsStep, minors_steps
from monitor.notices.route_table import ROUTES
from monitor.notices.under_age import HAS_LEFT, adult_routes
from monitor.sightings.facts import copy_facts


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
    file_by: datetime | None = None
    """Until when it is taken; None: any time."""


async def steps_to_file(
    session: AsyncSession, context: DomainContext, sighting: Sighting, case: Case, *, facts: CopyFacts | None = None
) -> Sequence[StepToFile]:
    """Every step, in the order in which they follow each other. A minor's picture has no step for adults: for it every
    way to the bodies that act is prepared from the moment that it is confirmed. `facts`: what `copy_facts` gave."""
    facts, intake = facts or await copy_facts(session, context, sighting), read_intake(context, case)
    if facts.age_group(intake).counts_as_minor:
        since = sighting.decided_at or context.now()
        sent = await _left_for_adult(session, sighting)
        return [_minors(one, since) for one in minors_steps(facts, intake, recipients=context.recipients, sent=sent)]
    query = select(Escalation, refused_at(), Notice.route).join(Notice, Notice.id == Escalation.notice_id)
    found = await session.execute(query.where(Notice.sighting_id == sighting.id).order_by(Escalation.id))
    rows = sorted(found.all(), key=lambda one: (one[0].prepared_at, one[0].notice_id, place_of(one[2], one[0].step)))
    return [_prepared(context, row, refused) for row, refused, _ in rows]


async def step_to_file(
    session: AsyncSession, context: DomainContext, sighting: Sighting, case: Case, step: str
) -> StepToFile:
    """The step of this name; RuleBroken(STEP_UNKNOWN) where there is none for this copy."""
    found = [one for one in await steps_to_file(session, context, sighting, case) if one.step == step]
    if not found:
        raise RuleBroken(Refusal.STEP_UNKNOWN, "this step was not prepared for this copy")
    return found[-1]


async def _left_for_adult(session: AsyncSession, sighting: Sighting) -> list[AdultNotice]:
    """Notices as for an adult that left before it was known better."""
    query = select(Notice).where(Notice.sighting_id == sighting.id, Notice.sent_at.is_not(None))
    query = query.where(Notice.state.in_(HAS_LEFT), Notice.route.in_(adult_routes())).order_by(Notice.sent_at)
    return [
        AdultNotice(ROUTES[one.route].title, one.sent_at)
        for one in await session.scalars(query)
        if one.sent_at is not None
    ]


def _minors(one: MinorsStep, since: datetime) -> StepToFile:
    return StepToFile(
        step=one.route.name,
        notice_id=None,
        prepared_at=since,
        channel=one.route.channel,
        address=one.address,
        subject=one.subject,
        body=one.body,
        confirmed=one.route.confirmed,
    )


def _prepared(context: DomainContext, row: Escalation, refused: datetime | None) -> StepToFile:
    record = context.open_record(EscalationRecord, row.case_id, row.id, row.content)
    clock = file_by(row.step, row.prepared_at, refused)
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
        file_by=None if clock is None else clock.ends_at,
    )
