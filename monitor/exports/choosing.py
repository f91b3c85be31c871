"""Which cases and which copies a package tells of: named cases, or everybody whose copies stand at one source."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.states import CaseState, SightingState
from monitor.platforms.base import PlatformName
from monitor.platforms.links import parse_link, source_handle

MOST_CASES = 50
"""In one package."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A source that copies of several persons may stand at."""

    source_id: str
    case_ids: tuple[str, ...]
    """Those with a confirmed copy there, in the order of their ids: of one organisation, or of all."""
    organisations: tuple[str, ...]
    """Names of the organisations that have them."""


async def find_ring(session: AsyncSession, link: str, *, organisation_id: str | None = None) -> Ring:
    """The source that a link or a name means, and the vouched cases with a confirmed copy there.

    `organisation_id`: only its cases. Raises RuleBroken: SOURCE_UNREADABLE for what names no source, NO_COPIES.
    """
    source = await _source(session, link)
    query = select(Case, Organisation.name).join(Sighting, Sighting.case_id == Case.id)
    query = query.join(Organisation, Organisation.id == Case.organisation_id)
    there = [Sighting.source_id == source.id, Sighting.state == SightingState.CONFIRMED]
    there += [Case.state == CaseState.VOUCHED, Case.frozen_at.is_(None)]
    if organisation_id is not None:
        there.append(Case.organisation_id == organisation_id)
    found = {case.id: name for case, name in await session.execute(query.where(*there))}
    if not found:
        raise RuleBroken(Refusal.NO_COPIES, "there is no confirmed copy at this source")
    return Ring(source.id, tuple(sorted(found)), tuple(sorted(set(found.values()))))


async def _source(session: AsyncSession, text: str) -> Source:
    """The source as it is known here. A name without a platform counts where only one platform has it."""
    named = {(platform, handle) for platform in PlatformName if (handle := source_handle(platform, text))}
    link = parse_link(text)
    if link is not None and link.handle:
        named = {(link.platform, link.handle)}
    if not named:
        raise RuleBroken(Refusal.SOURCE_UNREADABLE, "name a public channel or account, by its link")
    same = [(Source.platform == platform) & (Source.handle == handle.lower()) for platform, handle in named]
    found = (await session.scalars(select(Source).where(or_(*same)))).all()
    if len(found) > 1:
        raise RuleBroken(Refusal.SOURCE_UNREADABLE, "several platforms know this name: give its link")
    if not found:
        # The same as for one that nobody found anything at: nobody learns here what is watched.
        raise RuleBroken(Refusal.NO_COPIES, "there is no confirmed copy at this source")
    return found[0]


async def check_cases(session: AsyncSession, cases: Sequence[Case], source_id: str | None = None) -> None:
    """Raise RuleBroken unless each of these cases has something that may leave: vouched, not on hold, a copy."""
    if not cases:
        raise RuleBroken(Refusal.CHOOSE_CASES, "name a case, or a source")
    if len(cases) > MOST_CASES:
        raise RuleBroken(Refusal.TOO_MANY_CASES, f"a package holds at most {MOST_CASES} cases")
    for case in cases:
        if case.frozen_at is not None:
            raise RuleBroken(Refusal.CASE_FROZEN, f"case {case.id} is on hold")
        if case.state != CaseState.VOUCHED:
            raise RuleBroken(Refusal.CASE_CLOSED, f"case {case.id} is {case.state}")
    empty = {case.id for case in cases} - await _with_copies(session, {case.id for case in cases}, source_id)
    if empty:
        raise RuleBroken(Refusal.NO_COPIES, f"there is no confirmed copy in case {min(empty)}")


async def _with_copies(session: AsyncSession, case_ids: Collection[str], source_id: str | None) -> set[str]:
    mine = [Sighting.case_id.in_(case_ids), Sighting.state == SightingState.CONFIRMED]
    if source_id is not None:
        mine.append(Sighting.source_id == source_id)
    query = select(Sighting.case_id).where(*mine).group_by(Sighting.case_id).having(func.count() > 0)
    return set(await session.scalars(query))
