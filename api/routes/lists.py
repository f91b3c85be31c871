"""The list of places that a centre keeps, and a person's yes to all of it."""

from dataclasses import asdict

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import (
    AdmitPlace,
    AdvocateOnly,
    AnyActor,
    CaseToRead,
    CaseToTakeBack,
    Context,
    IdPath,
    Reading,
    Writing,
)
from api.schemas.centres import (
    AgreedListView,
    ListBody,
    ListTakenBack,
    ListView,
    NoteBody,
    PlaceList,
    PlacesBody,
    PlaceView,
)
from api.views.cases import moved_of
from db.models.cases import Case
from db.queries.actors import AdvocateActor
from db.queries.notices import states_of
from db.queries.people import names_of
from monitor.actions.agree_list import agree_list, list_told, take_back_list
from monitor.actions.centre_list import add_places, note_place, places_of, remove_place
from monitor.context.context import DomainContext

router = APIRouter(tags=["watching"])


@router.get("/centre/places")
async def see_places(context: Context, session: Reading, actor: AdvocateOnly) -> PlaceList:
    """The own centre's list of public channels and accounts. Nobody else sees its names."""
    return await _places(session, context, actor)


@router.post("/centre/places", status_code=201)
async def add(context: Context, session: Writing, actor: AdvocateOnly, body: PlacesBody) -> PlaceList:
    """Add places: all of them, or none. Nobody's consent is widened by that."""
    await add_places(session, context, actor, platform=body.platform, sources=body.sources, note=body.note)
    return await _places(session, context, actor)


@router.put("/centre/places/{place_id}")
async def note(context: Context, session: Writing, actor: AdvocateOnly, place_id: IdPath, body: NoteBody) -> PlaceList:
    """Write beside a place what the centre knows of it."""
    await note_place(session, context, actor, place_id, body.note)
    return await _places(session, context, actor)


@router.delete("/centre/places/{place_id}")
async def remove(context: Context, session: Writing, actor: AdvocateOnly, place_id: IdPath) -> PlaceList:
    """Take a place off: through the list it is read for nobody any more, with this answer."""
    await remove_place(session, context, actor, place_id)
    return await _places(session, context, actor)


@router.get("/cases/{case_id}/list")
async def see_list(context: Context, session: Reading, case: CaseToRead) -> ListView:
    """How many places the centre's list holds, and what the person said yes to of it. No name."""
    return await _told(session, context, case)


@router.put("/cases/{case_id}/list", dependencies=[AdmitPlace])
async def agree(context: Context, session: Writing, actor: AnyActor, case_id: IdPath, body: ListBody) -> ListView:
    """The person says yes to everything on the list as it stands, for each purpose apart."""
    case = await agree_list(
        session, context, actor, case_id, places=body.places, purposes=body.purposes, days=body.days
    )
    return await _told(session, context, case)


@router.delete("/cases/{case_id}/list")
async def take_back(context: Context, session: Writing, actor: AnyActor, case: CaseToTakeBack) -> ListTakenBack:
    """Take it back, at any time: reading stops with this answer, and so do notices that have not left."""
    before = await states_of(session, actor, case.id)
    await take_back_list(session, context, case, actor)
    return ListTakenBack(stopped_notices=moved_of(before, await states_of(session, actor, case.id))["stopped"])


async def _places(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> PlaceList:
    rows = await places_of(session, context, actor)
    names = await names_of(session, [one.added_by for one in rows])
    return PlaceList(
        places=[
            PlaceView(
                place_id=one.id,
                platform=one.platform,
                source=one.handle,
                note=one.note,
                added_at=one.added_at,
                added_by=names[one.added_by][0],
            )
            for one in rows
        ]
    )


async def _told(session: AsyncSession, context: DomainContext, case: Case) -> ListView:
    told = await list_told(session, context, case)
    return ListView(places=told.places, agreed=[AgreedListView(**asdict(one)) for one in told.agreed])
