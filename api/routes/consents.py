"""The person's yes to each source, and its end."""

from fastapi import APIRouter

from api.deps import AnyActor, IdPath, Reading, ServicesDep, Writing, acting
from api.schemas.watching import ConsentBody, ConsentList, ConsentWithdrawn
from api.views.cases import consent_view
from db.queries.cases import consents_of, not_inspected_of, sources_of
from monitor.actions.access import get_open_case
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent

router = APIRouter(prefix="/cases/{case_id}/consents", tags=["watching"])


@router.post("", status_code=201)
async def give(
    services: ServicesDep, session: Writing, actor: AnyActor, case_id: IdPath, body: ConsentBody
) -> ConsentList:
    """Say yes to a public source, for each purpose apart."""
    case = await get_open_case(session, actor, case_id, lock=True)
    made = await give_consent(
        session,
        acting(services, actor),
        case,
        platform=body.platform,
        source=body.source,
        purposes=body.purposes,
        days=body.days,
    )
    sources, now = await sources_of(session, {one.source_id for one in made}), services.context.now()
    missed = await not_inspected_of(session, set(sources))
    return ConsentList(
        consents=[consent_view(one, sources[one.source_id], now, not_inspected=missed[one.source_id]) for one in made]
    )


@router.get("")
async def list_consents(services: ServicesDep, session: Reading, actor: AnyActor, case_id: IdPath) -> ConsentList:
    """The whole record. `renewal` marks those that end within seven days."""
    case = await get_open_case(session, actor, case_id)
    rows, now = await consents_of(session, case.id), services.context.now()
    missed = await not_inspected_of(session, {source.id for _, source in rows})
    return ConsentList(
        consents=[consent_view(consent, source, now, not_inspected=missed[source.id]) for consent, source in rows]
    )


@router.delete("/{consent_id}")
async def withdraw(
    services: ServicesDep, session: Writing, actor: AnyActor, case_id: IdPath, consent_id: IdPath
) -> ConsentWithdrawn:
    """Take it back: reading and matching stop with this answer, and so do notices that have not left."""
    case = await get_open_case(session, actor, case_id, lock=True)
    return ConsentWithdrawn(stopped_notices=await withdraw_consent(session, acting(services, actor), case, consent_id))
