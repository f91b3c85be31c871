"""The pool of cases that wait for a centre, and who is in touch with the person meanwhile."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AdmitChange, AdvocateOnly, AnyActor, Context, IdPath, Reading, Writing
from api.schemas.cases import AnyCentre, CaseView, Language, Pool, PoolGroup, WaitingCase
from api.views.cases import case_view, pool_view, waiting_view
from db.queries.actors import PersonActor
from db.queries.pool import waiting_groups
from monitor.actions.access import get_case
from monitor.actions.any_centre import allow_any_centre
from monitor.actions.pauses import pause_of
from monitor.cases.in_hand import hand_back, take_in_hand

router = APIRouter(tags=["cases"])

_MOST_OF_GROUP = 20
"""Cases told of those that came from one place on one day."""


@router.get("/pool")
async def see_pool(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    language: Language | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Pool:
    """What waits for any centre, the longest waiting first. Whoever is told a case's number can vouch for it."""
    found, total = await waiting_groups(
        session, actor, language=language, limit=limit, offset=offset, most=_MOST_OF_GROUP
    )
    now = context.now()
    groups = [PoolGroup(cases=[pool_view(case, now) for case in group.cases], total=group.total) for group in found]
    return Pool(groups=groups, total=total)


@router.post("/cases/{case_id}/in-hand")
async def take(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath) -> WaitingCase:
    """The centre is in touch with the person: for a while only it can vouch, and the case does not end."""
    case = await get_case(session, actor, case_id, lock=True)
    await take_in_hand(session, context, case, actor.organisation_id)
    return waiting_view(actor, case, await pause_of(session, context, case))


@router.delete("/cases/{case_id}/in-hand")
async def give_back(context: Context, session: Writing, actor: AnyActor, case_id: IdPath) -> WaitingCase:
    """The centre is not in touch after all, as it says itself or the person: the case waits for any centre again."""
    case = await get_case(session, actor, case_id, lock=True)
    await hand_back(session, context, case, None if isinstance(actor, PersonActor) else actor.organisation_id)
    return waiting_view(actor, case, await pause_of(session, context, case))


@router.put("/cases/{case_id}/any-centre", dependencies=[AdmitChange])
async def tick(context: Context, session: Writing, actor: AnyActor, case_id: IdPath, body: AnyCentre) -> CaseView:
    """Whether any centre may take the case, or only one that the person tells its number."""
    case = await get_case(session, actor, case_id, lock=True)
    await allow_any_centre(session, context, case, actor, allowed=body.allowed)
    return await case_view(session, context, actor, case)
