"""The links of an organisation's confirmed copies, for bodies that take many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.consents import withdrawn_sources
from db.queries.copies import closed, to_report
from db.queries.sightings import visible
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import PictureKind
from monitor.model.states import SightingState
from monitor.notices.bulk_sheet import MOST_LINKS, SheetLink
from monitor.notices.eligibility import hold, police_wait
from monitor.notices.hands import waits_for_person
from monitor.platforms.base import PlatformName
from monitor.sightings.facts import copy_facts
from monitor.sightings.own_pages import is_own

_AT_ONCE = 500
"""Copies that one statement reads, and one asks when their platforms were asked."""


@dataclass(frozen=True, slots=True)
class BulkLinks:
    """What stands in a sheet, and what does not."""

    links: tuple[SheetLink, ...]
    left_out: int
    """Copies that were closed, or whose person has not allowed it or has taken it back."""
    too_many: int
    """Older copies that did not fit, and were not looked through."""


async def bulk_links(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, *, case_id: str | None = None
) -> BulkLinks:
    """Confirmed copies that still stand to be reported, the newest first, of this advocate's organisation or one case.

    A sheet is handed to others, so only what the person allows to be sent stands in it: no copy without permission,
    while they wait for the police, or of a place whose watching they took back. A child is asked for no permission:
    people report their copies. Each case's ledger keeps which of its copies were given out, and by whom.
    """
    query = select(Sighting).join(Case, visible(actor)).order_by(Sighting.found_at.desc(), Sighting.id)
    if case_id is not None:
        query = query.where(Sighting.case_id == case_id)
    gone = (Sighting.state == SightingState.CONFIRMED, Sighting.removed_at.is_(None), closed())
    left_out = await session.scalar(query.with_only_columns(func.count()).order_by(None).where(*gone)) or 0
    ids = (await session.scalars(query.with_only_columns(Sighting.id).where(to_report()))).all()
    withdrawn = await withdrawn_sources(session, actor.organisation_id, context.now())
    cases: dict[str, Case] = {}
    links, given, too_many = list[SheetLink](), dict[str, list[str]](), 0
    asked: dict[str, datetime] = {}
    rows: dict[str, Sighting] = {}
    for number, sighting_id in enumerate(ids):
        if len(links) == MOST_LINKS:
            too_many = len(ids) - number
            break
        if number % _AT_ONCE == 0:
            some = ids[number : number + _AT_ONCE]
            asked |= await _asked(session, some)
            rows = {one.id: one for one in await session.scalars(select(Sighting).where(Sighting.id.in_(some)))}
        row = rows.get(sighting_id)
        if row is None or await is_own(session, context, row):  # erased meanwhile, or nobody's to report
            continue
        if (row.case_id, row.source_id) in withdrawn:
            left_out += 1
            continue
        case = cases.setdefault(row.case_id, await session.get_one(Case, row.case_id))
        intake = read_intake(context, case)
        copy = await copy_facts(session, context, row)
        minor = copy.age_group(intake).counts_as_minor
        held = police_wait(intake, context.now()) if minor else hold(intake, context.now())
        if held is not None or waits_for_person(context, case):
            left_out += 1
            continue
        links.append(
            SheetLink(
                url=copy.last_seen.url if copy.last_seen else copy.url,
                kind=PictureKind(row.kind),
                minor=minor,
                platform=PlatformName(copy.platform),
                handle=copy.last_seen.handle if copy.last_seen else copy.handle,
                remote_id=copy.remote_id,
                post_id=copy.last_seen.post_id if copy.last_seen else copy.post_id,
                posted_at=copy.posted_at,
                observed_at=copy.observed_at,
                checked_at=copy.last_seen.at if copy.last_seen else None,
                asked_at=asked.get(row.id),
            )
        )
        given.setdefault(row.case_id, []).append(row.id)
    # In the order of their ids, as everybody who appends to several chains.
    for one in sorted(given):
        await context.record(session, one, EntryKind.LINKS_GIVEN_OUT, sightings=given[one])
    return BulkLinks(tuple(links), left_out, too_many)


async def _asked(session: AsyncSession, sighting_ids: Sequence[str]) -> dict[str, datetime]:
    """When the first notice about each left."""
    query = select(Notice.sighting_id, func.min(Notice.sent_at)).where(Notice.sent_at.is_not(None))
    query = query.where(Notice.sighting_id.in_(sighting_ids)).group_by(Notice.sighting_id)
    return {row[0]: row[1] for row in await session.execute(query) if row[1] is not None}
