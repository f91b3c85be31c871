"""A person filed the next step about a copy, or took a minors' route: what was filed, its clock, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.notices import Notice
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.types import new_id
from monitor.actions.access import get_open_case, get_sighting
from monitor.actions.steps import step_to_file, steps_to_file
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.notice_states import NoticeState
from monitor.model.records.filing import FilingAnswerRecord, FilingRecord
from monitor.model.states import SightingState
from monitor.notices.duties import DUTIES
from monitor.notices.filing import answer_due, answered_time, filed_time, tidy_reference
from monitor.notices.lapsing import lapse
from monitor.sightings.age import age_of
from monitor.sightings.facts import centre_told
from monitor.sightings.own_pages import refuse_own


async def refuse_unless_open(session: AsyncSession, sighting: Sighting, *, at: datetime | None = None) -> None:
    """RuleBroken unless this is a confirmed copy that stands, or stood `at` that time, and that nobody closed."""
    if sighting.state != SightingState.CONFIRMED:
        raise RuleBroken(Refusal.NOT_CONFIRMED, "decide about this sighting first")
    if sighting.removed_at is not None and (at is None or at >= sighting.removed_at):
        raise RuleBroken(Refusal.COPY_GONE, "two checks found this copy gone")
    if await session.get(CopyClosing, sighting.id) is not None:
        raise RuleBroken(Refusal.COPY_CLOSED, "open this copy again first")


async def is_owed(session: AsyncSession, context: DomainContext, sighting: Sighting, case: Case, step: str) -> bool:
    """Does a duty of the centre ask for this step, whether the copy is there or gone, open or closed?"""
    if sighting.state != SightingState.CONFIRMED:
        return False
    intake = read_intake(context, case)
    if not age_of(sighting, intake).counts_as_minor:
        return False
    home = None if case.organisation_id is None else await session.get(Organisation, case.organisation_id)
    duty = DUTIES.of(centre_told(home).country, intake.country)
    closing = await session.get(CopyClosing, sighting.id)
    mistaken = closing is not None and closing.reason == Closing.BY_MISTAKE
    return duty is not None and step in duty.met_by and not mistaken


@dataclass(frozen=True, slots=True)
class FiledStep:
    """What a person says of a step that they took."""

    step: str
    reference: str = field(default="", repr=False)
    """Empty where the recipient gave none."""
    note: str = field(default="", repr=False)
    filed_at: datetime | None = None
    """None: just now."""


async def file_about(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    told: FiledStep,
    *,
    whole_case: bool = False,
) -> Sequence[Filing]:
    """An advocate filed a step about a copy. `whole_case`: and about every open copy of the case of which it was not
    filed yet, since the police, say, take all links at once."""
    if not whole_case:
        sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
        return [await file_step(session, context, sighting, told, by=actor.id)]
    named, _, case = await get_sighting(session, actor, sighting_id)
    case = await get_open_case(session, actor, case.id, lock=True)
    stands = (Sighting.case_id == case.id, Sighting.state == SightingState.CONFIRMED, Sighting.removed_at.is_(None))
    copies = await lock_rows(session, select(Sighting).where(and_(*stands) | (Sighting.id == named.id)))
    await lock_rows(session, select(Notice).where(Notice.sighting_id.in_([one.id for one in copies])))
    if not await is_owed(session, context, named, case, told.step):
        await refuse_unless_open(session, named)
    filed = []
    for copy in copies:
        if copy.id != sighting_id and not await _is_to_file(session, context, copy, case, told.step):
            continue
        # Of a copy that was confirmed since, its link was told later.
        at = told.filed_at and max(told.filed_at, copy.decided_at or told.filed_at)
        at = told.filed_at if copy.id == sighting_id else at
        filed.append(await file_step(session, context, copy, replace(told, filed_at=at), by=actor.id))
    return filed


async def _is_to_file(session: AsyncSession, context: DomainContext, copy: Sighting, case: Case, step: str) -> bool:
    known = select(Filing.id).where(Filing.sighting_id == copy.id, Filing.step == step).limit(1)
    if await session.get(CopyClosing, copy.id) is not None or await session.scalar(known) is not None:
        return False
    return step in {one.step for one in await steps_to_file(session, context, copy, case)}


async def file_step(
    session: AsyncSession, context: DomainContext, sighting: Sighting, told: FiledStep, *, by: str
) -> Filing:
    """Somebody filed this step about one copy. Call it with the sighting and its notices locked.

    Its own clock runs from then, and the alerts of what it follows end. Of a copy that is gone meanwhile, what was
    filed before can still be written down, with its time; and at any time what a duty asks for. `by`: the advocate's
    id.
    """
    case = await session.get_one(Case, sighting.case_id, populate_existing=True)
    if not await is_owed(session, context, sighting, case, told.step):
        await refuse_unless_open(session, sighting, at=told.filed_at)
    await refuse_own(session, context, sighting)
    prepared = await step_to_file(session, context, sighting, case, told.step)
    at = filed_time(told.filed_at, sighting.decided_at or context.now(), context.now())
    record = FilingRecord(
        address=prepared.address,
        subject=prepared.subject,
        body=prepared.body,
        reference=tidy_reference(told.reference),
        note=told.note,
    )
    count = select(func.max(Filing.number)).where(Filing.sighting_id == sighting.id, Filing.step == told.step)
    row = Filing(
        id=new_id(),
        case_id=case.id,
        sighting_id=sighting.id,
        notice_id=prepared.notice_id,
        step=told.step,
        number=(await session.scalar(count) or 0) + 1,
        filed_at=at,
        filed_by=by,
        deadline_at=answer_due(told.step, at),
        content=b"",
    )
    row.content = context.seal_record(case.id, row.id, record)
    session.add(row)
    await session.flush()
    facts = {"filing": row.id, "sighting": sighting.id, "notice": row.notice_id, "step": row.step, "number": row.number}
    clock = {"filed_at": at.isoformat(), "deadline_at": row.deadline_at and row.deadline_at.isoformat()}
    await context.record(session, case.id, EntryKind.STEP_FILED, **facts, **clock, by=by, content=record.content())
    await _end_alerts(session, context, sighting, row)
    return row


async def _end_alerts(session: AsyncSession, context: DomainContext, sighting: Sighting, filing: Filing) -> None:
    """What was told of the notices that this goes on from; a minors' route goes on from every one for an adult."""
    for notice_id in (await session.scalars(select(Notice.id).where(Notice.sighting_id == sighting.id))).all():
        if filing.notice_id in (None, notice_id):
            for kind in (AlertKind.DEADLINE_LAPSED, AlertKind.CANNOT_VERIFY):
                await context.resolve(session, kind, notice_id)
        if filing.notice_id is None:
            await context.resolve(session, AlertKind.SENT_FOR_MINOR, notice_id)
    if any(filing.step in duty.met_by for duty in DUTIES.values()):
        for kind in (AlertKind.DUTY_NEAR, AlertKind.DUTY_OVER):
            await context.resolve(session, kind, sighting.id)


async def filing_of(session: AsyncSession, sighting: Sighting, filing_id: str) -> Filing:
    """A filing about this copy, which is locked."""
    row = await session.get(Filing, filing_id)
    if row is None or row.sighting_id != sighting.id:
        raise NotFound
    return row


async def record_answer(
    session: AsyncSession,
    context: DomainContext,
    filing: Filing,
    answer: FilingAnswer,
    *,
    by: str,
    text: str = "",
    answered_at: datetime | None = None,
) -> None:
    """The recipient answered. A later answer takes the place of an earlier one; the ledger keeps both."""
    at = answered_time(answered_at, filing.filed_at, context.now())
    record = FilingAnswerRecord(text=text)
    filing.answer, filing.answered_at = answer, at
    filing.answer_content = context.seal_record(filing.case_id, filing.id, record)
    await session.flush()
    told = {"filing": filing.id, "sighting": filing.sighting_id, "step": filing.step, "answer": answer}
    await context.record(
        session,
        filing.case_id,
        EntryKind.FILING_ANSWERED,
        **told,
        answered_at=at.isoformat(),
        by=by,
        content=record.content(),
    )


async def take_back_filing(session: AsyncSession, context: DomainContext, filing: Filing, *, by: str) -> None:
    """It was recorded by mistake: the copy stands as before. The ledger keeps that it was there."""
    told = {"filing": filing.id, "sighting": filing.sighting_id, "step": filing.step, "by": by}
    await session.delete(filing)
    await session.flush()
    await context.record(session, filing.case_id, EntryKind.FILING_TAKEN_BACK, **told)


async def prepare_next_steps(
    session: AsyncSession, context: DomainContext, sighting: Sighting, notice: Notice, *, by: str
) -> None:
    """An advocate does not wait any longer for a notice that was sent: it was refused, or nobody can see the copy.

    Call it with the sighting and the notice locked.
    """
    await refuse_unless_open(session, sighting)
    await refuse_own(session, context, sighting)
    if notice.state != NoticeState.SENT:
        raise RuleBroken(Refusal.NOTICE_STATE, "only of a notice that was sent can the next step be prepared")
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    await lapse(session, context, notice, case, by=by)
    # Who asked for it has it before them: no alert of the machine's is needed.
    for kind in (AlertKind.CANNOT_VERIFY, AlertKind.DEADLINE_LAPSED):
        await context.resolve(session, kind, notice.id)
