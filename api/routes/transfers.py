"""A case goes to another centre by the person's yes, and a lead has a new passphrase drawn for a person."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import start_login
from api.deps import (
    AdmitChange,
    AdvocateOnly,
    AnyActor,
    CaseOnHoldToo,
    CaseToChange,
    CaseToRead,
    CaseToTakeBack,
    Context,
    IdPath,
    Reading,
    RecentProof,
    ServicesDep,
    VisitDep,
    Writing,
    ask_passphrase,
    needs,
)
from api.schemas.cases import Reentered
from api.schemas.transfers import (
    ChangedPassphrase,
    Comparing,
    DrawnPassphrase,
    NewWords,
    NewWordsBody,
    NumberView,
    ReissueList,
    ReissueState,
    ReissueView,
    TransferDone,
    TransferList,
    TransferView,
    TransferWanted,
)
from api.views.transfers import reissue_view, transfer_view
from db.queries.actors import PersonActor
from monitor.actions.access import get_open_case, only_the_person
from monitor.actions.same_picture import picture_checked, set_comparing
from monitor.actions.transfer import (
    acknowledge_arrival,
    agree_to_transfer,
    ask_transfer,
    asked_of_person,
    decline_transfer,
    end_transfer,
    own_transfers,
    where_is,
)
from monitor.cases.new_words import check_words, draw_words, hashed_words
from monitor.cases.opening import draw_passphrase
from monitor.cases.reissue import (
    ask_reissue,
    cancel_reissue,
    change_passphrase,
    check_reissue,
    own_reissues,
    reissue,
    standing_reissue,
)
from monitor.cases.roles import Right

router = APIRouter(tags=["cases"])


@router.get("/numbers/{case_id}")
async def find_number(session: Reading, actor: AdvocateOnly, case_id: IdPath) -> NumberView:
    """Where the case is whose whole number a person told: here, waiting for any centre, or with another one."""
    return NumberView(where=await where_is(session, actor, case_id))


@router.get("/transfers")
async def list_transfers(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> TransferList:
    """What the own centre gives, gets or asked for, each with how it stands."""
    found, total = await own_transfers(session, context, actor, limit=limit, offset=offset)
    return TransferList(transfers=[transfer_view(one) for one in found], total=total)


@router.post("/transfers", status_code=201)
async def ask_for_transfer(
    context: Context, session: Writing, actor: AdvocateOnly, body: TransferWanted
) -> TransferList:
    """Ask the person. Nothing changes before they say yes on their own page."""
    await ask_transfer(session, context, actor, body.case_id, to=body.to, days=body.days)
    found, total = await own_transfers(session, context, actor)
    return TransferList(transfers=[transfer_view(one) for one in found], total=total)


@router.delete("/transfers/{transfer_id}", status_code=204)
async def end(context: Context, session: Writing, actor: AdvocateOnly, transfer_id: IdPath) -> None:
    """Before the answer: whoever asked takes it back, or the centre that should get the case cannot take it."""
    await end_transfer(session, context, actor, transfer_id)


@router.get("/cases/{case_id}/transfers")
async def list_questions(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> TransferList:
    """What the person is asked, or was. Only the person reads it."""
    only_the_person(actor)
    found = await asked_of_person(session, context, case)
    views: list[TransferView] = [transfer_view(one) for one in found]
    return TransferList(transfers=views, total=len(views))


@router.post("/cases/{case_id}/transfers/{transfer_id}/agree", name="agree_to_transfer")
async def say_yes(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, transfer_id: IdPath
) -> TransferDone:
    """The case is the other centre's from now on. Only the person can."""
    return TransferDone(stopped_notices=await agree_to_transfer(session, context, case, actor, transfer_id))


@router.post("/cases/{case_id}/transfers/{transfer_id}/decline", status_code=204, name="decline_transfer")
async def say_no(context: Context, session: Writing, actor: AnyActor, case: CaseToChange, transfer_id: IdPath) -> None:
    """Everything stays as it is. Only the person can."""
    await decline_transfer(session, context, case, actor, transfer_id)


@router.delete("/cases/{case_id}/arrival", status_code=204)
async def seen(context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange) -> None:
    """An advocate has seen that this case came from another centre."""
    await acknowledge_arrival(session, context, case)


@router.delete("/cases/{case_id}/same-picture", status_code=204)
async def checked(context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange) -> None:
    """A lead looked who the person is, of whom a whole picture is in another vouched case, too."""
    await picture_checked(session, context, case, actor)


@router.put("/centre/comparing", status_code=204, dependencies=[needs(Right.LEAD_CENTRE)])
async def change_comparing(context: Context, session: Writing, actor: AdvocateOnly, body: Comparing) -> None:
    """A lead lets whole pictures be compared with those of other centres that compare, too, or does so no more."""
    await set_comparing(session, context, actor, on=body.on)


@router.get("/reissues", dependencies=[needs(Right.LEAD_CENTRE)])
async def list_reissues(context: Context, session: Reading, actor: AdvocateOnly) -> ReissueList:
    """New passphrases that leads of the own centre asked for, and nobody drew yet. Only leads see them."""
    return ReissueList(
        waiting=[
            await reissue_view(session, one, on_hold=held) for one, held in await own_reissues(session, context, actor)
        ]
    )


@router.post("/cases/{case_id}/reissue", status_code=201, dependencies=[needs(Right.LEAD_CENTRE)])
async def ask_for_words(context: Context, session: Writing, actor: AdvocateOnly, case_id: IdPath) -> ReissueView:
    """A lead asks for a new passphrase. The person's page says so at once; it can be drawn after the delay."""
    case = await get_open_case(session, actor, case_id, lock=True)
    return await reissue_view(session, await ask_reissue(session, context, actor, case))


@router.get("/cases/{case_id}/reissue")
async def see_reissue(context: Context, session: Reading, case: CaseOnHoldToo) -> ReissueState:
    """Whether a new passphrase is asked for. The person reads it while the case is on hold, too."""
    row, held = await standing_reissue(session, context, case), case.frozen_at is not None
    return ReissueState(waiting=None if row is None else await reissue_view(session, row, on_hold=held))


@router.delete("/cases/{case_id}/reissue", status_code=204, dependencies=[AdmitChange])
async def call_off(context: Context, session: Writing, actor: AnyActor, case: CaseToTakeBack) -> None:
    """Call it off: whoever has the old passphrase, or a lead."""
    await cancel_reissue(session, context, case, actor)


@router.post("/cases/{case_id}/reissue/draw", dependencies=[needs(Right.LEAD_CENTRE), RecentProof])
async def draw(services: ServicesDep, context: Context, actor: AdvocateOnly, case_id: IdPath) -> DrawnPassphrase:
    """After the delay: new words, shown this once. The old ones open nothing any more."""
    async with services.database.read() as session:
        case = await get_open_case(session, actor, case_id)
        await check_reissue(session, context, actor, case)
        language = case.language
    drawn = await draw_passphrase(language, context.hasher, origin=actor.id)
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        await reissue(session, context, actor, case, drawn)
    return DrawnPassphrase(passphrase=drawn.words)


@router.post("/cases/{case_id}/passphrase/words", dependencies=[AdmitChange])
async def draw_new_words(
    services: ServicesDep,
    context: Context,
    visit: VisitDep,
    actor: AnyActor,
    case_id: IdPath,
    body: Reentered | None = None,
) -> NewWords:
    """The person wants other words, and gives the old ones. Nothing changes yet."""
    async with services.database.read() as session:
        case = await get_open_case(session, actor, case_id)
    only_the_person(actor)
    await ask_passphrase(services, visit, actor, case_id, body)
    words, mark = draw_words(context, case)
    return NewWords(passphrase=words, mark=mark)


@router.post("/cases/{case_id}/passphrase", dependencies=[AdmitChange])
async def change_words(
    services: ServicesDep, context: Context, visit: VisitDep, actor: AnyActor, case_id: IdPath, body: NewWordsBody
) -> ChangedPassphrase:
    """They have the new words: these are in force now. Wherever else they are logged in, they are not any more."""
    async with services.database.read() as session:
        case = await get_open_case(session, actor, case_id)
    only_the_person(actor)
    check_words(context, case, body.passphrase, body.mark, now=context.now())
    drawn = await hashed_words(body.passphrase, context.hasher, origin=visit.origin)
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        check_words(context, case, body.passphrase, body.mark, now=context.now())
        await change_passphrase(session, context, case, drawn)
        return ChangedPassphrase(token=(await start_login(session, PersonActor(case.id))).token)
