"""The text of a joint report: it is shown to an advocate as of now, and noted as sent as it was shown.

What they read is remembered in each part, under its own case's key: it may have left whatever somebody says afterwards.
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
from db.queries.actors import AdvocateActor
from db.queries.linking import source_named
from monitor.actions.joint_parts import adult_copies, agreed_parts, parts_seen, refuse_unless_open, shown_of
from monitor.actions.place_reports import (
    digest_of,
    forget_taken_back,
    get_place_report,
    mark_place_sent,
    open_place_report,
)
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.place_reports import LEAST_PARTS, PartState, PlaceRoute, PlaceState
from monitor.model.records.place_report import PartRecord, PlaceReportRecord
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import CaseState
from monitor.notices.form import reference_number
from monitor.notices.place_texts import Part, joint_text
from monitor.platforms.base import PlatformName

MOST_SHOWN = 50
"""Texts that a part remembers; each differs from the one before."""


async def show_joint(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report: PlaceReport
) -> PlaceReportRecord:
    """The text as it stands now, of those who agreed, and where to, for an advocate to read and send. No text before
    enough did. It is kept nowhere as a whole; that it was shown is kept in each part, so that it can be noted as sent
    whatever somebody says in between.

    Raises RuleBroken(TRY_AGAIN) where somebody joined at this very moment.
    """
    said = await _said(session, context, report, await agreed_parts(session, context, actor, report))
    record = await _composed(session, context, actor, report, said)
    if report.state != PlaceState.PREPARED or not record.text or _is_kept(said, digest_of(record)):
        return record
    held = await _hold_cases(session, report)
    report = await get_place_report(session, actor, report.id, lock=True)
    said = await _said(session, context, report, await agreed_parts(session, context, actor, report))
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
    mine = {part.case_id for part in await parts_seen(session, actor, report)}
    found: dict[str, ShownText] = {}
    for part in await _all_parts(session, report):
        for one in shown_of(context, part):
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
    refuse_unless_open(report)
    agreed = await agreed_parts(session, context, actor, report)
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
        for one in shown_of(context, part):
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
            copies = await adult_copies(session, context, report.source_id, case)
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
