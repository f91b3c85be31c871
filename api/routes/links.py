"""Links that the person knows already."""

from fastapi import APIRouter

from api.deps import AdmitChange, AdmitPlace, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.watching import LinkBody, LinkEntered, LinkList, LinkTick
from api.views.cases import link_view
from api.views.entered import namer
from db.queries.cases import links_of
from monitor.cases.link_ticks import tick_link
from monitor.cases.links import enter_link, remove_link, why_links_wait

router = APIRouter(prefix="/cases/{case_id}/links", tags=["watching"])


@router.post("", status_code=201, dependencies=[AdmitPlace])
async def enter_known_link(context: Context, session: Writing, case: CaseToChange, body: LinkBody) -> LinkEntered:
    """Keep a link. A public one is read once the case is vouched for; any other is recorded and never read."""
    row = await enter_link(session, context, case, url=body.url, kind=body.kind, room=body.room)
    return LinkEntered(link_id=row.id, state=row.state, reason=row.reason)


@router.put("/{link_id}/done", dependencies=[AdmitChange])
async def tick_known_link(
    context: Context, session: Writing, case: CaseToChange, link_id: IdPath, body: LinkTick
) -> LinkEntered:
    """Tick off a link to a place that is not read here, or take the tick back."""
    row = await tick_link(session, context, case, link_id, done=body.done)
    return LinkEntered(link_id=row.id, state=row.state, reason=row.reason)


@router.delete("/{link_id}", status_code=204, dependencies=[AdmitChange])
async def remove_known_link(context: Context, session: Writing, case: CaseToChange, link_id: IdPath) -> None:
    """Take a link out: its address is forgotten, and pictures that were read there are not compared any more."""
    await remove_link(session, context, case, link_id)


@router.get("")
async def list_links(context: Context, session: Reading, case: CaseToRead) -> LinkList:
    """Every link that was entered and not taken out again, and what became of it."""
    rows = await links_of(session, case.id)
    name = await namer(session, [row.entered_by for row in rows])
    waits = await why_links_wait(session, context, case, rows)
    return LinkList(links=[link_view(context, row, name, waits.get(row.id)) for row in rows])
