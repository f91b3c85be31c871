"""The pages of figures: a centre's own with plots and tables, and the one that everybody may see."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import plots
from api.pages.advocate_page import AdvocatePage, PageRoute, reading_page
from api.pages.rendering import render_page
from api.public_figures import PublicFigures
from api.routes.figures import csv_answer
from db.queries.tenants import OrganisationTenant
from monitor.exports.figures_table import PERIODS, FiguresTable, as_csv, figures_table
from monitor.exports.public_figures import LEAST

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_USUAL = "365"


@router.get("/advocate/figures")
async def show_figures(request: Request) -> Response:
    """Plots, and the numbers as tables beside them."""
    days = _days(request)
    async with reading_page(request) as page:
        table = await _table(page, days)
        timed = [row for row in table.routes if row.figures.hours]
        stood = [row for row in table.standing if row.copies]
        return await page.render(
            "advocate/figures.html",
            table=table,
            days=days,
            periods=list(PERIODS),
            bars=plots.bars(table.routes),
            timed=timed,
            hours=plots.hours([(row.figures.median_hours or 0, row.figures.p90_hours or 0) for row in timed]),
            stood=stood,
            stood_hours=plots.hours([(row.median_hours or 0, row.p90_hours or 0) for row in stood]),
            outcomes=plots.OUTCOMES,
            width=plots.WIDTH,
            row_height=plots.ROW,
            bar_height=plots.BAR,
        )


@router.get("/advocate/figures/table.csv")
async def download_csv(request: Request) -> Response:
    """The rows as a file."""
    async with reading_page(request) as page:
        return csv_answer(as_csv((await _table(page, _days(request))).routes))


@router.get("/figures")
async def show_public(request: Request) -> Response:
    """For everybody, where the operator switched it on."""
    figures: PublicFigures = request.app.state.public_figures
    made = await figures.get()
    return render_page(request, "figures.html", {"made": made, "least": LEAST})


async def _table(page: AdvocatePage, days: str) -> FiguresTable:
    tenant = OrganisationTenant(page.advocate.organisation_id)
    return await figures_table(page.session, tenant, now=page.context.now(), period=PERIODS[days])


def _days(request: Request) -> str:
    asked = request.query_params.get("days", "")
    return asked if asked in PERIODS else _USUAL
