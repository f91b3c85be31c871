"""What an advocate sees of one case: the first page, what was registered and agreed to, its copies, its record.

Each part is read by a fixed number of statements. The person's own words and contact are a part of their own, since
reading them is a step in the case's record.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint, KnownLink
from db.models.desk import CaseDesk
from db.models.sources import Consent
from db.queries.actors import AdvocateActor
from db.queries.cases import links_of
from db.queries.clocks import RunningClock, running_clocks
from db.queries.desk import (
    CaseCounts,
    Colleague,
    CopyLine,
    case_counts,
    copy_lines,
    desk_and_colleagues,
    notices_about_copies,
)
from db.queries.people import names_seen_in
from db.queries.tenants import CaseTenant, TenantSource, places_of_case
from monitor.actions.access import is_hidden
from monitor.actions.desk import ToldNote, called_of, told_notes
from monitor.actions.reading import note_intake_read
from monitor.cases.entered import read_entered
from monitor.cases.fingerprints import fingerprints_of
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.evidence.ledger import ToldEntry
from monitor.model.consent import is_to_be_renewed, stands
from monitor.model.desk import Called
from monitor.model.facts import Intake
from monitor.model.notice_states import NEEDS_A_PERSON
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.notices.contacts import Contact, contacts
from monitor.sightings.case_pictures import counted_otherwise

SHOWN_CLOCKS = 5


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What stands above every page of a case."""

    case: Case
    called: Called
    desk: CaseDesk | None
    colleagues: Mapping[str, Colleague]
    hidden: bool
    """Its content is not shown now: not vouched for, on hold, or being erased."""

    @property
    def in_charge(self) -> str:
        """The name of whoever is in charge; empty: nobody."""
        return self.name(self.desk.in_charge if self.desk is not None else None)

    @property
    def in_charge_left(self) -> bool:
        """Whoever is in charge is no advocate of the centre any more: nobody does its work."""
        now = None if self.desk is None else self.desk.in_charge
        return now is not None and (now not in self.colleagues or not self.colleagues[now].active)

    def name(self, advocate_id: str | None) -> str:
        """Of a colleague; empty for anybody else."""
        known = None if advocate_id is None else self.colleagues.get(advocate_id)
        return "" if known is None else known.name

    @property
    def others(self) -> list[Colleague]:
        """Whom it can be handed over to."""
        now = None if self.desk is None else self.desk.in_charge
        return [one for one in self.colleagues.values() if one.active and one.id != now]


async def case_head(session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case) -> CaseHead:
    """One statement. Of a case that is on hold, or being erased, not even the centre's own words are opened."""
    desk, colleagues = await desk_and_colleagues(session, actor, case.id)
    shut = case.frozen_at is not None or case.state not in ("open", "vouched")
    sealed = None if desk is None or shut else desk.content
    return CaseHead(
        case=case,
        called=called_of(context, case.id, actor.organisation_id, sealed),
        desk=desk,
        colleagues=colleagues,
        hidden=is_hidden(actor, case),
    )


@dataclass(frozen=True, slots=True)
class CaseOverview:
    """The first page of a case whose content is shown."""

    counts: CaseCounts
    clocks: Sequence[RunningClock]
    note: ToldNote | None
    """The latest one."""
    unconfirmed: bool
    """Something that an advocate entered waits for the person."""
    minor: bool
    """They were under age when pictured, or that is not sure."""


async def case_overview(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case
) -> CaseOverview:
    """Three statements."""
    notes = await told_notes(session, context, case, actor, limit=1)
    home, now = actor.organisation_id, context.now()
    return CaseOverview(
        counts=await case_counts(session, actor, case.id, needs_a_person=sorted(NEEDS_A_PERSON), now=now),
        clocks=await running_clocks(session, home, now, limit=SHOWN_CLOCKS, case_id=case.id),
        note=notes[0] if notes else None,
        unconfirmed=bool(read_entered(context, case).waiting),
        minor=read_intake(context, case).age_group.counts_as_minor,
    )


@dataclass(frozen=True, slots=True)
class PersonTold:
    """Who the person is, as far as they said, how they are reached, and who helps where they are."""

    filled: bool
    intake: Intake = field(repr=False)
    contacts: Sequence[Contact]


async def person_told(session: AsyncSession, context: DomainContext, case: Case, language: str) -> PersonTold:
    """That an advocate read it is noted: the caller holds the case, and its transaction writes."""
    await note_intake_read(session, context, case)
    intake = read_intake(context, case)
    shown = contacts(intake.country, intake.age_group, language, context.now())
    return PersonTold(case.intake is not None, intake, shown)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo or video that the person registered: its kind and their word for it, never the picture."""

    row: Fingerprint
    label: str = field(repr=False)
    counts_as: str | None
    """The AgeGroup that counts for its copies, where that is not what was said of it; see `counted_otherwise`."""


@dataclass(frozen=True, slots=True)
class WatchedPlace:
    """A channel or account, and what the person agreed to there."""

    source: TenantSource
    watch: Consent | None
    """The latest yes to reading it; None: only to following."""
    follow: Consent | None
    renewal: bool
    """It ends soon, and the person is asked again."""
    live: bool
    """It is read now."""

    @property
    def paused_at(self) -> datetime | None:
        """Since when the person lets it rest."""
        return None if self.watch is None else self.watch.paused_at


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a case holds, and where it is looked for."""

    photos: Sequence[Photo]
    places: Sequence[WatchedPlace]
    links: Sequence[KnownLink]

    @property
    def gaps(self) -> int:
        """Places that are agreed to and were not read the last time, or in part."""
        return sum(one.live and bool(one.source.unavailable or one.source.not_inspected) for one in self.places)


async def case_holdings(session: AsyncSession, context: DomainContext, case: Case) -> Holdings:
    """Five statements, whatever there is."""
    every = await fingerprints_of(session, case.id)
    places = await places_of_case(session, CaseTenant(case.id))
    links = await links_of(session, case.id)
    photos = await asyncio.to_thread(_photos, context, every)
    return Holdings(photos, _places(places, context.now()), links)


def _photos(context: DomainContext, rows: Sequence[Fingerprint]) -> list[Photo]:
    otherwise = counted_otherwise(context, rows)
    return [Photo(row, _label(context, row), otherwise.get(row.id)) for row in rows if row.origin == "registered"]


def _label(context: DomainContext, row: Fingerprint) -> str:
    return context.open_record(FingerprintRecord, row.case_id, row.id, row.payload).label


def _places(found: Sequence[tuple[Consent, TenantSource]], now: datetime) -> list[WatchedPlace]:
    """One line for each source: what counts last of each purpose."""
    latest: dict[str, dict[str, Consent]] = {}
    sources: dict[str, TenantSource] = {}
    for consent, source in found:
        sources[source.name.id] = source
        known = latest.setdefault(source.name.id, {})
        if consent.purpose not in known or consent.withdrawn_at is None:
            known[consent.purpose] = consent
    lines = []
    for source_id, source in sources.items():
        watch, follow = latest[source_id].get("watch"), latest[source_id].get("follow")
        lines.append(
            WatchedPlace(
                source=source,
                watch=watch,
                follow=follow,
                renewal=watch is not None and is_to_be_renewed(watch, now),
                live=watch is not None and stands(watch, now).allowed,
            )
        )
    return sorted(lines, key=lambda one: (not one.live, one.source.name.platform, one.source.name.handle))


@dataclass(frozen=True, slots=True)
class ItemOfCase:
    """Copies of one picture."""

    item: str
    label: str = field(repr=False)
    """The person's word for the photo that it looks like; empty: it came from a link, or they gave none."""
    copies: Sequence[CopyLine]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of a case's copies by item."""

    items: Sequence[ItemOfCase]
    notices: Mapping[str, Sequence[tuple[str, str]]]
    """By copy: id and state of each notice about it."""
    total: int
    """Copies."""


async def case_items(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case, *, limit: int, offset: int = 0
) -> ItemPage:
    """Four statements, whatever there is."""
    lines, total = await copy_lines(session, actor, case.id, limit=limit, offset=offset)
    prints = {one.id: one for one in await fingerprints_of(session, case.id)}
    items: dict[str, list[CopyLine]] = {}
    for line in lines:
        items.setdefault(line.item, []).append(line)
    labels = await asyncio.to_thread(
        lambda: {item: _label_of(context, copies, prints) for item, copies in items.items()}
    )
    notices = await notices_about_copies(session, [line.sighting_id for line in lines])
    return ItemPage([ItemOfCase(item, labels[item], copies) for item, copies in items.items()], notices, total)


def _label_of(context: DomainContext, copies: Sequence[CopyLine], prints: Mapping[str, Fingerprint]) -> str:
    for line in copies:
        row = prints.get(line.fingerprint_id or "")
        if row is not None and row.origin == "registered":
            try:
                return _label(context, row)
            except JikimiError:
                return ""
    return ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of what happened in a case, the latest first."""

    entries: Sequence[ToldEntry]
    names: Mapping[str, str]
    """Of the advocates in it, with their centre."""
    total: int


async def case_record(
    session: AsyncSession, context: DomainContext, case: Case, *, limit: int, offset: int = 0
) -> RecordPage:
    """Three statements."""
    entries, total = await context.ledger.told_page(session, case.id, limit=limit, offset=offset)
    who = {one.by.id for one in entries if one.by is not None and one.by.id and one.by.who in ("advocate", "code")}
    who |= {one.facts["to"] for one in entries if one.row.kind == "case-handed-over" and one.facts and one.facts["to"]}
    names = await names_seen_in(session, who, case.organisation_id)
    return RecordPage(entries, {one: f"{name} · {centre}" for one, (name, centre) in names.items()}, total)
