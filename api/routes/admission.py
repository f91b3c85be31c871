"""Whether opening a case needs work of the device now."""

from fastapi import APIRouter, Request

from api.admission import Admission
from api.budgets import Act
from api.deps import VisitDep
from api.schemas.people import WorkView

router = APIRouter(prefix="/work", tags=["log-ins"])


@router.get("")
async def see_work(request: Request, visit: VisitDep) -> WorkView:
    """What opening a case from here would need at this moment. Solved, it is sent as the header Jikimi-Work.

    Nothing while few ask: then `challenge` is null and no header is needed.
    """
    admission: Admission = request.app.state.admission
    price = admission.budgets.price(Act.OPENING, visit.origin)
    return WorkView.model_validate(admission.challenge(price)) if price else WorkView(challenge=None, size=0)
