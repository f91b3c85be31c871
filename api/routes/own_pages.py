"""Pages that are the person's own: what stands there is marked, and no platform is told of it."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AdmitPlace, AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.own import OwnPageBody, OwnPageList, OwnPageNamed, OwnPageView
from api.views.cases import moved_of
from api.views.entered import namer
from db.models.cases import Case
from db.queries.notices import states_of
from monitor.actions.own_pages import name_own_page, take_back_own_page
from monitor.context.context import DomainContext
from monitor.sightings.own_pages import own_page_rows

router = APIRouter(prefix="/cases/{case_id}/own-pages", tags=["watching"])


@router.get("")
async def see(context: Context, session: Reading, case: CaseToRead) -> OwnPageList:
    """Every page that was named."""
    return OwnPageList(own_pages=await _pages(session, context, case))


@router.post("", status_code=201, dependencies=[AdmitPlace])
async def name(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, body: OwnPageBody
) -> OwnPageNamed:
    """Name one: notices about it that have not left are withdrawn, and none can be written."""
    before = await states_of(session, actor, case.id)
    await name_own_page(session, context, case, platform=body.platform, source=body.source)
    stopped = moved_of(before, await states_of(session, actor, case.id))["stopped"]
    return OwnPageNamed(own_pages=await _pages(session, context, case), stopped_notices=stopped)


@router.delete("/{own_page_id}")
async def take_back(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, own_page_id: IdPath
) -> OwnPageList:
    """It is not the person's own after all, as they alone say."""
    await take_back_own_page(session, context, case, actor, own_page_id)
    return OwnPageList(own_pages=await _pages(session, context, case))


async def _pages(session: AsyncSession, context: DomainContext, case: Case) -> list[OwnPageView]:
    rows = await own_page_rows(session, context, case.id)
    called = await namer(session, [row.entered_by for row, _ in rows])
    return [
        OwnPageView(
            own_page_id=row.id,
            platform=told.platform,
            source=told.handle,
            added_at=row.added_at,
            entered_by=called(row.entered_by),
        )
        for row, told in rows
    ]
