"""The database's side: which copies the police may ask a platform to keep, what they asked, and when that ends."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.observations import Observation
from db.models.people import Organisation
from db.models.preservations import Preservation
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from db.queries.clocks import KeptData, kept_data
from db.queries.copies import closed
from db.queries.preservations import corrected, counts, dropped, is_request
from db.types import new_id
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.custody.preservation import (
    KEPT_FOR,
    Draft,
    PostToKeep,
    ends_at,
    kept_for,
    preservation_request,
    renew_at,
)
from monitor.model.copies import TO_KEEP
from monitor.model.facts import Intake
from monitor.model.records.observation import ObservationRecord
from monitor.model.records.preservation import PreservationRecord
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.notices.form import reference_number
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of

ENDS_SOON = "ends-soon"
ENDED = "ended-unrenewed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A recorded request, as it stands."""

    row: Preservation
    reference: str
    latest: bool
    """Of its platform: a renewal puts an earlier one behind it, and a correction the one with the wrong day."""
    needed: bool = True
    """It counts: nobody has said yet that nothing more need be kept."""
    dropped: bool = False
    """Somebody said so after it was recorded."""
    corrected: bool = False
    """Its day was wrong; another one names the right day."""


async def posts_to_keep(
    session: AsyncSession, context: DomainContext, case: Case
) -> dict[PlatformName, list[PostToKeep]]:
    """The confirmed copies of a case by platform, those that are gone among them: the platform may have them still.

    None that was closed, unless the authorities have it in hand or somebody saw that it is gone.
    """
    order = (Observation.at.desc(), Observation.id)
    place = func.row_number().over(partition_by=Observation.sighting_id, order_by=order).label("place")
    mine = (Sighting.case_id == case.id, Observation.content.is_not(None))
    ranked = (
        select(Observation.id, Observation.sighting_id, place)
        .join(Sighting, Sighting.id == Observation.sighting_id)
        .where(*mine)
        .subquery()
    )
    latest = (ranked.c.sighting_id == Sighting.id) & (ranked.c.place == 1)
    query = (
        select(Sighting, Source, Observation)
        .join(Source, Source.id == Sighting.source_id)
        .outerjoin(ranked, latest)
        .outerjoin(Observation, Observation.id == ranked.c.id)
        .where(Sighting.case_id == case.id, Sighting.state == SightingState.CONFIRMED, ~closed(TO_KEEP))
        .order_by(Sighting.found_at, Sighting.id)
    )
    # One key, asked for once: each copy opens two records with it.
    context = await asyncio.to_thread(context.holding, [case.id])
    intake = read_intake(context, case)
    found: dict[PlatformName, list[PostToKeep]] = {}
    for sighting, source, row in (await session.execute(query)).all():
        seen = None if row is None or row.content is None else (row, _observed(context, row))
        post = _post(context, sighting, source, seen, intake)
        found.setdefault(PlatformName(source.platform), []).append(post)
    return found


async def drafts_for_police(
    session: AsyncSession, context: DomainContext, case: Case, *, languages: Sequence[str], recorded: Sequence[Kept]
) -> list[tuple[str, Draft]]:
    """In each language a draft for each platform with a confirmed copy; a renewal where a request is running.

    `recorded`: what `preservations_of` gave.
    """
    centre = await session.get(Organisation, case.organisation_id) if case.organisation_id else None
    running = {one.row.platform for one in recorded if _runs(one, context.now())}
    kept = sorted((await posts_to_keep(session, context, case)).items())
    return [
        (
            language,
            preservation_request(
                platform,
                posts,
                language=language,
                case_number=case.id,
                organisation="" if centre is None else centre.name,
                minor=any(one.minor for one in posts),
                renewal=platform in running,
                recipients=context.recipients,
            ),
        )
        for language in languages
        for platform, posts in kept
    ]


async def preservations_of(session: AsyncSession, context: DomainContext, case: Case) -> list[Kept]:
    """What was recorded, the newest first."""
    query = select(Preservation, counts(), dropped(), corrected())
    query = query.where(Preservation.case_id == case.id, is_request())
    order = (Preservation.sent_at.desc(), Preservation.recorded_at.desc(), Preservation.ends_at, Preservation.id)
    rows = (await session.execute(query.order_by(*order))).all()
    last: dict[str, str] = {}
    for row, _, _, wrong in reversed(rows):
        if not wrong:
            last[row.platform] = row.id
    last |= {row.platform: row.id for row, needed, *_ in rows if needed}
    found = []
    for row, needed, done, wrong in rows:
        reference = context.open_record(PreservationRecord, case.id, row.id, row.content).reference
        latest = last.get(row.platform) == row.id
        found.append(
            Kept(row, reference, latest=latest, needed=bool(needed), dropped=bool(done), corrected=bool(wrong))
        )
    return found


async def record_preservation(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    platform: PlatformName,
    sent_at: datetime,
    reference: str,
    by: str,
    corrects: str | None = None,
) -> Preservation:
    """The police told that they sent a request, or a renewal. The case is locked by the caller.

    `corrects`: the request that counts, whose day was wrong; this one takes its place, whatever day it names, and its
    reference where none is given.

    NotFound where `corrects` is none of this platform that counts. RuleBroken: PLATFORM_MISMATCH where no copy of the
    case is confirmed there, PRESERVATION_TIME for a time to come or one from which nothing would be left.
    """
    now, tidy = context.now(), reference_number(reference) if reference.strip() else ""
    wrong = None if corrects is None else await _counting(session, context, case, corrects)
    if wrong is not None and wrong.row.platform != platform:
        raise NotFound
    if wrong is None and platform not in await posts_to_keep(session, context, case):
        raise RuleBroken(Refusal.PLATFORM_MISMATCH, "no copy was confirmed on this platform")
    # The right day of a request may be so long ago that its time is over: that is told like any other end.
    since = now - kept_for(platform) - (KEPT_FOR if wrong is not None else timedelta(0))
    if sent_at > now or sent_at <= since:
        raise RuleBroken(Refusal.PRESERVATION_TIME, f"a time within the last {kept_for(platform).days} days")
    told = {}
    if wrong is not None:
        told, tidy = {"corrects": wrong.row.id}, tidy or wrong.reference
        await _end(session, context, case, wrong.row, alone=True, by=by)
    row_id = new_id()
    record = PreservationRecord(reference=tidy)
    row = Preservation(
        id=row_id,
        case_id=case.id,
        platform=platform,
        sent_at=sent_at,
        ends_at=ends_at(platform, sent_at),
        renew_at=renew_at(platform, sent_at),
        recorded_at=await _recorded_at(session, context, case),
        recorded_by=by,
        content=context.seal_record(case.id, row_id, record),
    )
    session.add(row)
    await session.flush()
    await context.record(
        session,
        case.id,
        EntryKind.PRESERVATION_RECORDED,
        preservation=row_id,
        platform=platform,
        sent_at=sent_at.isoformat(),
        ends_at=row.ends_at.isoformat(),
        reference=tidy,
        **told,
    )
    await _tell(session, context, case)
    return row


async def drop_preservation(
    session: AsyncSession, context: DomainContext, case: Case, preservation_id: str, *, by: str
) -> None:
    """What a platform keeps, or kept until its time was over, is not needed any more: nobody is told of it again. The
    case is locked by the caller.

    Raises NotFound for what is no request of this case, was renewed since, or was dropped before.
    """
    found = (await _counting(session, context, case, preservation_id)).row
    await _end(session, context, case, found, alone=False, by=by)
    facts = {"preservation": found.id, "platform": found.platform}
    await context.record(session, case.id, EntryKind.PRESERVATION_DROPPED, **facts)
    await _tell(session, context, case)


async def _counting(session: AsyncSession, context: DomainContext, case: Case, preservation_id: str) -> Kept:
    kept = await preservations_of(session, context, case)
    found = next((one for one in kept if one.row.id == preservation_id and one.needed), None)
    if found is None:
        raise NotFound
    return found


async def _end(
    session: AsyncSession, context: DomainContext, case: Case, row: Preservation, *, alone: bool, by: str
) -> None:
    """What was recorded before counts no more: this one `alone`, or all of its platform. See the model."""
    # No two rows of a case are recorded at one moment, so that names the row.
    at = row.recorded_at if alone else row.sent_at
    end = Preservation(
        id=new_id(),
        case_id=case.id,
        platform=row.platform,
        sent_at=at,
        ends_at=at,
        renew_at=at - timedelta(days=1) if alone else at,
        recorded_at=await _recorded_at(session, context, case),
        recorded_by=by,
        content=b"",
    )
    end.content = context.seal_record(case.id, end.id, PreservationRecord(reference=""))
    session.add(end)
    await session.flush()


async def _recorded_at(session: AsyncSession, context: DomainContext, case: Case) -> datetime:
    """Now, and after all that was recorded of this case: an end counts for what was recorded before it alone."""
    last = await session.scalar(select(func.max(Preservation.recorded_at)).where(Preservation.case_id == case.id))
    return context.now() if last is None else max(context.now(), last + timedelta(microseconds=1))


async def kept_of_organisation(
    session: AsyncSession, context: DomainContext, organisation_id: str
) -> Sequence[KeptData]:
    """What platforms keep for its cases; what nobody renewed stays until somebody answers."""
    told = await _told(session)
    since = context.now() - KEPT_FOR
    return await kept_data(session, since=since, told=told, organisation_id=organisation_id)


async def tell_ending(session: AsyncSession, context: DomainContext) -> None:
    """Alert about cases with a request whose time is nearly over, or over, and that nobody renewed; end what somebody
    answered."""
    now, told = context.now(), await _told(session)
    due = {one.case_id for one in await kept_data(session, since=now - KEPT_FOR) if one.renew_at <= now}
    query = select(Case).where(Case.id.in_(due | set(told)))
    for case in (await session.scalars(query.order_by(Case.id))).all():
        await _tell(session, context, case)


async def _told(session: AsyncSession) -> Sequence[str]:
    """Cases about which somebody was told and did not answer."""
    told = (Alert.kind == AlertKind.PRESERVATION_ENDS, Alert.resolved_at.is_(None))
    return (await session.scalars(select(Alert.subject).where(*told))).all()


async def _tell(session: AsyncSession, context: DomainContext, case: Case) -> None:
    now, kind = context.now(), AlertKind.PRESERVATION_ENDS
    told = (Alert.kind == kind, Alert.subject == case.id, Alert.resolved_at.is_(None))
    known = await session.scalar(select(Alert.reason).where(*told))
    kept = await kept_data(session, since=now - KEPT_FOR, told=() if known is None else (case.id,), case_id=case.id)
    due = [one for one in kept if one.renew_at <= now]
    reason = None if not due else ENDED if any(one.ends_at <= now for one in due) else ENDS_SOON
    if reason != known:  # what was nearly over is over, or one of two was answered: told anew
        await context.resolve(session, kind, case.id)
    if reason is not None:
        home, in_charge = case.organisation_id, due[0].advocate_id or None
        await context.alert(session, kind, case.id, reason, organisation_id=home, advocate_id=in_charge)


def _runs(one: Kept, now: datetime) -> bool:
    return one.needed and one.row.ends_at > now


def _observed(context: DomainContext, row: Observation) -> ObservationRecord:
    return context.open_record(ObservationRecord, row.case_id, row.id, row.content or b"")


def _post(
    context: DomainContext,
    sighting: Sighting,
    source: Source,
    seen: tuple[Observation, ObservationRecord] | None,
    intake: Intake,
) -> PostToKeep:
    evidence = context.open_record(SightingRecord, sighting.case_id, sighting.id, sighting.evidence)
    later = None if seen is None else seen[1]
    largest = None if later is None else later.observed.largest
    first = evidence.observed
    hashed = largest is not None and largest.sha256 is not None
    return PostToKeep(
        minor=age_of(sighting, intake).counts_as_minor,
        url=evidence.url if later is None else later.url,
        handle=source.handle,
        remote_id=source.remote_id or "",
        post_id=sighting.post_id if later is None else later.post_id,
        media_id=sighting.media_id,
        author_id=evidence.author_id or "",
        posted_at=sighting.posted_at,
        found_at=sighting.found_at,
        seen_at=None if seen is None else seen[0].at,
        response_sha256=evidence.response_sha256 if later is None else later.response_sha256,
        media_sha256=(largest.sha256 or "") if largest is not None and hashed else evidence.media_sha256,
        media_variant=largest.variant if largest is not None and hashed else first.variant if first else "",
        media_size=largest.size if largest is not None and hashed else first.size if first else None,
    )
