"""Possible copies: the advocate's queue, and the decisions."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import ID_PATTERN, AdvocateOnly, AnyActor, CaseToRead, Context, IdPath, Reading, ServicesDep, Writing
from api.schemas.notices import Written
from api.schemas.sightings import (
    Confirmation,
    DismissalBody,
    OfferList,
    ReleasedList,
    Reopening,
    RoutesWanted,
    SightingList,
    SightingView,
)
from api.views.items import decision_named
from api.views.notices import written_view
from api.views.sheets import sheet_file
from api.views.sightings import offer_view, released_view, sighting_view
from db.models.sightings import Sighting
from db.queries.actors import PersonActor
from db.queries.sightings import sightings_of
from db.queries.tenants import OrganisationTenant, SourceName
from monitor.actions.access import get_sighting
from monitor.actions.ask_person import answers_about
from monitor.actions.bulk_links import bulk_links
from monitor.actions.decide_item import Confirming, confirm_one
from monitor.actions.reading import note_evidence_read
from monitor.actions.reopen import reopen_sighting
from monitor.actions.take_routes import take_routes
from monitor.context.context import DomainContext
from monitor.exports.route_figures import figures_by_route
from monitor.notices.bulk_sheet import CSV_TYPE, XLSX_TYPE
from monitor.notices.choosing import routes_for
from monitor.notices.ranking import worked_before
from monitor.sightings.review import dismiss

router = APIRouter(tags=["sightings"])


@router.get("/cases/{case_id}/sightings")
async def list_of_case(
    context: Context,
    session: Reading,
    actor: AnyActor,
    case: CaseToRead,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> SightingList | ReleasedList:
    """A person sees only confirmed copies whose place was released; an advocate sees all. Nothing before vouching."""
    rows, total = await sightings_of(session, actor, case_id=case.id, limit=limit, offset=offset)
    if isinstance(actor, PersonActor):
        return ReleasedList(sightings=[await released_view(session, context, *row) for row in rows], total=total)
    return SightingList(sightings=await _views(session, context, rows), total=total)


@router.get("/sightings")
async def list_queue(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    state: Literal["open", "confirmed", "dismissed"] | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(pattern=ID_PATTERN, description="the last sighting of the page before")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> SightingList:
    """Possible copies of the organisation's vouched cases, in the order they were found."""
    rows, total = await sightings_of(session, actor, state=state, limit=limit, after=after, offset=offset)
    return SightingList(sightings=await _views(session, context, rows), total=total)


@router.get("/bulk-sheet", response_class=Response, responses={200: {"content": {CSV_TYPE: {}, XLSX_TYPE: {}}}})
async def see_bulk_sheet(
    services: ServicesDep,
    context: Context,
    actor: AdvocateOnly,
    file_format: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
    language: Literal["ko", "en"] = "ko",
    case_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> Response:
    """Links of confirmed copies that still stand, for the Commission and designated bodies: nothing of the persons, and
    no copy that was closed or whose person does not allow it (`Jikimi-Left-Out`), the newest first; how many older ones
    did not fit is in `Jikimi-Too-Many` and in the last row. That they were given out is recorded."""
    async with services.database.begin() as session:
        found = await bulk_links(session, context, actor, case_id=case_id)
    return await asyncio.to_thread(sheet_file, found, file_format, language)


@router.get("/sightings/{sighting_id}")
async def see_sighting(context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath) -> SightingView:
    """One possible copy. An advocate's look is noted."""
    sighting, source, case = await get_sighting(session, actor, sighting_id)
    await note_evidence_read(session, context, case.id, sighting=sighting.id)
    asked = await answers_about(session, [sighting.id])
    return await sighting_view(session, context, sighting, source, asked.get(sighting.id))


@router.post("/sightings/{sighting_id}/confirm")
async def confirm_sighting(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: Confirmation
) -> Written:
    """This is the person's picture. Notices are written by the routes asked for; each one not taken says why.

    The basis must be on record of this very copy: see the grounds of its item; that somebody looked at another copy is
    one once that is confirmed. One decision for all copies: confirm the item.
    """
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    given = Confirming(body.basis, body.kind, body.release, body.posted_with, over=body.over)
    return written_view(await confirm_one(session, context, sighting, given, by=actor.id, routes=body.routes))


@router.post("/sightings/{sighting_id}/notices")
async def write_notices(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: RoutesWanted
) -> Written:
    """Write further notices about a confirmed copy."""
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    return written_view(await take_routes(session, context, sighting, body.routes, by=actor.id))


@router.post("/sightings/{sighting_id}/dismiss")
async def dismiss_sighting(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: DismissalBody
) -> SightingView:
    """This is not the person's picture, or nothing is to be done about it."""
    sighting, source, _ = await get_sighting(session, actor, sighting_id, lock=True)
    await dismiss(session, context, sighting, by=actor.id, reason=body.reason)
    return await sighting_view(session, context, sighting, source)


@router.post("/sightings/{sighting_id}/reopen", name="reopen_sighting")
async def reopen_decided(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: Reopening | None = None
) -> SightingView:
    """Undo a dismissal; or a confirmation, with a reason: what has not left is withdrawn, what left is retracted."""
    reason, shown = None if body is None else body.reason, decision_named(body)
    sighting, source, _ = await reopen_sighting(session, context, actor, sighting_id, reason=reason, shown=shown)
    return await sighting_view(session, context, sighting, source)


@router.get("/sightings/{sighting_id}/routes")
async def see_routes(context: Context, session: Reading, actor: AdvocateOnly, sighting_id: IdPath) -> OfferList:
    """Every route, and whether it may be taken now. Before the decision: as if this advocate confirmed it."""
    sighting, _, case = await get_sighting(session, actor, sighting_id)
    figures = await figures_by_route(session, OrganisationTenant(actor.organisation_id), now=context.now())
    worked = worked_before(figures)
    choices = await routes_for(session, context, sighting, case, reviewer=actor.name, figures=worked)
    return OfferList(offers=[offer_view(one, case.language) for one in choices.sending])


async def _views(
    session: AsyncSession, context: DomainContext, rows: Sequence[tuple[Sighting, SourceName]]
) -> list[SightingView]:
    asked = await answers_about(session, [row.id for row, _ in rows])
    return [await sighting_view(session, context, row, source, asked.get(row.id)) for row, source in rows]
