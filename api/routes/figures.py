"""Figures of the centre's notices, and those that everybody may see."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from api.deps import AdvocateOnly, Reading, ServicesDep
from api.public_figures import PublicFigures
from api.schemas.figures import FiguresView, PublicFiguresView
from api.views.figures import figures_view, public_view
from db.queries.tenants import OrganisationTenant
from monitor.exports.figures_table import PERIODS, as_csv, figures_table

router = APIRouter(prefix="/figures", tags=["figures"])

Period = Literal["90", "365", "all"]


@router.get("")
async def see_figures(
    services: ServicesDep, session: Reading, actor: AdvocateOnly, days: Period = "365"
) -> FiguresView:
    """By platform and route: what left, what came of it, how long it took."""
    tenant, now = OrganisationTenant(actor.organisation_id), services.context.now()
    return figures_view(await figures_table(session, tenant, now=now, period=PERIODS[days]))


@router.get("/table.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def see_csv(services: ServicesDep, session: Reading, actor: AdvocateOnly, days: Period = "365") -> Response:
    """The same rows as CSV."""
    tenant, now = OrganisationTenant(actor.organisation_id), services.context.now()
    table = await figures_table(session, tenant, now=now, period=PERIODS[days])
    return csv_answer(as_csv(table.routes))


@router.get("/public")
async def see_public(request: Request) -> PublicFiguresView:
    """Of all centres together, rounded, nothing below ten; not there unless the operator switched it on."""
    figures: PublicFigures = request.app.state.public_figures
    made = await figures.get()
    return PublicFiguresView(made_at=made.at, routes=[public_view(row) for row in made.rows])


def csv_answer(text: str) -> Response:
    """A file to keep."""
    headers = {"content-disposition": 'attachment; filename="jikimi-figures.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
