"""Opening a case, seeing it, vouching for it, erasing it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.admission import Visit
from api.auth import start_login
from api.budgets import Act
from api.deps import (
    ID_PATTERN,
    AdmitChange,
    AdvocateOnly,
    AnyActor,
    Context,
    IdPath,
    Reading,
    RecentProof,
    ServicesDep,
    VisitDep,
    Writing,
    ask_passphrase,
    by_of,
)
from api.problems import wait
from api.schemas.cases import (
    CaseList,
    CaseOpened,
    CaseView,
    CaseWanted,
    ErasureAsked,
    ErasureView,
    FreezeWanted,
    Reentered,
    WaitingCase,
)
from api.views.cases import case_view, waiting_view
from db.queries.actors import PersonActor
from db.queries.cases import cases_of
from db.queries.messages import unread_of
from monitor.actions.access import get_case, is_hidden
from monitor.actions.erase import ask_erasure, cancel_erasure
from monitor.actions.freeze import freeze, unfreeze
from monitor.actions.pauses import pause_of
from monitor.app.bootstrap import Services
from monitor.cases.opening import check_code, open_case, vouch
from monitor.core.errors import RuleBroken
from monitor.evidence.by import By, Door

router = APIRouter(prefix="/cases", tags=["cases"])

_WAIT_AFTER_CODES = 60
"""Seconds."""


@router.post("", status_code=201)
async def open_a_case(services: ServicesDep, visit: VisitDep, wanted: CaseWanted) -> CaseOpened:
    """Open a case. The passphrase is shown once, and nobody can recover it."""
    if wanted.code is None:
        await visit.admit(Act.OPENING)
    else:
        await check_helpline_code(services, visit, wanted.code)
    given = visit.paid or wanted.code is not None
    context = services.context.acting(By.person(Door.API))  # whoever it is: from now on, the one with the passphrase
    async with visit.admission.turn(visit.origin, given=given), services.database.begin() as session:
        case, passphrase = await open_case(
            session,
            context,
            language=wanted.language,
            code=wanted.code,
            origin=visit.origin,
            any_centre=wanted.any_centre,
        )
        login = await start_login(session, PersonActor(case.id))
    return CaseOpened(case_id=case.id, passphrase=passphrase, state=case.state, token=login.token)


async def check_helpline_code(services: Services, visit: Visit, code: str) -> None:
    """A helpline's code needs no work and meets no budget: who has one is let in. Only wrong ones are counted."""
    try:
        async with services.database.read() as session:
            await check_code(session, services.context, code)
    except RuleBroken:
        if visit.admission.budgets.price(Act.WRONG_CODE, visit.origin):
            raise wait(_WAIT_AFTER_CODES) from None
        visit.admission.budgets.take(Act.WRONG_CODE, visit.origin)
        raise


@router.get("")
async def list_cases(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    state: Literal["open", "vouched", "erasing"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> CaseList:
    """The organisation's cases, without content, in the order they were opened. Those of state `open` it has in hand:
    what waits for any centre is in the pool."""
    rows, total = await cases_of(session, actor, state=state, limit=limit, after=after)
    return CaseList(
        cases=[waiting_view(actor, case, await pause_of(session, context, case, actor)) for case in rows],
        unread=await unread_of(session, actor),
        total=total,
    )


@router.get("/{case_id}")
async def see_case(context: Context, session: Reading, actor: AnyActor, case_id: IdPath) -> CaseView | WaitingCase:
    """A case. Without content for an advocate before vouching, and for everybody once it is being erased."""
    case = await get_case(session, actor, case_id)
    if is_hidden(actor, case):
        return waiting_view(actor, case, await pause_of(session, context, case, actor))
    return await case_view(session, context, actor, case)


@router.post("/{case_id}/vouch")
async def vouch_for_case(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath) -> CaseView:
    """The advocate knows this person, who told them the number: the case is their centre's, and sources are read."""
    case = await get_case(session, actor, case_id, lock=True)
    await vouch(session, context, case, actor.id)
    return await case_view(session, context, actor, case)


@router.post("/{case_id}/erasure", status_code=202, dependencies=[RecentProof])
async def erase_case(
    services: ServicesDep, visit: VisitDep, actor: AnyActor, case_id: IdPath, given: Reentered | None = None
) -> ErasureAsked:
    """Hide the case and stop its work now; its key is destroyed after a delay in which the person can call it off.

    The person gives their passphrase again. Asked by an advocate it waits for the person's confirmation, unless a
    mandate covers it.
    """
    await ask_passphrase(services, visit, actor, case_id, given)
    async with services.database.begin() as session:
        case = await get_case(session, actor, case_id, lock=True)
        erase_at = await ask_erasure(session, services.context.acting(by_of(actor, Door.API)), case, actor)
    return ErasureAsked(state=case.state, erase_at=erase_at, waits_for_person=erase_at is None)


@router.delete("/{case_id}/erasure", dependencies=[AdmitChange])
async def keep_case(context: Context, session: Writing, actor: AnyActor, case_id: IdPath) -> ErasureView:
    """Call the erasure off. Only the person can."""
    case = await get_case(session, actor, case_id, lock=True)
    await cancel_erasure(session, context, case, actor)
    return ErasureView(state=case.state, erase_at=case.erase_at)


@router.put("/{case_id}/freeze")
async def freeze_case(
    context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath, wanted: FreezeWanted
) -> WaitingCase:
    """A lead doubts that the pictures are the person's own: the content is hidden and the work stops at once."""
    case = await get_case(session, actor, case_id, lock=True)
    await freeze(session, context, case, actor, reason=wanted.reason, speak_to=wanted.speak_to)
    return waiting_view(actor, case, await pause_of(session, context, case, actor))


@router.delete("/{case_id}/freeze")
async def unfreeze_case(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath) -> WaitingCase:
    """The doubt is gone: everything is as it was."""
    case = await get_case(session, actor, case_id, lock=True)
    await unfreeze(session, context, case, actor)
    return waiting_view(actor, case, await pause_of(session, context, case, actor))
