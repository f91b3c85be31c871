"""What an advocate entered for the person: the person says whether it is right, or a mandate covers it."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import (
    AdvocateOnly,
    AnyActor,
    AnyVisitor,
    CaseToChange,
    CaseToRead,
    Context,
    IdPath,
    Reading,
    ServicesDep,
    VisitDep,
    Writing,
    ask_passphrase,
    recent_proof,
)
from api.schemas.cases import EntryConfirmed
from api.schemas.entered import EntriesView, EntrySeen, MandateBody
from api.views.entered import entries_view
from monitor.actions.access import get_open_case
from monitor.actions.entered import confirm_entry, record_mandate, reject_entry, revoke_mandate, take_back_entry
from monitor.model.entered import Matter

router = APIRouter(prefix="/cases/{case_id}", tags=["entered for the person"])


@router.get("/entries")
async def see_entries(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> EntriesView:
    """What the person is asked about, the fields that an advocate entered, and the mandates."""
    return await entries_view(session, context, actor, case)


@router.post("/entries/{matter}/confirm", status_code=204)
async def confirm(
    services: ServicesDep,
    visit: VisitDep,
    context: Context,
    actor: AnyActor,
    case_id: IdPath,
    matter: Matter,
    body: EntryConfirmed | None = None,
) -> None:
    """It is right: from now on it is the person's own, and counts. Only the person can; an erasure needs their
    passphrase, as the one that they ask for themselves."""
    if matter is Matter.ERASURE:
        await ask_passphrase(services, visit, actor, case_id, body)
    async with services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        await confirm_entry(session, context, case, actor, matter, seen=None if body is None else body.entered_at)


@router.post("/entries/{matter}/reject", status_code=204)
async def reject(
    context: Context,
    session: Writing,
    actor: AnyActor,
    case: CaseToChange,
    matter: Matter,
    body: EntrySeen | None = None,
) -> None:
    """It is wrong: what counted already is undone. Only the person can."""
    await reject_entry(session, context, case, actor, matter, seen=None if body is None else body.entered_at)


@router.delete("/entries/{matter}", status_code=204)
async def take_back(
    context: Context,
    session: Writing,
    _: AdvocateOnly,
    case: CaseToChange,
    matter: Matter,
    seen: Annotated[EntrySeen, Query()],
) -> None:
    """An advocate takes back what waits for the person."""
    await take_back_entry(session, context, case, matter, seen=seen.entered_at)


@router.post("/mandates", status_code=201)
async def see_mandate(
    context: Context,
    session: Writing,
    actor: AdvocateOnly,
    visitor: AnyVisitor,
    case: CaseToChange,
    body: MandateBody,
) -> EntriesView:
    """The advocate saw a mandate. What waits for the person, and it covers, counts from now on. One that covers an
    erasure needs a proof of who they are that is minutes old, as the erasure itself does."""
    if Matter.ERASURE in body.covers:
        await recent_proof(visitor)
    await record_mandate(
        session,
        context,
        case,
        actor,
        kind=body.kind,
        dated=body.dated,
        covers=body.covers,
        reference=body.reference,
    )
    return await entries_view(session, context, actor, case)


@router.delete("/mandates/{mandate_id}", status_code=204)
async def end_mandate(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, mandate_id: IdPath
) -> None:
    """It counts no more. What rested on it alone is undone, and waits for the person again."""
    await revoke_mandate(session, context, case, actor, mandate_id)
