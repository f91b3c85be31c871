"""Which clocks run for an organisation: of its notices, of its filings by hand, of its duty to tell the police, and of
what platforms keep for them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import Filing
from db.queries.clocks import (
    KeptData,
    RunningClock,
    StepInTime,
    UntoldCopy,
    filings_in_hand,
    running_clocks,
    steps_in_time,
    untold_copies,
)
from monitor.actions.copies import own_pages_of, untold
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.exports.custody.recording import kept_of_organisation
from monitor.model.facts import AgeGroup, Intake
from monitor.notices.clocks import Clock, ClockKind, answer_clock
from monitor.notices.duties import DUTIES
from monitor.notices.filing import file_by, filing_clocks, in_time_only

LONGEST = timedelta(days=400)
"""No clock of what was filed is longer."""


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """The police must be told of a minor's copy, and were not."""

    copy: UntoldCopy
    step: str
    """By which they are told."""
    clock: Clock


async def clocks_that_run(
    session: AsyncSession, context: DomainContext, organisation_id: str, *, before: datetime | None = None
) -> Sequence[RunningClock]:
    """What ends first comes first; a duty that nobody met stays, with its end gone by, and so does what the police had
    kept and nobody answered for. `before`: what ends by then."""
    now = context.now()
    found = list(await running_clocks(session, organisation_id, now, before=before))
    for one in await filed_clocks(session, now, organisation_id=organisation_id):
        for clock in one.clocks:
            if clock.ends_at > now:
                found.append(_running(one.filing.sighting_id, one.filing.case_id, one.filing.step, clock, one))
    for step, clock in await steps_to_file_in_time(session, now, organisation_id=organisation_id):
        found.append(_running(step.sighting_id, step.case_id, step.step, clock, step))
    for duty in await open_duties(session, context, organisation_id=organisation_id):
        found.append(_running(duty.copy.sighting_id, duty.copy.case.id, duty.step, duty.clock, duty.copy))
    for kept in await kept_of_organisation(session, context, organisation_id):
        clock = Clock(ClockKind.PRESERVATION, kept.ends_at, kept.renew_at)
        found.append(_running(None, kept.case_id, kept.platform, clock, kept))
    near = [one for one in found if before is None or one.ends_at <= before]
    return sorted(near, key=lambda one: (one.ends_at, one.sighting_id or "", one.kind))


@dataclass(frozen=True, slots=True)
class FiledClocks:
    """What was filed by hand, and its clocks."""

    filing: Filing
    organisation_id: str | None
    advocate_id: str
    advocate: str
    clocks: tuple[Clock, ...]


async def filed_clocks(
    session: AsyncSession, now: datetime, *, organisation_id: str | None = None
) -> Sequence[FiledClocks]:
    """Of a step that was filed again the clocks of the last time count, as they do for how the copy stands."""
    filings = await filings_in_hand(session, now, since=now - LONGEST, organisation_id=organisation_id)
    latest = {(one[0].sighting_id, one[0].step): one for one in filings}
    return [
        FiledClocks(
            filing,
            home,
            in_charge,
            name,
            filing_clocks(filing.step, filing.filed_at, deadline_at=filing.deadline_at, answer=filing.answer),
        )
        for filing, home, in_charge, name in latest.values()
    ]


async def steps_to_file_in_time(
    session: AsyncSession, now: datetime, *, organisation_id: str | None = None
) -> Sequence[tuple[StepInTime, Clock]]:
    """The prepared steps that nobody filed, with until when each is taken, as long as it is."""
    steps = await steps_in_time(session, in_time_only(), organisation_id=organisation_id)
    clocks = [(one, file_by(one.step, one.prepared_at, one.refused_at)) for one in steps]
    return [(one, clock) for one, clock in clocks if clock is not None and clock.ends_at > now]


async def open_duties(
    session: AsyncSession, context: DomainContext, *, organisation_id: str | None = None
) -> Sequence[OpenDuty]:
    """Of every confirmed copy, there, gone or closed: until when the police must be told of it. A fixed number of
    questions."""
    asked = untold(context.now())
    copies = [] if asked is None else await untold_copies(session, asked, organisation_id=organisation_id)
    cases = {one.case.id: one.case for one in copies}
    if not cases:
        return ()
    holding = await asyncio.to_thread(context.holding, list(cases))
    intakes = await asyncio.to_thread(lambda: {key: _told(holding, case) for key, case in cases.items()})
    own = await own_pages_of(session, holding, list(cases))
    found = []
    for one in copies:
        intake = intakes[one.case.id]
        age = AgeGroup(one.age_group) if one.age_group else intake.age_group
        duty = DUTIES.of(one.home.country, intake.country)
        is_own = (one.source.platform, one.source.handle.lower()) in own.get(one.case.id, ())
        if duty is None or is_own or not age.counts_as_minor:
            continue
        ends = answer_clock(one.decided_at, duty.due_at(one.decided_at))
        found.append(OpenDuty(one, duty.met_by[0], Clock(ClockKind.DUTY, ends.ends_at, ends.remind_at)))
    return found


def _told(context: DomainContext, case: Case) -> Intake:
    """What the person told; of a case whose key was lost, nothing: its copies count as a minor's."""
    try:
        return read_intake(context, case)
    except JikimiError:
        return Intake()


def _running(
    sighting_id: str | None, case_id: str, step: str, clock: Clock, of: FiledClocks | StepInTime | UntoldCopy | KeptData
) -> RunningClock:
    return RunningClock(
        notice_id=None,
        sighting_id=sighting_id,
        case_id=case_id,
        kind=clock.kind,
        route=step,
        ends_at=clock.ends_at,
        remind_at=clock.remind_at,
        advocate_id=of.advocate_id,
        advocate=of.advocate,
    )
