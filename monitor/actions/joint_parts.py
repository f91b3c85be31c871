"""Parts of a joint report: whose stand in its text, whom a centre sees, and what an advocate was shown of one."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.linking import PlaceReport, ReportPart
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.consents import was_withdrawn
from db.queries.copies import to_report
from db.queries.tenants import OrganisationTenant, own_cases
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed, RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.place_reports import PartState, PlaceRoute, PlaceState
from monitor.model.records.place_report import PartRecord, ShownPart
from monitor.notices.eligibility import police_wait
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import is_own, own_pages


async def parts_seen(session: AsyncSession, actor: AdvocateActor, report: PlaceReport) -> Sequence[ReportPart]:
    """Of vouched cases that are not frozen: whoever is erased drops out."""
    mine = own_cases(OrganisationTenant(actor.organisation_id)).where(Case.frozen_at.is_(None))
    query = select(ReportPart).where(ReportPart.report_id == report.id, ReportPart.case_id.in_(mine))
    rows = await session.scalars(
        query.order_by(ReportPart.answered_at, ReportPart.id), execution_options={"populate_existing": True}
    )
    return rows.all()


async def agreed_parts(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report: PlaceReport
) -> Sequence[ReportPart]:
    """Those whose part is in the text: of what was not sent yet, whose copy is an adult's, who wait for nobody and did
    not take back their consent to the source."""
    found = []
    for part in await parts_seen(session, actor, report):
        if part.state == PartState.SENT or (part.state == PartState.AGREED and await _may_go(session, context, part)):
            found.append(part)
    return found


async def _may_go(session: AsyncSession, context: DomainContext, part: ReportPart) -> bool:
    case = await session.get_one(Case, part.case_id)
    report = await session.get_one(PlaceReport, part.report_id)
    if police_wait(read_intake(context, case), context.now()) is not None:
        return False
    if await took_back(session, context, report.source_id, case):
        return False
    return bool(await adult_copies(session, context, report.source_id, case))


async def took_back(session: AsyncSession, context: DomainContext, source_id: str, case: Case) -> bool:
    """Whether the person took back their consent to this source."""
    return await was_withdrawn(session, case_id=case.id, source_id=source_id, now=context.now())


async def adult_copies(session: AsyncSession, context: DomainContext, source_id: str, case: Case) -> Sequence[Sighting]:
    """The case's copies that stand there and may be named in a report as for adults, by each picture's own age."""
    query = select(Sighting).where(Sighting.source_id == source_id, Sighting.case_id == case.id, to_report())
    rows = await session.scalars(query.order_by(Sighting.posted_at, Sighting.id))
    intake, pages = read_intake(context, case), await own_pages(session, context, case.id)
    adult = [row for row in rows if not age_of(row, intake).counts_as_minor]
    return [row for row in adult if not await is_own(session, context, row, pages)]


def refuse_unless_open(report: PlaceReport) -> None:
    """RuleBroken(PLACE_REPORT_STATE) unless it is a joint report that nobody sent yet."""
    if report.route != PlaceRoute.JOINT or report.state != PlaceState.PREPARED:
        raise RuleBroken(Refusal.PLACE_REPORT_STATE, "only a joint report that was not sent yet takes parts")


def shown_of(context: DomainContext, part: ReportPart) -> tuple[ShownPart, ...]:
    """The texts with this part that an advocate was shown; none of a case that was erased."""
    if not part.content:
        return ()
    try:
        return context.open_record(PartRecord, part.case_id, part.id, part.content).shown
    except KeyDestroyed:  # erased since
        return ()
