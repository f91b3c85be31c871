"""Links that the person knows already."""

from fastapi import APIRouter

from api.deps import AnyActor, IdPath, Reading, ServicesDep, Writing, acting
from api.schemas.watching import LinkBody, LinkEntered, LinkList
from api.views.cases import link_view
from db.queries.cases import links_of
from monitor.actions.access import get_open_case
from monitor.cases.links import enter_link

router = APIRouter(prefix="/cases/{case_id}/links", tags=["watching"])


@router.post("", status_code=201)
async def enter_known_link(
    services: ServicesDep, session: Writing, actor: AnyActor, case_id: IdPath, body: LinkBody
) -> LinkEntered:
    """Keep a link. A public one is read once the case is vouched for; any other is recorded and never read."""
    case = await get_open_case(session, actor, case_id, lock=True)
    row = await enter_link(session, acting(services, actor), case, url=body.url, kind=body.kind)
    return LinkEntered(link_id=row.id, state=row.state, reason=row.reason)


@router.get("")
async def list_links(services: ServicesDep, session: Reading, actor: AnyActor, case_id: IdPath) -> LinkList:
    """Every link that was entered, and what became of it."""
    case = await get_open_case(session, actor, case_id)
    return LinkList(links=[link_view(acting(services, actor), row) for row in await links_of(session, case.id)])
