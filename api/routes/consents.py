"""The person's yes to each source, and its end."""

from fastapi import APIRouter

from api.deps import AdmitPlace, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.watching import ConsentBody, ConsentList, ConsentWithdrawn
from api.views.cases import consent_view
from db.queries.cases import consents_of, not_inspected_of, sources_of
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent

router = APIRouter(prefix="/cases/{case_id}/consents", tags=["watching"])


@router.post("", status_code=201, dependencies=[AdmitPlace])
async def give(context: Context, session: Writing, case: CaseToChange, body: ConsentBody) -> ConsentList:
    """Say yes to a public source, for each purpose apart."""
    made = await give_consent(
        session, context, case, platform=body.platform, source=body.source, purposes=body.purposes, days=body.days
    )
    sources, now = await sources_of(session, {one.source_id for one in made}), context.now()
    missed = await not_inspected_of(session, set(sources))
    return ConsentList(
        consents=[consent_view(one, sources[one.source_id], now, not_inspected=missed[one.source_id]) for one in made]
    )


@router.get("")
async def list_consents(context: Context, session: Reading, case: CaseToRead) -> ConsentList:
    """The whole record. `renewal` marks those that end within seven days."""
    rows, now = await consents_of(session, case.id), context.now()
    missed = await not_inspected_of(session, {source.id for _, source in rows})
    return ConsentList(
        consents=[consent_view(consent, source, now, not_inspected=missed[source.id]) for consent, source in rows]
    )


@router.delete("/{consent_id}")
async def withdraw(context: Context, session: Writing, case: CaseToChange, consent_id: IdPath) -> ConsentWithdrawn:
    """Take it back: reading and matching stop with this answer, and so do notices that have not left."""
    return ConsentWithdrawn(stopped_notices=await withdraw_consent(session, context, case, consent_id))
