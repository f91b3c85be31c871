"""How the person's case stands, and the places that they let rest."""

from datetime import datetime

from fastapi import APIRouter, BackgroundTasks
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AdmitChange, AnyActor, CaseToRead, CaseToTakeBack, Context, Reading, ServicesDep, Writing
from api.schemas.standing import PauseWanted, PlaceList, StandingView
from api.views.entered import namer
from api.views.standing import place_list, standing_view
from db.models.cases import Case
from db.queries.people import is_another_look, note_look
from monitor.actions.access import refuse_content
from monitor.actions.standing import standing_of
from monitor.actions.watching import pause_watching, places_of, resume_watching
from monitor.app.bootstrap import Services
from monitor.context.context import DomainContext

router = APIRouter(prefix="/cases/{case_id}", tags=["cases"])


@router.get("/standing")
async def see_standing(
    services: ServicesDep,
    context: Context,
    session: Reading,
    actor: AnyActor,
    case: CaseToRead,
    afterwards: BackgroundTasks,
) -> StandingView:
    """What the person, and nobody else, sees first: four numbers, what is new since the last time, gaps, next check."""
    every = services.settings.crawl.interval
    told = standing_view(await standing_of(session, context, case, actor, read_every=every))
    if is_another_look(case, context.now()):
        # Whoever sees it needs no mail about it. Noted once the answer has left: whoever reads holds no connection that
        # waits for another one.
        afterwards.add_task(_note_look, services, case.id, context.now())
    return told


async def _note_look(services: Services, case_id: str, now: datetime) -> None:
    async with services.database.begin() as session:
        await note_look(session, case_id, now)


@router.get("/places")
async def list_places(context: Context, session: Reading, case: CaseToRead) -> PlaceList:
    """One row a place, with every purpose that the person agreed to there."""
    return await _places(session, context, case)


@router.put("/watching", dependencies=[AdmitChange])
async def set_watching(
    context: Context, session: Writing, actor: AnyActor, case: CaseToTakeBack, wanted: PauseWanted
) -> PlaceList:
    """Pause one place or all, or let it go on. While it rests nothing is read there for this case, and what was posted
    meanwhile is looked at when it goes on. Only the person can; pausing works while the case is on hold, too."""
    if wanted.paused:
        await pause_watching(session, context, case, actor, wanted.source_id)
    else:
        refuse_content(actor, case)
        await resume_watching(session, context, case, actor, wanted.source_id)
    return await _places(session, context, case)


async def _places(session: AsyncSession, context: DomainContext, case: Case) -> PlaceList:
    # Pausing works on hold, and its answer tells nothing that the hold hides.
    places = [] if case.frozen_at is not None else await places_of(session, context, case)
    name = await namer(session, [one.entered_by for place in places for one in place.consents])
    return place_list(case, places, context.now(), name)
