"""Figures as they are shown."""

from dataclasses import asdict

from api.schemas.figures import FiguresView, PublicRowView, RouteFiguresView, StandingView
from monitor.exports.figures_table import FiguresTable, RouteRow
from monitor.exports.public_figures import PublicRow


def figures_view(table: FiguresTable) -> FiguresView:
    """All of a centre's."""
    return FiguresView(
        since=table.since,
        routes=[_route(row) for row in table.routes],
        standing=[StandingView(**asdict(row)) for row in table.standing],
        published_from=table.published_from,
        published_until=table.published_until,
    )


def public_view(row: PublicRow) -> PublicRowView:
    """One row for everybody."""
    return PublicRowView(**asdict(row))


def _route(row: RouteRow) -> RouteFiguresView:
    names = set(RouteFiguresView.model_fields) - {"platform", "route"}
    return RouteFiguresView(
        platform=row.platform, route=row.route, **{name: getattr(row.figures, name) for name in names}
    )
