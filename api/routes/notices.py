"""Notices: their state and clock, and what a person does about them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import (
    ID_PATTERN,
    AdvocateOnly,
    AnyActor,
    IdPath,
    Reading,
    ServicesDep,
    Writing,
    acting,
)
from api.schemas.notices import NoticeList, NoticeView, NoticeWhole, Settlement, Submission
from api.views.notices import notice_view, notice_whole
from db.queries.notices import escalations_of, notices_of
from monitor.actions.access import get_notice, get_open_case
from monitor.actions.reading import note_notice_read
from monitor.model.notice_states import NoticeState
from monitor.notices.stopping import withdraw_notice
from monitor.notices.writing import record_submission, retry, settle

router = APIRouter(tags=["notices"])


@router.get("/cases/{case_id}/notices")
async def list_of_case(services: ServicesDep, session: Reading, actor: AnyActor, case_id: IdPath) -> NoticeList:
    """A person sees those about copies whose place was released."""
    case = await get_open_case(session, actor, case_id)
    rows, total = await notices_of(session, actor, case_id=case.id)
    now = services.context.now()
    return NoticeList(notices=[notice_view(*row, now) for row in rows], total=total)


@router.get("/notices")
async def list_notices(
    services: ServicesDep,
    session: Reading,
    actor: AdvocateOnly,
    state: NoticeState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(pattern=ID_PATTERN, description="the last notice of the page before")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> NoticeList:
    """Notices of the organisation's vouched cases, in the order they were written."""
    rows, total = await notices_of(session, actor, state=state, limit=limit, after=after, offset=offset)
    now = services.context.now()
    return NoticeList(notices=[notice_view(*row, now) for row in rows], total=total)


@router.get("/notices/{notice_id}")
async def see_notice(services: ServicesDep, session: Writing, actor: AnyActor, notice_id: IdPath) -> NoticeWhole:
    """Everything about one notice. The person may read what left in their name; an advocate's reading is noted."""
    notice, sighting, _, case = await get_notice(session, actor, notice_id)
    steps = await escalations_of(session, notice.id)
    await note_notice_read(session, acting(services, actor), notice)
    return notice_whole(acting(services, actor), notice, sighting, steps, case.language)


@router.post("/notices/{notice_id}/submission")
async def submit_form(
    services: ServicesDep, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Submission
) -> NoticeView:
    """The prepared form was submitted by hand; its clock starts now."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await record_submission(session, acting(services, actor), notice, reference=body.reference, by=actor.id)
    return notice_view(notice, sighting, services.context.now())


@router.post("/notices/{notice_id}/settle")
async def settle_doubt(
    services: ServicesDep, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Settlement
) -> NoticeView:
    """A person found out whether a notice in doubt arrived. If not, it is sent again."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await settle(session, acting(services, actor), notice, arrived=body.arrived, by=actor.id)
    return notice_view(notice, sighting, services.context.now())


@router.post("/notices/{notice_id}/retry")
async def retry_notice(services: ServicesDep, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """What made it fail was mended: send it again."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await retry(session, acting(services, actor), notice, by=actor.id)
    return notice_view(notice, sighting, services.context.now())


@router.post("/notices/{notice_id}/withdraw", name="withdraw_notice")
async def withdraw_unsent(
    services: ServicesDep, session: Writing, actor: AdvocateOnly, notice_id: IdPath
) -> NoticeView:
    """Take back a notice that has not left."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await withdraw_notice(session, acting(services, actor), notice, by=actor.id)
    return notice_view(notice, sighting, services.context.now())
