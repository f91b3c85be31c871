"""A joint report: several persons about one channel, one part each, agreed to and signed by each on their own page.

Asking a person names neither the channel nor the others, and nothing of one part reaches another case: each stands
under its own case's key, and its steps in that case's ledger without the report's id.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.linking import PlaceReport, ReportPart
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.queries.actors import Actor, AdvocateActor
from db.queries.consents import was_withdrawn
from db.queries.copies import to_report
from db.queries.linking import confirmed_cases_at, source_named
from db.queries.tenants import OrganisationTenant, own_cases
from db.types import new_id
from monitor.actions.access import only_the_person
from monitor.actions.place_reports import (
    digest_of,
    forget_taken_back,
    get_place_report,
    mark_place_sent,
    open_place_report,
)
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed, NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.place_reports import ANSWERABLE, LEAST_PARTS, PartState, PlaceRoute, PlaceState
from monitor.model.records.place_report import PartRecord, PlaceReportRecord, ShownPart
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import CaseState
from monitor.notices.eligibility import police_wait
from monitor.notices.form import reference_number
from monitor.notices.place_texts import Part, joint_text
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import is_own, own_pages

MOST_SHOWN = 50
"""Texts that a part remembers; each differs from the one before."""


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
    parts = {part.case_id: part for part in await _parts(session, actor, report)}
    asked = sorted({*await confirmed_cases_at(session, actor, report.source_id), *parts})
    rows = (await session.scalars(select(Case).where(Case.id.in_(asked)).order_by(Case.id))).all()
    agreed = {part.id for part in await _agreed(session, context, actor, report)}
    found = []
    for case in rows:
        part, withdrawn = parts.get(case.id), await _taken_back(session, context, report.source_id, case)
        minor = not withdrawn and not await _adult_copies(session, context, report.source_id, case)
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
    _still_joint(report)
    there = set(await confirmed_cases_at(session, actor, report.source_id))
    if not set(case_ids) <= there:
        raise NotFound
    cases = await lock_rows(session, select(Case).where(Case.id.in_(case_ids)))
    if any(case.organisation_id != actor.organisation_id for case in cases):
        raise NotFound  # while this waited for the case, its person gave it to another centre
    known = {part.case_id for part in await _parts(session, actor, report)}
    asked = 0
    for case in cases:
        if case.id in known:
            continue
        if await _taken_back(session, context, report.source_id, case):
            raise RuleBroken(Refusal.CONSENT_WITHDRAWN, "they took their consent to this source back: ask them first")
        if not await _adult_copies(session, context, report.source_id, case):
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
    if await _taken_back(session, context, report.source_id, case):
        raise RuleBroken(Refusal.PLACE_TAKEN_BACK, "you took back your yes to this place; say yes to it again first")
    if not await _adult_copies(session, context, report.source_id, case):
        raise RuleBroken(Refusal.MINOR_OR_UNSURE, "for a minor's picture other routes go first")
    shown = _shown_of(context, part)
    record = PartRecord(signature=signature.strip(), statement=statement.strip(), agreed_at=now, shown=shown)
    part.content = context.seal_record(case.id, part.id, record)
    part.state, part.answered_at = PartState.AGREED, now
    await session.flush()
    await context.record(session, case.id, EntryKind.JOINT_AGREED, part=part.id, content=record.agreed())


def take_back(context: DomainContext, part: ReportPart, *, unsent: bool = True) -> None:
    """It is in no text any more. What an advocate was shown of it may have left already, so that much is kept, sealed,
    until the report is sent or given up (`unsent`: it is neither yet)."""
    shown = _shown_of(context, part) if unsent else ()
    part.state, part.content = PartState.DECLINED, None
    if shown:
        kept = shown[-1].part().model_copy(update={"shown": shown})
        part.content = context.seal_record(part.case_id, part.id, kept)


async def show_joint(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report: PlaceReport
) -> PlaceReportRecord:
    """The text as it stands now, of those who agreed, and where to, for an advocate to read and send. No text before
    enough did. It is kept nowhere as a whole; that it was shown is kept in each part, so that it can be noted as sent
    whatever somebody says in between.

    Raises RuleBroken(TRY_AGAIN) where somebody joined at this very moment.
    """
    said = await _said(session, context, report, await _agreed(session, context, actor, report))
    record = await _composed(session, context, actor, report, said)
    if report.state != PlaceState.PREPARED or not record.text or _is_kept(said, digest_of(record)):
        return record
    held = await _hold_cases(session, report)
    report = await get_place_report(session, actor, report.id, lock=True)
    said = await _said(session, context, report, await _agreed(session, context, actor, report))
    if not {one.part.case_id for one in said} <= held:
        raise RuleBroken(Refusal.TRY_AGAIN, "somebody joined at this moment; read it again")
    record = await _composed(session, context, actor, report, said)
    digest = digest_of(record)
    if report.state != PlaceState.PREPARED or not record.text or _is_kept(said, digest):
        return record
    for one in said:
        shown = one.record.as_shown(digest, context.now(), parts=len(said), links=one.links)
        earlier = [each for each in one.record.shown if each.digest != digest]
        kept = one.record.model_copy(update={"shown": (*earlier, shown)[-MOST_SHOWN:]})
        one.part.content = context.seal_record(one.part.case_id, one.part.id, kept)
    await session.flush()
    return record


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text that an advocate was shown, and that reads otherwise by now."""

    digest: str
    at: datetime
    parts: int
    case_ids: tuple[str, ...]
    """Of those in it whose cases the centre sees now."""


async def shown_before(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report: PlaceReport, *, digest: str
) -> Sequence[ShownText]:
    """Which texts were shown before the one of `digest`, the newest first: one of them may have been sent."""
    if report.route != PlaceRoute.JOINT or report.state != PlaceState.PREPARED:
        return ()
    mine = {part.case_id for part in await _parts(session, actor, report)}
    found: dict[str, ShownText] = {}
    for part in await _all_parts(session, report):
        for one in _shown_of(context, part):
            known = found.get(one.digest, ShownText(one.digest, one.at, one.parts, ()))
            here = (part.case_id,) if part.case_id in mine else ()
            found[one.digest] = replace(known, case_ids=(*known.case_ids, *here))
    return sorted((one for one in found.values() if one.digest != digest), key=lambda one: one.at, reverse=True)


async def send_joint(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    report_id: str,
    *,
    reference: str,
    parts: Collection[str],
    digest: str | None = None,
) -> None:
    """A person sent the text: noted in the ledger of everybody whose part was in it, and kept in each part.

    `digest`: of the text that was shown, which is what left, whatever somebody said in between; None from programs that
    do not say. `parts`: the ids of those in it, where that text was not shown here.

    Raises RuleBroken: PLACE_REPORT_STATE, TOO_FEW_PARTS, PLACE_REPORT_CHANGED.
    """
    report = await get_place_report(session, actor, report_id)
    # The cases first, as everywhere: whoever takes their yes back at this moment is waited for.
    await _hold_cases(session, report)
    report = await get_place_report(session, actor, report_id, lock=True)
    _still_joint(report)
    agreed = await _agreed(session, context, actor, report)
    said = [] if digest is None else await _as_shown(session, context, report, digest, agreed)
    if not said:
        said = await _as_agreed(session, context, actor, report, agreed, parts=parts, digest=digest)
    number = reference_number(reference) if reference.strip() else ""
    mark_place_sent(context, report, number, {"parts": str(said[0].parts)}, at=context.now())
    report.sent_by = actor.id
    for one in said:
        # What was sent stays what it was, whatever becomes of the copies.
        sent = one.record.model_copy(update={"links": one.links, "shown": ()})
        one.part.content = context.seal_record(one.part.case_id, one.part.id, sent)
        one.part.state, one.part.answered_at = PartState.SENT, one.record.agreed_at
    await session.flush()
    await forget_taken_back(session, report.id)
    for one in sorted(said, key=lambda each: each.part.case_id):
        late = {"left_before": True} if one.record.left_before else {}
        facts = {"part": one.part.id, "reference": number, **late}
        await context.record(session, one.part.case_id, EntryKind.JOINT_SENT, **facts)


async def _as_agreed(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    report: PlaceReport,
    agreed: Sequence[ReportPart],
    *,
    parts: Collection[str],
    digest: str | None,
) -> Sequence["_Said"]:
    """The parts as they stand now, where these are what left."""
    if {part.id for part in agreed} != set(parts):
        raise RuleBroken(Refusal.PLACE_REPORT_CHANGED, "somebody agreed or took it back since; read it again")
    if len(agreed) < LEAST_PARTS:
        raise RuleBroken(Refusal.TOO_FEW_PARTS, f"a joint report has at least {LEAST_PARTS} parts")
    said = await _said(session, context, report, agreed)
    if digest is not None and digest != digest_of(await _composed(session, context, actor, report, said)):
        raise RuleBroken(Refusal.PLACE_REPORT_CHANGED, "somebody said something else since; read it again")
    return said


async def _as_shown(
    session: AsyncSession, context: DomainContext, report: PlaceReport, digest: str, agreed: Sequence[ReportPart]
) -> Sequence["_Said"]:
    """The parts as they stood in the text of this digest, of everybody whose case is not erased; none where nobody was
    shown such a text."""
    now = {one.part.id: one.record.agreed() for one in await _said(session, context, report, agreed)}
    found = []
    for part in await _all_parts(session, report):
        for one in _shown_of(context, part):
            if one.digest == digest:
                record = one.part()
                record = record.model_copy(update={"left_before": now.get(part.id) != record.agreed()})
                found.append(_Said(part, record, one.links, one.parts))
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """One part as it stands in the text."""

    part: ReportPart
    record: PartRecord = field(repr=False)
    links: tuple[str, ...] = field(repr=False)
    parts: int
    """In the whole text."""


def _is_kept(said: Sequence[_Said], digest: str) -> bool:
    return all(any(kept.digest == digest for kept in one.record.shown) for one in said)


def _shown_of(context: DomainContext, part: ReportPart) -> tuple[ShownPart, ...]:
    if not part.content:
        return ()
    try:
        return context.open_record(PartRecord, part.case_id, part.id, part.content).shown
    except KeyDestroyed:  # erased since
        return ()


async def _all_parts(session: AsyncSession, report: PlaceReport) -> Sequence[ReportPart]:
    """Of cases that have gone elsewhere, too, or rest: what left left. Not of those that are erased."""
    query = select(ReportPart).join(Case, (Case.id == ReportPart.case_id) & (Case.state != CaseState.ERASED))
    query = query.where(ReportPart.report_id == report.id).order_by(ReportPart.case_id)
    return (await session.scalars(query, execution_options={"populate_existing": True})).all()


async def _hold_cases(session: AsyncSession, report: PlaceReport) -> set[str]:
    cases = select(ReportPart.case_id).where(ReportPart.report_id == report.id)
    return {one.id for one in await lock_rows(session, select(Case).where(Case.id.in_(cases)))}


async def _said(
    session: AsyncSession, context: DomainContext, report: PlaceReport, agreed: Sequence[ReportPart]
) -> Sequence[_Said]:
    found = []
    for part in agreed:
        record = context.open_record(PartRecord, part.case_id, part.id, part.content or b"")
        links = record.links
        if links is None:  # not sent yet, or by a version that did not keep them
            case = await session.get_one(Case, part.case_id)
            copies = await _adult_copies(session, context, report.source_id, case)
            urls = [context.open_record(SightingRecord, row.case_id, row.id, row.evidence).url for row in copies]
            links = tuple(dict.fromkeys(urls))
        found.append(_Said(part, record, links, len(agreed)))
    return found


async def _composed(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    report: PlaceReport,
    said: Sequence[_Said],
) -> PlaceReportRecord:
    recipient = open_place_report(context, report).recipient
    if len(said) < LEAST_PARTS:
        return PlaceReportRecord(text="", recipient=recipient)
    parts = [
        Part(one.record.signature, one.record.statement, one.links, f"{one.record.agreed_at:%Y-%m-%d}") for one in said
    ]
    home = await session.get_one(Organisation, actor.organisation_id)
    source = await source_named(session, report.source_id)
    platform = PlatformName(source.platform)
    text = joint_text(platform, parts, handle=source.handle, organisation=home.name, language=report.language)
    return PlaceReportRecord(text=text, recipient=recipient)


async def _parts(session: AsyncSession, actor: AdvocateActor, report: PlaceReport) -> Sequence[ReportPart]:
    """Of vouched cases that are not frozen: whoever is erased drops out."""
    mine = own_cases(OrganisationTenant(actor.organisation_id)).where(Case.frozen_at.is_(None))
    query = select(ReportPart).where(ReportPart.report_id == report.id, ReportPart.case_id.in_(mine))
    rows = await session.scalars(
        query.order_by(ReportPart.answered_at, ReportPart.id), execution_options={"populate_existing": True}
    )
    return rows.all()


async def _agreed(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report: PlaceReport
) -> Sequence[ReportPart]:
    """Those whose part is in the text: of what was not sent yet, whose copy is an adult's, who wait for nobody and did
    not take back their consent to the source."""
    found = []
    for part in await _parts(session, actor, report):
        if part.state == PartState.SENT or (part.state == PartState.AGREED and await _may_go(session, context, part)):
            found.append(part)
    return found


async def _may_go(session: AsyncSession, context: DomainContext, part: ReportPart) -> bool:
    case = await session.get_one(Case, part.case_id)
    report = await session.get_one(PlaceReport, part.report_id)
    if police_wait(read_intake(context, case), context.now()) is not None:
        return False
    if await _taken_back(session, context, report.source_id, case):
        return False
    return bool(await _adult_copies(session, context, report.source_id, case))


async def _taken_back(session: AsyncSession, context: DomainContext, source_id: str, case: Case) -> bool:
    return await was_withdrawn(session, case_id=case.id, source_id=source_id, now=context.now())


async def _adult_copies(
    session: AsyncSession, context: DomainContext, source_id: str, case: Case
) -> Sequence[Sighting]:
    """The case's copies that stand there and may be named in a report as for adults, by each picture's own age."""
    query = select(Sighting).where(Sighting.source_id == source_id, Sighting.case_id == case.id, to_report())
    rows = await session.scalars(query.order_by(Sighting.posted_at, Sighting.id))
    intake, pages = read_intake(context, case), await own_pages(session, context, case.id)
    adult = [row for row in rows if not age_of(row, intake).counts_as_minor]
    return [row for row in adult if not await is_own(session, context, row, pages)]


def _still_joint(report: PlaceReport) -> None:
    if report.route != PlaceRoute.JOINT or report.state != PlaceState.PREPARED:
        raise RuleBroken(Refusal.PLACE_REPORT_STATE, "only a joint report that was not sent yet takes parts")
