"""Items, deadlines, and re-uploads that are reported with no other decision."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AdmitChange, AdvocateOnly, AnyActor, CaseToRead, CaseToTakeBack, Context, IdPath, Reading, Writing
from api.schemas.following import (
    ClockList,
    ClockView,
    ItemView,
    NoticeClockList,
    NoticeClockView,
    PastRemoval,
    ResendingView,
    ResendingWanted,
    ResentList,
    ResentNotice,
    ResentView,
)
from monitor.actions.access import get_sighting
from monitor.actions.items import clocks_about, clocks_of_organisation, item_of, sent_by_themselves
from monitor.actions.resend import Resending, resending_of, switch_resending
from monitor.notices.resending import MOST_A_DAY

router = APIRouter(tags=["following"])


@router.get("/sightings/{sighting_id}/item")
async def see_item(session: Reading, actor: AdvocateOnly, sighting_id: IdPath) -> ItemView:
    """The item that a copy belongs to, with its first notice, and what came back."""
    sighting, *_ = await get_sighting(session, actor, sighting_id)
    found = await item_of(session, sighting)
    if found is None:
        return ItemView(
            item_id=None, first=False, copies=0, first_notice_id=None, first_sent_at=None, removed_before=[]
        )
    return ItemView(
        item_id=found.item_id,
        first=found.first,
        copies=found.copies,
        first_notice_id=found.first_notice,
        first_sent_at=found.first_sent_at,
        removed_before=[PastRemoval(removed_at=gone, came_back_at=back) for gone, back in found.past_receipts],
    )


@router.get("/cases/{case_id}/resending")
async def see_resending(case: CaseToRead) -> ResendingView:
    """Whether identical re-uploads of this case are reported with no other decision."""
    return _resending(resending_of(case))


@router.put("/cases/{case_id}/resending", dependencies=[AdmitChange])
async def set_resending(
    context: Context, session: Writing, actor: AnyActor, case: CaseToTakeBack, wanted: ResendingWanted
) -> ResendingView:
    """The person's switch, or an advocate's. Only an adult's intimate or faked picture, and not while police come
    first; within a daily cap."""
    return _resending(await switch_resending(session, context, case, actor, on=wanted.on))


@router.get("/resent")
async def list_resent(
    session: Reading,
    actor: AdvocateOnly,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ResentList:
    """What of the organisation was reported with no other decision."""
    rows, total = await sent_by_themselves(session, actor, limit=limit, offset=offset)
    return ResentList(
        resent=[
            ResentView(
                sighting_id=row.sighting_id,
                case_id=row.case_id,
                item_id=row.item_id,
                at=row.at,
                notices=[ResentNotice(notice_id=one, route=route, state=state) for one, route, state in row.notices],
            )
            for row in rows
        ],
        total=total,
    )


@router.get("/clocks")
async def list_clocks(context: Context, session: Reading, actor: AdvocateOnly) -> ClockList:
    """The deadlines that run for the organisation's notices, in UTC."""
    return ClockList(
        clocks=[
            ClockView(
                notice_id=one.notice_id,
                sighting_id=one.sighting_id,
                case_id=one.case_id,
                route=one.route,
                kind=one.kind,
                ends_at=one.ends_at,
                remind_at=one.remind_at,
                advocate_id=one.advocate_id,
                mine=one.advocate_id == actor.id,
            )
            for one in await clocks_of_organisation(session, context, actor)
        ]
    )


@router.get("/notices/{notice_id}/clocks")
async def clocks_of_one(session: Reading, actor: AdvocateOnly, notice_id: IdPath) -> NoticeClockList:
    """Every clock of a notice with its absolute end in UTC."""
    return NoticeClockList(
        clocks=[
            NoticeClockView(
                kind=one.kind,
                ends_at=one.ends_at,
                remind_at=one.remind_at,
                reminded_at=one.reminded_at,
                advocate_id=one.advocate_id,
            )
            for one in await clocks_about(session, actor, notice_id)
        ]
    )


def _resending(found: Resending) -> ResendingView:
    return ResendingView(person=found.person, advocate=found.advocate, on=found.on, most_a_day=MOST_A_DAY)
