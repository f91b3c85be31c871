"""The centre's own copies by channel, by who posted them, by whence they came, by file."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AdvocateOnly, Context, IdPath, Reading
from api.schemas.gathered import GatheredView, RingsView
from api.views.desk import gathered_view, rings_view
from monitor.actions.gathered import gathered_at, gathered_with, rings
from monitor.model.linking import MarkKind

router = APIRouter(tags=["linking"])

Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("/gathered")
async def list_rings(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    by: MarkKind = MarkKind.ACCOUNT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> RingsView:
    """What copies of the centre have in common over all channels: who posted them, whence they came, the very file."""
    return rings_view(await rings(session, context, actor, by, limit=limit, offset=offset))


@router.get("/sightings/{sighting_id}/gathered")
async def see_ring(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    sighting_id: IdPath,
    by: MarkKind = MarkKind.ACCOUNT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> GatheredView:
    """The centre's copies that have this in common with one, with their cases."""
    return gathered_view(await gathered_with(session, context, actor, sighting_id, by, limit=limit, offset=offset))


@router.get("/linking/{source_id}/copies")
async def see_place_copies(
    context: Context, session: Reading, actor: AdvocateOnly, source_id: IdPath, limit: Limit = 50, offset: Offset = 0
) -> GatheredView:
    """The centre's copies in one channel, or of one account, with their cases."""
    return gathered_view(await gathered_at(session, context, actor, source_id, limit=limit, offset=offset))
