"""One-time codes that a helpline hands out."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, ServicesDep, Writing, by_of
from api.schemas.people import Codes, CodesWanted
from monitor.cases.codes import make_codes
from monitor.evidence.by import Door

router = APIRouter(prefix="/codes", tags=["cases"])


@router.post("", status_code=201)
async def make(services: ServicesDep, session: Writing, actor: AdvocateOnly, body: CodesWanted) -> Codes:
    """Fresh codes, shown once. A case opened with one is vouched for by this organisation."""
    codes = await make_codes(
        session,
        services.context.ledger,
        organisation_id=actor.organisation_id,
        by=by_of(actor, Door.API),
        count=body.count,
        days=body.days,
        now=services.context.now(),
    )
    return Codes(codes=codes)
