"""A joint report: several persons about one channel, one part each, agreed to and signed by each on their own page.

Asking a person names neither the channel nor the others, and nothing of one part reaches another case: each stands
under its own case's key, and its steps in that case's ledger without the report's id.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.linking import PlaceReport, ReportPart
from db.queries.actors import Actor, AdvocateActor
from db.queries.linking import confirmed_cases_at
from db.types import new_id
from monitor.actions.access import only_the_person
from monitor.actions.joint_parts import adult_copies, agreed_parts, parts_seen, refuse_unless_open, shown_of, took_back
from monitor.actions.place_reports import (
    get_place_report,
)
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.place_reports import ANSWERABLE, LEAST_PARTS, PartState, PlaceState
from monitor.model.records.place_report import PartRecord


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case with a confirmed copy at the place, and how its part stands; None: not asked."""

    case_id: str
    part: ReportPart | None
    minor: bool
    """Every copy of theirs there counts as a minor's: not asked here, their own routes go first."""
    withdrawn: bool
    """They took back their consent to this source: neither asked nor in the text."""
    in_text: bool
    """Their part stands in the text as it is now."""


async def candidates(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report: PlaceReport
) -> Sequence[Candidate]:
    """Whom an advocate may ask, and who was asked."""
    parts = {part.case_id: part for part in await parts_seen(session, actor, report)}
    asked = sorted({*await confirmed_cases_at(session, actor, report.source_id), *parts})
    rows = (await session.scalars(select(Case).where(Case.id.in_(asked)).order_by(Case.id))).all()
    agreed = {part.id for part in await agreed_parts(session, context, actor, report)}
    found = []
    for case in rows:
        part, withdrawn = parts.get(case.id), await took_back(session, context, report.source_id, case)
        minor = not withdrawn and not await adult_copies(session, context, report.source_id, case)
        in_text = part is not None and part.id in agreed and len(agreed) >= LEAST_PARTS
        found.append(Candidate(case.id, part, minor=minor, withdrawn=withdrawn, in_text=in_text))
    return found


async def ask_parts(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report_id: str, case_ids: Collection[str]
) -> int:
    """Ask these persons for their part; one that was asked is not asked again. Returns how many were.

    Raises NotFound for a case that has nothing confirmed there, RuleBroken: CONSENT_WITHDRAWN, MINOR_OR_UNSURE.
    """
    report = await get_place_report(session, actor, report_id)
    refuse_unless_open(report)
    there = set(await confirmed_cases_at(session, actor, report.source_id))
    if not set(case_ids) <= there:
        raise NotFound
    cases = await lock_rows(session, select(Case).where(Case.id.in_(case_ids)))
    if any(case.organisation_id != actor.organisation_id for case in cases):
        raise NotFound  # while this waited for the case, its person gave it to another centre
    known = {part.case_id for part in await parts_seen(session, actor, report)}
    asked = 0
    for case in cases:
        if case.id in known:
            continue
        if await took_back(session, context, report.source_id, case):
            raise RuleBroken(Refusal.CONSENT_WITHDRAWN, "they took their consent to this source back: ask them first")
        if not await adult_copies(session, context, report.source_id, case):
            raise RuleBroken(Refusal.MINOR_OR_UNSURE, "for a minor's picture other routes go first")
        part = ReportPart(
            id=new_id(),
            report_id=report.id,
            case_id=case.id,
            state=PartState.ASKED,
            asked_by=actor.id,
            asked_at=context.now(),
        )
        session.add(part)
        await session.flush()
        await context.record(session, case.id, EntryKind.JOINT_ASKED, part=part.id)
        asked += 1
    return asked


async def parts_of_case(session: AsyncSession, case: Case) -> Sequence[ReportPart]:
    """What the person of a case is asked for, or was, the oldest first."""
    query = select(ReportPart).join(PlaceReport, PlaceReport.id == ReportPart.report_id)
    # What another centre asked for that had the case before is over; what it sent stays the person's to read.
    theirs = (PlaceReport.organisation_id == case.organisation_id) | (ReportPart.state == PartState.SENT)
    query = query.where(ReportPart.case_id == case.id, theirs)
    return (await session.scalars(query.order_by(ReportPart.asked_at, ReportPart.id))).all()


def left_before(context: DomainContext, part: ReportPart) -> bool:
    """Was a part sent as it stood before its person said something else, and noted only then?"""
    if part.state != PartState.SENT or not part.content:
        return False
    return context.open_record(PartRecord, part.case_id, part.id, part.content).left_before


async def answer_part(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: Actor,
    part_id: str,
    *,
    agree: bool,
    signature: str = "",
    statement: str = "",
) -> None:
    """The person agrees and signs, or says no; until it is sent they may say something else. A no that is said again
    changes nothing. The caller holds the case.

    Raises NotFound, and RuleBroken: ONLY_THE_PERSON, SIGNATURE_NEEDED, NOTHING_WAITS, PLACE_TAKEN_BACK,
    MINOR_OR_UNSURE.
    """
    only_the_person(actor)
    part = await session.get(ReportPart, part_id, populate_existing=True)
    if part is None or part.case_id != case.id:
        raise NotFound
    report = await session.get_one(PlaceReport, part.report_id)
    if report.organisation_id != case.organisation_id:  # it went to another centre since
        raise RuleBroken(Refusal.NOTHING_WAITS, "the centre that asked has this case no more")
    if not agree and part.state == PartState.DECLINED:
        return
    if part.state not in ANSWERABLE:
        raise RuleBroken(Refusal.NOTHING_WAITS, "there is nothing to answer any more")
    now = context.now()
    if not agree:
        take_back(context, part, unsent=report.state == PlaceState.PREPARED)
        part.answered_at = now
        await session.flush()
        await context.record(session, case.id, EntryKind.JOINT_DECLINED, part=part.id)
        return
    if not signature.strip():
        raise RuleBroken(Refusal.SIGNATURE_NEEDED, "type your name, or the name that you want to sign with")
    if await took_back(session, context, report.source_id, case):
        raise RuleBroken(Refusal.PLACE_TAKEN_BACK, "you took back your yes to this place; say yes to it again first")
    if not await adult_copies(session, context, report.source_id, case):
        raise RuleBroken(Refusal.MINOR_OR_UNSURE, "for a minor's picture other routes go first")
    shown = shown_of(context, part)
    record = PartRecord(signature=signature.strip(), statement=statement.strip(), agreed_at=now, shown=shown)
    part.content = context.seal_record(case.id, part.id, record)
    part.state, part.answered_at = PartState.AGREED, now
    await session.flush()
    await context.record(session, case.id, EntryKind.JOINT_AGREED, part=part.id, content=record.agreed())


def take_back(context: DomainContext, part: ReportPart, *, unsent: bool = True) -> None:
    """It is in no text any more. What an advocate was shown of it may have left already, so that much is kept, sealed,
    until the report is sent or given up (`unsent`: it is neither yet)."""
    shown = shown_of(context, part) if unsent else ()
    part.state, part.content = PartState.DECLINED, None
    if shown:
        kept = shown[-1].part().model_copy(update={"shown": shown})
        part.content = context.seal_record(part.case_id, part.id, kept)
