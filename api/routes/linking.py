"""What cases have in common: channels and accounts of the centre, and whether it shares counts with others."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AdvocateOnly, Context, IdPath, Reading, Writing
from api.schemas.linking import LinkedView, PlaceList, Sharing
from api.views.linking import linked_view, place_view
from monitor.actions.access import get_sighting
from monitor.actions.linking import linked, places, set_sharing

router = APIRouter(tags=["linking"])


@router.get("/linking")
async def list_places(
    session: Reading,
    actor: AdvocateOnly,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> PlaceList:
    """Channels and accounts where something of the centre's cases was found, most cases first."""
    found = await places(session, actor, limit=limit, offset=offset)
    return PlaceList(places=[place_view(one) for one in found.places], total=found.total, shares=found.shares)


@router.get("/sightings/{sighting_id}/linked")
async def see_linked(session: Reading, actor: AdvocateOnly, sighting_id: IdPath) -> LinkedView:
    """How many of the centre's cases and posts share its channel, account, origin and file."""
    sighting, *_ = await get_sighting(session, actor, sighting_id)
    return linked_view(await linked(session, actor, sighting))


@router.put("/linking/sharing", status_code=204)
async def change_sharing(context: Context, session: Writing, actor: AdvocateOnly, body: Sharing) -> None:
    """Share counts with leads of other centres that share too, or do so no more. Leads only."""
    await set_sharing(session, context, actor, share=body.share)
