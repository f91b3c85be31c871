"""The brake: a lead stops what is their organisation's, and two people let it go on."""

from dataclasses import asdict

from fastapi import APIRouter

from api.deps import AdvocateOnly, Context, Reading, Writing
from api.schemas.stops import ResumedView, StopList, StopView, WhatToResume, WhatToStop
from monitor.actions.pauses import told_stops
from monitor.cases.stops import leads_only, own_target, resume_own, stop

router = APIRouter(prefix="/stops", tags=["operations"])


@router.get("")
async def list_stops(context: Context, session: Reading, actor: AdvocateOnly) -> StopList:
    """What is stopped of this organisation now."""
    return StopList(stops=[StopView(**asdict(one)) for one in await told_stops(session, context, actor)])


@router.post("", status_code=201)
async def stop_ours(context: Context, session: Writing, actor: AdvocateOnly, what: WhatToStop) -> None:
    """Stop at once: nothing leaves and nothing is read. Leads only."""
    leads_only(actor)
    target = await own_target(session, actor, what.advocate_id)
    await stop(session, context, target, reason=what.reason)


@router.post("/resume")
async def resume_ours(context: Context, session: Writing, actor: AdvocateOnly, what: WhatToResume) -> ResumedView:
    """Say that it may go on: a lead first, then any other advocate."""
    target = await own_target(session, actor, what.advocate_id)
    return ResumedView(done=(await resume_own(session, context, actor, target)).done)
