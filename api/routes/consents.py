"""The person's yes to each source, and its end."""

from fastapi import APIRouter

from api.deps import (
    AdmitPlace,
    AnyActor,
    CaseToChange,
    CaseToRead,
    CaseToTakeBack,
    Context,
    IdPath,
    Reading,
    ServicesDep,
    VisitDep,
    Writing,
    ask_passphrase,
    by_of,
    case_to_take_back,
)
from api.schemas.cases import Reentered
from api.schemas.watching import AllWithdrawn, ConsentBody, ConsentList, ConsentWithdrawn
from api.views.cases import consent_view, moved_of
from api.views.entered import namer
from db.queries.notices import states_of
from db.queries.tenants import CaseTenant, consents_of
from monitor.actions.withdraw_consent import withdraw_consent, withdraw_every_consent
from monitor.cases.consents import give_consent
from monitor.evidence.by import Door

router = APIRouter(prefix="/cases/{case_id}/consents", tags=["watching"])


@router.post("", status_code=201, dependencies=[AdmitPlace])
async def give(context: Context, session: Writing, case: CaseToChange, body: ConsentBody) -> ConsentList:
    """Say yes to a public source, for each purpose apart."""
    made = await give_consent(
        session, context, case, platform=body.platform, source=body.source, purposes=body.purposes, days=body.days
    )
    rows = {one.id: (one, source) for one, source in await consents_of(session, CaseTenant(case.id))}
    name = await namer(session, [one.entered_by for one in made])
    return ConsentList(consents=[consent_view(*rows[one.id], context.now(), name) for one in made])


@router.get("")
async def list_consents(context: Context, session: Reading, case: CaseToRead) -> ConsentList:
    """The whole record. `renewal` marks those that end within seven days."""
    rows, now = await consents_of(session, CaseTenant(case.id)), context.now()
    name = await namer(session, [one.entered_by for one, _ in rows])
    return ConsentList(consents=[consent_view(consent, source, now, name) for consent, source in rows])


@router.post("/withdrawal")
async def withdraw_all(
    services: ServicesDep, visit: VisitDep, actor: AnyActor, case_id: IdPath, given: Reentered | None = None
) -> AllWithdrawn:
    """Take every yes back at once: nothing is read any more, links neither, until the person lets it go on, and what
    has not left is stopped. The person gives their passphrase again: it stops the whole case."""
    await ask_passphrase(services, visit, actor, case_id, given)
    context = services.context.acting(by_of(actor, Door.API))
    async with services.database.begin() as session:
        case = await case_to_take_back(session, actor, case_id)
        before = await states_of(session, actor, case.id)
        ended = await withdraw_every_consent(session, context, case)
        stopped = moved_of(before, await states_of(session, actor, case.id))["stopped"]
    return AllWithdrawn(withdrawn=ended.places, listed=ended.listed, stopped_notices=stopped)


@router.delete("/{consent_id}")
async def withdraw(
    context: Context, session: Writing, actor: AnyActor, case: CaseToTakeBack, consent_id: IdPath
) -> ConsentWithdrawn:
    """Take it back: reading and matching stop with this answer, and so do notices that have not left."""
    before = await states_of(session, actor, case.id)
    await withdraw_consent(session, context, case, consent_id)
    return ConsentWithdrawn(stopped_notices=moved_of(before, await states_of(session, actor, case.id))["stopped"])
