"""The person was under age when pictured, or is not sure: what was written for adults stops, what left is told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import AgeGroup
from monitor.model.notice_states import UNSENT, NoticeState
from monitor.notices.route import Route
from monitor.notices.route_table import ROUTES
from monitor.notices.stopping import stop_unsent
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of
from monitor.sightings.age_found import age_anew

HAS_LEFT = frozenset(
    {NoticeState.SENDING, NoticeState.IN_DOUBT, NoticeState.SENT, NoticeState.LAPSED, NoticeState.REMOVED}
)
"""It left, or may have."""


def adult_routes() -> tuple[str, ...]:
    """Names of the routes by which notices as for an adult are written."""
    return tuple(name for name, route in ROUTES.items() if route.audience.for_adults)


@dataclass(frozen=True, slots=True)
class StoppedForMinor:
    """What became of the adult routes of a case."""

    stopped: int = 0
    """Notices that had not left."""
    left: tuple[str, ...] = ()
    """Ids of those that left, or may have: an advocate is told of each."""


async def stop_adult_routes(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    others: Refusal | None = None,
    only: Collection[str] | None = None,
) -> StoppedForMinor:
    """Withdraw every adult notice of the case that has not left, and tell its advocates of those that have.

    Not those about a picture of which the person said that they were an adult in it. `only`: the sightings that it is
    about; None: all. `others`: why the other notices are withdrawn with them, if they are.
    """
    spared = frozenset(await session.scalars(_adults(case)))
    stopped = 0
    # Asked before it is locked: where none waits, none is locked after what the caller may have locked since.
    if await session.scalar(select(Notice.id).where(Notice.case_id == case.id, Notice.state.in_(UNSENT)).limit(1)):
        stopped = await stop_unsent(
            session,
            context,
            case.id,
            Refusal.MINOR_OR_UNSURE,
            routes=adult_routes(),
            others=others,
            spared=spared,
            only=only,
        )
    left = [notice for notice in await _left(session, case, only) if notice.sighting_id not in spared]
    for notice in left:
        await tell_advocates(session, context, notice, case)
    return StoppedForMinor(stopped, tuple(notice.id for notice in left))


async def tell_advocates(session: AsyncSession, context: DomainContext, notice: Notice, case: Case) -> None:
    """A notice for an adult left, and the picture is, or may be, a minor's: somebody must put that right."""
    # What is gone needs nobody; of what is being sent, or in doubt, the outcome is told first.
    if notice.state in (NoticeState.SENT, NoticeState.LAPSED):
        reason, centre = Refusal.MINOR_OR_UNSURE, case.organisation_id
        await context.alert(session, AlertKind.SENT_FOR_MINOR, notice.id, reason, organisation_id=centre)


async def take_back_the_telling(
    session: AsyncSession, context: DomainContext, case: Case, *, only: Collection[str] | None = None
) -> None:
    """An adult after all, but for pictures of which the person said otherwise. `only`: these sightings."""
    intake = read_intake(context, case)
    for notice in await _left(session, case, only):
        sighting = await session.get_one(Sighting, notice.sighting_id)
        if only is not None or sighting.age_group is None or not age_of(sighting, intake).counts_as_minor:
            await context.resolve(session, AlertKind.SENT_FOR_MINOR, notice.id)


def counts_as_minor(context: DomainContext, case: Case, sighting: Sighting) -> bool:
    """By what was told of the picture that matched, else by the intake; one never filled in counts as unsure."""
    return age_of(sighting, read_intake(context, case)).counts_as_minor


async def refuse_for_minor(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """RuleBroken where the notice is for adults and the picture is not, or may not be, an adult's."""
    # Read anew: who locked the notice may have waited for the very change that the person made.
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    sighting = await session.get_one(Sighting, notice.sighting_id, populate_existing=True)
    if notice.route not in adult_routes():
        return
    if counts_as_minor(context, case, sighting) or await age_anew(session, context, sighting) is not None:
        raise RuleBroken(Refusal.MINOR_OR_UNSURE, "nothing is sent for an adult here any more")


def routes_of_minors(platform: PlatformName) -> Sequence[Route]:
    """Where people tell this platform, and others, of a minor's picture."""
    return [
        route for route in ROUTES.values() if route.audience.for_minors and route.first and platform in route.platforms
    ]


def _adults(case: Case) -> Select[str]:
    return select(Sighting.id).where(Sighting.case_id == case.id, Sighting.age_group == AgeGroup.ADULT)


async def _left(session: AsyncSession, case: Case, only: Collection[str] | None) -> Sequence[Notice]:
    query = select(Notice).where(Notice.case_id == case.id, Notice.state.in_(HAS_LEFT))
    query = query.where(Notice.route.in_(adult_routes()))
    if only is not None:
        query = query.where(Notice.sighting_id.in_(only))
    return (await session.scalars(query.order_by(Notice.created_at, Notice.id))).all()
