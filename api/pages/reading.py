"""What the advocate's pages show, read for one organisation only. Frozen values; nothing here writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.messages import SightingQuestion
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.daily_reviews import within_budget
from db.queries.sightings import visible_sightings
from db.queries.tenants import OrganisationTenant, SourceName
from monitor.actions.ask_person import answers_about
from monitor.actions.items import ItemOfCopy, item_of
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.exports.route_figures import figures_by_route
from monitor.matching.sketch import Sketch, sketch
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.notices.choosing import routes_for
from monitor.notices.ranking import NO_FIGURES, Figures, RankedRoute, worked_before
from monitor.notices.texts import Reason
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import is_own

PAGE_SIZE = 20
_HIDDEN = frozenset({Reason.PLATFORM_MISMATCH, Reason.MINORS_ONLY})
"""Refusals that only say that a route is for other cases."""


@dataclass(frozen=True, slots=True)
class SightingCard:
    """One possible copy, without any picture."""

    row: Sighting
    source: SourceName
    url: str = field(repr=False)
    caption: str = field(repr=False)
    minor: bool
    """The person was under age when pictured, or that is not sure."""
    held: bool
    """The person wants the police first: notices are written and held."""
    unconfirmed: bool = False
    """An advocate entered something that counts only when the person confirms it."""
    own_page: bool = False
    """It stands on a page of the person's own: never reported."""
    origin: str = ""
    """Where the fingerprint that fits comes from; empty when it was removed meanwhile."""
    sketch: Sketch | None = None
    offers: tuple[RankedRoute, ...] = ()
    """Every route of the platform and the age, the best first, those that may not be taken last."""
    notices: tuple[Notice, ...] = ()
    item: ItemOfCopy | None = None
    """None while it belongs to no item."""
    question: SightingQuestion | None = None
    """What the person was asked about it; None: nothing."""

    @property
    def platform(self) -> PlatformName:
        """Where it is."""
        return PlatformName(self.source.platform)

    @property
    def may_take(self) -> tuple[RankedRoute, ...]:
        """What may be ticked: allowed, or allowed once it is said what was posted with it."""
        waits = () if self.row.state == SightingState.CONFIRMED else (Reason.NOTHING_POSTED_WITH,)
        return tuple(one for one in self.offers if one.judged.allowed or one.judged.reason in waits)

    @property
    def refused(self) -> tuple[RankedRoute, ...]:
        """The others, each with its reason."""
        return tuple(one for one in self.offers if one not in self.may_take)


def _narrowed(
    query: Select[Sighting, SourceName, Case], fingerprint_id: str, advocate: AdvocateActor, a_day: int
) -> Select[Sighting, SourceName, Case]:
    """What one fingerprint fitted, all of it; or everything that no budget of reviews keeps back."""
    return query.where(Sighting.fingerprint_id == fingerprint_id if fingerprint_id else within_budget(advocate, a_day))


async def count_sightings(
    session: AsyncSession, advocate: AdvocateActor, fingerprint_id: str = "", *, a_day: int
) -> Mapping[str, int]:
    """How many sightings are in each state, of one fingerprint if it is named. `a_day`: its budget of reviews; what
    waits beyond it is not counted, unless the fingerprint is named."""
    inner = (
        _narrowed(visible_sightings(advocate), fingerprint_id, advocate, a_day)
        .with_only_columns(Sighting.state, func.count())
        .group_by(Sighting.state)
    )
    found = {str(row[0]): int(row[1]) for row in await session.execute(inner)}
    return {state.value: found.get(state, 0) for state in SightingState}


async def sighting_cards(
    session: AsyncSession,
    context: DomainContext,
    advocate: AdvocateActor,
    *,
    state: SightingState,
    offset: int,
    fingerprint_id: str = "",
) -> list[SightingCard]:
    """One page of the queue: to decide oldest first, decided ones latest first."""
    order = (
        (Sighting.found_at, Sighting.id)
        if state is SightingState.OPEN
        else (Sighting.decided_at.desc(), Sighting.id.desc())
    )
    narrowed = _narrowed(visible_sightings(advocate), fingerprint_id, advocate, context.most_reviews_a_day)
    query = narrowed.where(Sighting.state == state)
    query = query.order_by(*order).offset(offset).limit(PAGE_SIZE)
    rows = (await session.execute(query)).all()
    figures = await what_worked(session, context, advocate) if rows else NO_FIGURES
    return [await card_of(session, context, advocate, *row, figures=figures) for row in rows]


async def what_worked(session: AsyncSession, context: DomainContext, advocate: AdvocateActor) -> Figures:
    """What became of this centre's own notices, by route."""
    tenant = OrganisationTenant(advocate.organisation_id)
    return worked_before(await figures_by_route(session, tenant, now=context.now()))


async def card_of(
    session: AsyncSession,
    context: DomainContext,
    advocate: AdvocateActor,
    sighting: Sighting,
    source: SourceName,
    case: Case,
    *,
    figures: Figures | None = None,
) -> SightingCard:
    """Everything the card of a sighting shows, its routes judged as if this advocate confirmed it now."""
    evidence = context.open_record(SightingRecord, case.id, sighting.id, sighting.evidence)
    intake = read_intake(context, case)
    figures = await what_worked(session, context, advocate) if figures is None else figures
    choices = await routes_for(session, context, sighting, case, reviewer=advocate.name, figures=figures)
    known = await session.get(Fingerprint, sighting.fingerprint_id) if sighting.fingerprint_id else None
    notices = await session.scalars(
        select(Notice).where(Notice.sighting_id == sighting.id).order_by(Notice.created_at, Notice.id)
    )
    return SightingCard(
        row=sighting,
        source=source,
        url=evidence.url,
        caption=evidence.caption or "",
        minor=age_of(sighting, intake).counts_as_minor,
        held=choices.held,
        unconfirmed=bool(read_entered(context, case).waiting),
        own_page=await is_own(session, context, sighting),
        origin=known.origin if known is not None else "",
        sketch=sketch(sighting.how, evidence.width, evidence.height),
        offers=tuple(one for one in choices.writing if one.judged.reason not in _HIDDEN),
        notices=tuple(notices),
        item=await item_of(session, sighting),
        question=(await answers_about(session, [sighting.id])).get(sighting.id),
    )
