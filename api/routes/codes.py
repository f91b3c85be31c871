"""One-time codes that a helpline hands out."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, Context, Writing
from api.schemas.people import Codes, CodesWanted
from monitor.cases.codes import make_codes

router = APIRouter(prefix="/codes", tags=["cases"])


@router.post("", status_code=201)
async def make(context: Context, session: Writing, actor: AdvocateOnly, body: CodesWanted) -> Codes:
    """Fresh codes, shown once. A case opened with one is vouched for by this organisation."""
    codes = await make_codes(
        session,
        context.ledger,
        organisation_id=actor.organisation_id,
        by=context.by,
        count=body.count,
        days=body.days,
        now=context.now(),
    )
    return Codes(codes=codes)
