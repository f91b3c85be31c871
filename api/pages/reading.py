"""What the advocate's pages show, read for one organisation only. Frozen values; nothing here writes."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.messages import SightingQuestion
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.tenants import OrganisationTenant, SourceName
from monitor.actions.items import ItemOfCopy, item_of
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.exports.route_figures import figures_by_route
from monitor.matching.sketch import Sketch, sketch
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.notices.choosing import routes_for
from monitor.notices.ranking import Figures, RankedRoute, worked_before
from monitor.notices.texts import Reason
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import is_own, own_pages

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
    question: SightingQuestion | None,
) -> SightingCard:
    """Everything the card of a sighting shows, its routes judged as if this advocate confirmed it now."""
    evidence = context.open_record(SightingRecord, case.id, sighting.id, sighting.evidence)
    intake = read_intake(context, case)
    figures, pages = await what_worked(session, context, advocate), await own_pages(session, context, case.id)
    choices = await routes_for(session, context, sighting, case, reviewer=advocate.name, figures=figures, pages=pages)
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
        own_page=await is_own(session, context, sighting, pages),
        origin=known.origin if known is not None else "",
        sketch=sketch(sighting.how, evidence.width, evidence.height),
        offers=tuple(one for one in choices.writing if one.judged.reason not in _HIDDEN),
        notices=tuple(notices),
        item=await item_of(session, sighting),
        question=question,
    )
