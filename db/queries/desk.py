"""A centre's own cases as a list, and what its advocates keep of one: every question names the advocate who asks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint, KnownLink
from db.models.desk import CaseDesk, CaseNote
from db.models.messages import Message, SightingQuestion
from db.models.notices import Notice, NoticeClock
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Consent, Source
from db.queries.actors import AdvocateActor
from db.queries.clocks import runs
from db.queries.consents import stands
from db.queries.messages import unread_by_case
from db.queries.sightings import visible
from db.queries.tenants import SOURCE_NAME, SourceName, sources_named_like


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One case of the centre, without anything sealed but what the centre calls it."""

    case_id: str
    state: str
    language: str
    opened_at: datetime
    vouched_at: datetime | None
    frozen_at: datetime | None
    erase_at: datetime | None
    in_hand_until: datetime | None
    rests_since: datetime | None
    called: bytes | None = field(repr=False)
    in_charge: str | None
    handed_by: str | None
    seen_at: datetime | None
    at_place: bool
    """It has to do with a channel or an account in whose name stands what is looked for."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """An advocate of the centre."""

    id: str
    name: str
    active: bool


@dataclass(slots=True)
class WaitingCounts:
    """What waits in one case."""

    decide: int = 0
    notices: int = 0
    messages: int = 0
    next_clock: datetime | None = None


def _desk_of(actor: AdvocateActor) -> ColumnElement[bool]:
    return and_(CaseDesk.case_id == Case.id, CaseDesk.organisation_id == actor.organisation_id)


async def desk_rows(session: AsyncSession, actor: AdvocateActor, *, place: str = "") -> list[DeskRow]:
    """Every case of the centre that is not erased, the newest first. `place`: part of a channel's or account's name."""
    at_place: ColumnElement[bool] = literal(False)
    if place:
        named = sources_named_like(place)
        agreed = (
            exists()
            .where(Consent.case_id == Case.id, Consent.source_id.in_(named), Consent.list_consent_id.is_(None))
            .correlate(Case)
        )
        found = exists().where(Sighting.case_id == Case.id, Sighting.source_id.in_(named)).correlate(Case)
        at_place = and_(Case.state == "vouched", Case.frozen_at.is_(None), or_(agreed, found))
    columns: tuple[Any, ...] = (
        *(Case.id, Case.state, Case.language, Case.opened_at, Case.vouched_at, Case.frozen_at, Case.erase_at),
        *(Case.in_hand_until, Case.watching_paused_at, CaseDesk.content, CaseDesk.in_charge, CaseDesk.handed_by),
        *(CaseDesk.seen_at, at_place),
    )
    query = select(*columns).select_from(Case).outerjoin(CaseDesk, _desk_of(actor))
    query = query.where(Case.organisation_id == actor.organisation_id, Case.state != "erased")
    rows = await session.execute(query.order_by(Case.opened_at.desc(), Case.id))
    return [DeskRow(*row) for row in rows]


async def colleagues_of(session: AsyncSession, actor: AdvocateActor) -> dict[str, Colleague]:
    """Every advocate of the centre by id, by name; those who left too, whose names stand in what they did."""
    query = select(Advocate.id, Advocate.name, Advocate.disabled_at.is_(None))
    rows = await session.execute(query.where(Advocate.organisation_id == actor.organisation_id).order_by(Advocate.name))
    return {one: Colleague(one, name, bool(active)) for one, name, active in rows}


async def waiting_counts(
    session: AsyncSession,
    actor: AdvocateActor,
    *,
    needs_a_person: Collection[str],
    now: datetime,
    case_id: str | None = None,
) -> dict[str, WaitingCounts]:
    """What waits, by case, of all the centre's or of one. Two statements."""
    decide = select(literal("decide"), Sighting.case_id, func.count()).join(Case, visible(actor))
    decide = decide.where(Sighting.state == "open").group_by(Sighting.case_id)
    notices = select(literal("notices"), Notice.case_id, func.count()).join(Sighting, Sighting.id == Notice.sighting_id)
    notices = notices.join(Case, visible(actor)).where(Notice.state.in_(needs_a_person)).group_by(Notice.case_id)
    unread = unread_by_case(actor).with_only_columns(literal("messages"), Message.case_id, func.count()).order_by(None)
    clocks = select(NoticeClock.case_id, func.min(NoticeClock.ends_at)).join(Notice, Notice.id == NoticeClock.notice_id)
    clocks = clocks.join(Sighting, Sighting.id == Notice.sighting_id).join(Case, visible(actor))
    clocks = clocks.where(runs(now)).group_by(NoticeClock.case_id)
    if case_id is not None:
        decide, notices = decide.where(Sighting.case_id == case_id), notices.where(Notice.case_id == case_id)
        unread, clocks = unread.where(Message.case_id == case_id), clocks.where(NoticeClock.case_id == case_id)
    found: dict[str, WaitingCounts] = {}
    for name, counted, number in await session.execute(union_all(decide, notices, unread)):
        setattr(found.setdefault(counted, WaitingCounts()), name, number)
    for counted, ends_at in await session.execute(clocks):
        found.setdefault(counted, WaitingCounts()).next_clock = ends_at
    return found


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How much a case holds."""

    photos: int = 0
    places: int = 0
    """Sources with a yes to be watched that stands."""
    links: int = 0
    to_decide: int = 0
    confirmed: int = 0
    removed: int = 0
    notices: int = 0
    """Written ones."""
    messages: int = 0
    notes: int = 0
    asked: int = 0
    """Questions to the person that they have not answered."""
    to_do: int = 0
    """Notices that need a person."""
    unread: int = 0
    """Messages of the person that nobody of the centre has read."""
    passed_on: int = 0
    """Links to places that are not watched: they go into what is handed to others."""


async def case_counts(
    session: AsyncSession, actor: AdvocateActor, case_id: str, *, needs_a_person: Collection[str], now: datetime
) -> CaseCounts:
    """Counted now, by one statement, for a case whose content this advocate sees."""
    open_, confirmed = Sighting.state == "open", Sighting.state == "confirmed"
    copies = select(func.count()).select_from(Sighting).where(Sighting.case_id == case_id)
    prints = (Fingerprint.case_id == case_id, Fingerprint.removed_at.is_(None), Fingerprint.origin == "registered")
    watched = (Consent.case_id == case_id, Consent.purpose == "watch", stands(now))
    written = select(func.count()).select_from(Notice).where(Notice.case_id == case_id)
    talk = (Message.case_id == case_id, Message.organisation_id == actor.organisation_id)
    unread = (*talk, Message.written_by.is_(None), Message.read_at.is_(None))
    parts: dict[str, Select[int]] = {
        "photos": select(func.count()).select_from(Fingerprint).where(*prints),
        "places": select(func.count(func.distinct(Consent.source_id))).where(
            *watched, Consent.list_consent_id.is_(None)
        ),
        "links": select(func.count()).select_from(KnownLink).where(KnownLink.case_id == case_id),
        "to_decide": copies.where(open_),
        "confirmed": copies.where(confirmed),
        "removed": copies.where(confirmed, Sighting.removed_at.is_not(None)),
        "notices": written,
        "messages": select(func.count()).select_from(Message).where(*talk),
        "notes": select(func.count())
        .select_from(CaseNote)
        .where(CaseNote.case_id == case_id, CaseNote.organisation_id == actor.organisation_id),
        "asked": select(func.count())
        .select_from(SightingQuestion)
        .where(SightingQuestion.case_id == case_id, SightingQuestion.answer.is_(None)),
        "to_do": written.where(Notice.state.in_(needs_a_person)),
        "unread": select(func.count()).select_from(Message).where(*unread),
        "passed_on": select(func.count())
        .select_from(KnownLink)
        .where(KnownLink.case_id == case_id, KnownLink.state.in_(("routed", "done"))),
    }
    columns = [query.scalar_subquery().label(name) for name, query in parts.items()]
    row = (await session.execute(select(*columns))).one()
    return CaseCounts(**dict(zip(parts, row, strict=True)))


async def called_sealed(session: AsyncSession, actor: AdvocateActor, case_ids: Collection[str]) -> dict[str, bytes]:
    """What the actor's organisation calls these cases, sealed; none of those that have neither name nor tags."""
    query = select(CaseDesk.case_id, CaseDesk.content).where(CaseDesk.organisation_id == actor.organisation_id)
    rows = await session.execute(query.where(CaseDesk.case_id.in_(case_ids), CaseDesk.content.is_not(None)))
    return {case_id: content for case_id, content in rows if content is not None}


async def find_desk(session: AsyncSession, actor: AdvocateActor, case_id: str) -> CaseDesk | None:
    """What the centre keeps of a case; None: nothing yet."""
    query = select(CaseDesk).where(CaseDesk.case_id == case_id, CaseDesk.organisation_id == actor.organisation_id)
    found: CaseDesk | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def desk_and_colleagues(
    session: AsyncSession, actor: AdvocateActor, case_id: str
) -> tuple[CaseDesk | None, dict[str, Colleague]]:
    """`find_desk` and `colleagues_of` in one statement."""
    here = (CaseDesk.case_id == case_id) & (CaseDesk.organisation_id == Advocate.organisation_id)
    query = select(CaseDesk, Advocate.id, Advocate.name, Advocate.disabled_at.is_(None)).select_from(Advocate)
    query = query.outerjoin(CaseDesk, here).where(Advocate.organisation_id == actor.organisation_id)
    found = await session.execute(query.order_by(Advocate.name).execution_options(populate_existing=True))
    rows = [(desk, Colleague(one, name, bool(active))) for desk, one, name, active in found]
    return rows[0][0] if rows else None, {colleague.id: colleague for _, colleague in rows}


async def desks_of(session: AsyncSession, actor: AdvocateActor, case_ids: Collection[str]) -> dict[str, CaseDesk]:
    """The same of several, by case; nothing of a case that is another centre's by now."""
    query = select(CaseDesk).join(Case, _desk_of(actor))
    query = query.where(Case.organisation_id == actor.organisation_id, CaseDesk.case_id.in_(case_ids))
    return {row.case_id: row for row in await session.scalars(query)}


async def notes_of(
    session: AsyncSession, actor: AdvocateActor, case_id: str, *, limit: int, offset: int = 0
) -> Sequence[CaseNote]:
    """A page of the centre's notes about a case, the latest first."""
    query = select(CaseNote).where(CaseNote.case_id == case_id, CaseNote.organisation_id == actor.organisation_id)
    query = query.order_by(CaseNote.written_at.desc(), CaseNote.id).limit(limit).offset(offset)
    return (await session.scalars(query)).all()


async def notes_since(
    session: AsyncSession, actor: AdvocateActor, case_id: str, kind: str, since: datetime
) -> Sequence[CaseNote]:
    """The actor's own notes of one kind about a case since then, without those that were taken back."""
    mine = (CaseNote.case_id == case_id, CaseNote.organisation_id == actor.organisation_id)
    own = (CaseNote.written_by == actor.id, CaseNote.kind == kind, CaseNote.content.is_not(None))
    return (await session.scalars(select(CaseNote).where(*mine, *own, CaseNote.written_at >= since))).all()


async def count_notes(session: AsyncSession, actor: AdvocateActor, case_id: str) -> int:
    """How many there are."""
    mine = (CaseNote.case_id == case_id, CaseNote.organisation_id == actor.organisation_id)
    return await session.scalar(select(func.count()).select_from(CaseNote).where(*mine)) or 0


async def is_colleague(session: AsyncSession, actor: AdvocateActor, advocate_id: str) -> bool:
    """Is this an active advocate of the same centre?"""
    mine = (Advocate.id == advocate_id, Advocate.organisation_id == actor.organisation_id)
    return await session.scalar(select(Advocate.id).where(*mine, Advocate.disabled_at.is_(None))) is not None


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One copy of a case, without what it says."""

    sighting_id: str
    item: str
    """Of what it is a copy: the item's id, or, while it belongs to none, the photo that it looks like."""
    fingerprint_id: str | None
    platform: str
    handle: str
    state: str
    verdict: str
    posted_at: datetime
    found_at: datetime
    presence: str | None
    removed_at: datetime | None


async def copy_lines(
    session: AsyncSession, actor: AdvocateActor, case_id: str, *, limit: int, offset: int = 0
) -> tuple[list[CopyLine], int]:
    """A page of a case's copies, those of one item together, what is worst first; and how many there are.

    Two statements.
    """
    item = func.coalesce(Sighting.item_id, Sighting.fingerprint_id, Sighting.id)
    worst = func.min(by_harm()).over(partition_by=item)
    columns: tuple[Any, ...] = (
        *(Sighting.id, item, Sighting.fingerprint_id, SOURCE_NAME, Sighting.state, Sighting.verdict),
        *(Sighting.posted_at, Sighting.found_at, Sighting.presence, Sighting.removed_at),
    )
    mine = visible(actor) & (Sighting.case_id == case_id)
    query = select(*columns).select_from(Sighting).join(Case, mine).join(Source, Source.id == Sighting.source_id)
    rows = await session.execute(
        query.order_by(worst, item, by_harm(), Sighting.found_at, Sighting.id).limit(limit).offset(offset)
    )
    total = await session.scalar(select(func.count()).select_from(Sighting).join(Case, mine)) or 0
    return [_line(*row) for row in rows], total


def _line(sighting_id: str, item: str, fingerprint_id: str | None, source: SourceName, *rest: Any) -> CopyLine:
    return CopyLine(sighting_id, item, fingerprint_id, source.platform, source.handle, *rest)


async def notices_about_copies(
    session: AsyncSession, sighting_ids: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """Id and state of the notices about copies that the caller sees, by copy."""
    query = select(Notice.sighting_id, Notice.id, Notice.state).where(Notice.sighting_id.in_(sighting_ids))
    found: dict[str, list[tuple[str, str]]] = {}
    for about, notice_id, state in await session.execute(query.order_by(Notice.created_at, Notice.id)):
        found.setdefault(about, []).append((notice_id, state))
    return found


def by_harm() -> ColumnElement[int]:
    """What stands comes before what was seen gone, what is to be decided before what was."""
    return case(
        (Sighting.state == "open", 0),
        (and_(Sighting.state == "confirmed", Sighting.removed_at.is_(None)), 1),
        (Sighting.state == "confirmed", 2),
        else_=3,
    )
