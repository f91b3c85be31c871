"""Asking a platform about a whole channel or account. A person sends it; the installation's ledger has it.

A joint report has one part a person, see `joint.py`: its steps stand in the chains of those persons' cases, since the
installation's chain tells nobody who they are.

Until somebody sends it, a report says what is so at that moment; from then on it is what they looked at.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.linking import PlaceReport, ReportPart
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import AdvocateActor
from db.queries.consents import was_withdrawn
from db.queries.copies import to_report
from db.queries.linking import find_place
from db.queries.stops import stops_of
from db.queries.tenants import OrganisationTenant, own_cases
from db.types import new_id
from monitor.cases.intake import read_intake
from monitor.cases.stops import Scope
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext, SharedContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.envelope import canonical_json
from monitor.model.place_reports import OPEN, PartState, PlaceRoute, PlaceState, move
from monitor.model.records.place_report import PlaceReceiptRecord, PlaceReportRecord
from monitor.notices.eligibility import police_wait
from monitor.notices.form import reference_number
from monitor.notices.place_texts import RECIPIENTS, place_text
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import is_own, own_pages
from monitor.work import tasks

KEY = "system:place-reports"
"""Name of the key that seals texts and receipts: nothing of any person is in them."""

_NOT_YET_SENT = frozenset({PlaceState.PREPARED, PlaceState.FAILED})
"""States in which somebody is still to look at what would leave."""


async def write_place_report(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    source_id: str,
    *,
    route: PlaceRoute,
    language: str,
) -> PlaceReport:
    """Prepare it, to be read before it is sent. Raises NotFound, and RuleBroken: NOTHING_CONFIRMED, PLATFORM_MISMATCH,
    PLACE_REPORT_OPEN, and what `posts_to_report` refuses."""
    place = await find_place(session, actor, source_id)
    if place is None:
        raise NotFound
    platform = PlatformName(place.source.platform)
    if platform not in route.platforms:
        raise RuleBroken(Refusal.PLATFORM_MISMATCH, "this way is of another platform")
    if not place.confirmed:
        raise RuleBroken(Refusal.NOTHING_CONFIRMED, "confirm a copy there first")
    row = PlaceReport(
        id=new_id(),
        organisation_id=actor.organisation_id,
        source_id=source_id,
        route=route,
        language=language,
        state=PlaceState.PREPARED,
        content=b"",
        created_by=actor.id,
        created_at=context.now(),
    )
    record = await written_now(session, context, row)
    same = (PlaceReport.organisation_id == actor.organisation_id, PlaceReport.source_id == source_id)
    is_open = (PlaceReport.route == route, PlaceReport.state.in_(OPEN))
    if await session.scalar(select(PlaceReport.id).where(*same, *is_open).limit(1)) is not None:
        raise RuleBroken(Refusal.PLACE_REPORT_OPEN, "there is one already: send it or take it back first")
    row.content = _seal(context, row.id, record)
    session.add(row)
    await session.flush()
    facts = {"route": route, "platform": platform, "source": place.source.handle, "text": record.text}
    await context.record_installation(session, EntryKind.PLACE_REPORT_WRITTEN, report=row.id, **facts)
    return row


async def written_now(session: AsyncSession, context: DomainContext, row: PlaceReport) -> PlaceReportRecord:
    """What it would say now; of a joint one only where to. Raises RuleBroken: what `posts_to_report` refuses."""
    source = await session.get_one(Source, row.source_id)
    platform, text = PlatformName(source.platform), ""
    if row.route != PlaceRoute.JOINT:  # whose persons are asked one by one
        posts = await posts_to_report(session, context, row.source_id, organisation_id=row.organisation_id)
        home = await session.get_one(Organisation, row.organisation_id)
        text = place_text(platform, handle=source.handle, posts=posts, organisation=home.name, language=row.language)
    recipient = context.recipients.get(f"place_{platform}", "").strip() or RECIPIENTS[platform]
    return PlaceReportRecord(text=text, recipient=recipient)


async def what_would_leave(session: AsyncSession, context: DomainContext, row: PlaceReport) -> PlaceReportRecord:
    """What a report that is not joint says, as of now where nobody has sent it; else what left, or is about to.

    Raises RuleBroken: what `posts_to_report` refuses.
    """
    if row.state in _NOT_YET_SENT:
        return await written_now(session, context, row)
    return open_place_report(context, row)


def digest_of(record: PlaceReportRecord) -> str:
    """SHA-256 (hex) over what the platform gets and where it goes: the same digest, the same report."""
    return hashlib.sha256(canonical_json(record.content())).hexdigest()


async def posts_to_report(
    session: AsyncSession, context: DomainContext, source_id: str, *, organisation_id: str
) -> int:
    """In how many posts there the organisation's copies stand about which it may ask as for adults.

    Raises RuleBroken: MINOR_OR_UNSURE where each is, or may be, a minor's; WAITING_FOR_POLICE while a person with a
    copy there waits for them: to ask about the whole is to ask about theirs; OWN_PAGE where it is a page of such a
    person's own; NOTHING_CONFIRMED where none stands; CONSENT_WITHDRAWN where each that does is of a person who took
    their yes to this source back: such copies are not counted.
    """
    query = select(Sighting, Case).join(Case, Case.id == Sighting.case_id)
    query = query.where(Sighting.source_id == source_id, to_report(), Case.frozen_at.is_(None))
    query = query.where(Case.id.in_(own_cases(OrganisationTenant(organisation_id))))
    posts, young, now = set(), False, context.now()
    found = (await session.execute(query)).all()
    if not found:
        raise RuleBroken(Refusal.NOTHING_CONFIRMED, "no confirmed copy stands there now")
    cases = {case.id for _, case in found}
    withdrawn = {one for one in cases if await was_withdrawn(session, case_id=one, source_id=source_id, now=now)}
    for sighting, case in found:
        intake = read_intake(context, case)
        waits = police_wait(intake, now)
        if waits is not None:
            raise RuleBroken(Refusal(waits), "a person with a copy there waits for the police")
        pages = await own_pages(session, context, case.id)
        if await is_own(session, context, sighting, pages):
            source = await session.get_one(Source, source_id)
            if (source.platform, source.handle.lower()) in pages:
                raise RuleBroken(Refusal.OWN_PAGE, "a person with a copy there named this page as their own")
            continue  # a post of their own that is shown here
        if case.id in withdrawn:
            continue  # left out, while what forbids the whole holds for them as well
        if age_of(sighting, intake).counts_as_minor:
            young = True
        else:
            posts.add(sighting.post_id)
    if not posts and withdrawn and not young:
        raise RuleBroken(Refusal.CONSENT_WITHDRAWN, "whoever has a copy there took their consent to this source back")
    if not posts:
        raise RuleBroken(Refusal.MINOR_OR_UNSURE, "for a minor's picture other routes go first")
    return len(posts)


async def place_reports_of(
    session: AsyncSession, actor: AdvocateActor, source_id: str | None = None
) -> Sequence[PlaceReport]:
    """The organisation's, the newest first; at one source, or at any."""
    query = select(PlaceReport).where(PlaceReport.organisation_id == actor.organisation_id)
    if source_id is not None:
        query = query.where(PlaceReport.source_id == source_id)
    return (await session.scalars(query.order_by(PlaceReport.created_at.desc(), PlaceReport.id).limit(200))).all()


async def get_place_report(
    session: AsyncSession, actor: AdvocateActor, report_id: str, *, lock: bool = False
) -> PlaceReport:
    """One of the organisation's. Raises NotFound."""
    query = select(PlaceReport).where(PlaceReport.id == report_id, PlaceReport.organisation_id == actor.organisation_id)
    found = next(iter(await lock_rows(session, query) if lock else await session.scalars(query)), None)
    if found is None:
        raise NotFound
    return found


async def send_place_report(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, row: PlaceReport, *, digest: str | None = None
) -> None:
    """An advocate has it sent, or sent again where it failed: as it reads now.

    `digest`: of what they looked at; None from programs that do not say, whose report is written anew all the same.

    Raises RuleBroken: PLACE_REPORT_STATE, WORK_STOPPED, PLACE_REPORT_CHANGED where it reads otherwise by now, and what
    `posts_to_report` refuses.
    """
    if not PlaceRoute(row.route).by_machine:
        raise RuleBroken(Refusal.PLACE_REPORT_STATE, "a person sends this one, and notes it here")
    stops = await stops_of(session, actor.organisation_id)
    if any(one.scope != Scope.ADVOCATE or one.subject == actor.id for one in stops):
        raise RuleBroken(Refusal.WORK_STOPPED, "work is stopped")
    record = await written_now(session, context, row)
    state = move(row.state, PlaceState.QUEUED)
    if digest is not None and digest != digest_of(record):
        raise RuleBroken(Refusal.PLACE_REPORT_CHANGED, "it reads otherwise by now; look at it again")
    anew = _keep(context, row, record)
    row.state, row.reason, row.sent_by = state, None, actor.id
    row.attempt, row.faults = row.attempt + 1, 0
    await session.flush()
    await context.resolve(session, AlertKind.PLACE_REPORT_WAITS, row.id)
    await context.enqueue(session, tasks.report_place(row.id, row.attempt, PlatformName.TELEGRAM))
    await context.record_installation(
        session, EntryKind.PLACE_REPORT_QUEUED, report=row.id, attempt=row.attempt, **anew
    )


async def note_sent(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    row: PlaceReport,
    *,
    reference: str,
    digest: str | None = None,
) -> None:
    """A person filled the form in, or sent the text; `reference` is what the platform answered, if anything.

    `digest`: of what they sent, which is what it reads now or what was written at first; see `send_place_report`. That
    somebody took a consent back since forbids nothing here: it is out. A joint one is noted by `joint_text.send_joint`.

    Raises RuleBroken: PLACE_REPORT_STATE, PLACE_REPORT_CHANGED.
    """
    if row.state != PlaceState.PREPARED or row.route != PlaceRoute.X_ACCOUNT:
        raise RuleBroken(Refusal.PLACE_REPORT_STATE, "only a prepared form is noted as sent, and only once")
    anew: dict[str, str] = {}
    if digest is not None and digest != digest_of(open_place_report(context, row)):
        record = await written_now(session, context, row)
        if digest != digest_of(record):
            raise RuleBroken(Refusal.PLACE_REPORT_CHANGED, "it reads otherwise by now; look at it again")
        anew = _keep(context, row, record)
    mark_place_sent(context, row, reference_number(reference) if reference.strip() else "", {}, at=context.now())
    row.sent_by = actor.id
    await session.flush()
    await context.record_installation(
        session, EntryKind.PLACE_REPORT_SENT, report=row.id, route=row.route, reference=reference.strip(), **anew
    )


async def settle_place_report(
    session: AsyncSession, context: DomainContext, row: PlaceReport, *, arrived: bool
) -> None:
    """A person found out whether one in doubt arrived. If not, it stands prepared again: nothing resends itself."""
    if row.state != PlaceState.IN_DOUBT:
        raise RuleBroken(Refusal.PLACE_REPORT_STATE, "only one in doubt can be settled")
    row.state, row.reason = move(row.state, PlaceState.SENT if arrived else PlaceState.PREPARED), None
    row.sent_at = row.dated_at if arrived else None
    await session.flush()
    await context.resolve(session, AlertKind.PLACE_REPORT_WAITS, row.id)
    await context.record_installation(session, EntryKind.PLACE_REPORT_SETTLED, report=row.id, arrived=arrived)


async def withdraw_place_report(session: AsyncSession, context: DomainContext, row: PlaceReport) -> None:
    """It is not sent, or given up."""
    row.state, row.reason = move(row.state, PlaceState.WITHDRAWN), None
    await session.flush()
    await forget_taken_back(session, row.id)
    await context.resolve(session, AlertKind.PLACE_REPORT_WAITS, row.id)
    await context.record_installation(session, EntryKind.PLACE_REPORT_WITHDRAWN, report=row.id)


async def forget_taken_back(session: AsyncSession, report_id: str) -> None:
    """Of a joint one, which is sent or given up: what was kept of parts that were taken back, since it might have
    left."""
    theirs = (ReportPart.report_id == report_id, ReportPart.state == PartState.DECLINED)
    await session.execute(update(ReportPart).where(*theirs).values(content=None))


def mark_place_sent(
    context: DomainContext, row: PlaceReport, reference: str, facts: dict[str, str], *, at: datetime
) -> None:
    """It left; the caller records it."""
    row.state, row.reason, row.sent_at = move(row.state, PlaceState.SENT), None, at
    row.receipt = _seal(context, row.id, PlaceReceiptRecord(reference=reference, facts=facts))


def _keep(context: DomainContext, row: PlaceReport, record: PlaceReportRecord) -> dict[str, str]:
    """This is what is sent. Returns what the ledger is to tell: the text, where it is not the one written before."""
    if record == open_place_report(context, row):
        return {}
    row.content = _seal(context, row.id, record)
    return {"text": record.text}


def open_place_report(context: SharedContext, row: PlaceReport) -> PlaceReportRecord:
    """What it says."""
    sealed = context.keys.create(KEY).open(row.content, PlaceReportRecord.place(row.id))
    return PlaceReportRecord.opened(sealed)


def _seal(context: DomainContext, row_id: str, record: PlaceReportRecord | PlaceReceiptRecord) -> bytes:
    return context.keys.create(KEY).seal_json(record.as_json(), record.place(row_id))
