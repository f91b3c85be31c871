"""A route by which notices were written must stay readable: its file may switch it off, and not be gone."""

from sqlalchemy import select

from db.models.notices import Notice
from db.session import Database
from monitor.core.errors import ConfigError
from monitor.notices.route_table import ROUTES


async def refuse_lost_routes(database: Database) -> None:
    """Raise ConfigError where notices were written by a route that no file describes any more.

    Nothing could be shown, followed or taken back of them, one page and one job after the other.
    """
    async with database.read() as session:
        used = set((await session.scalars(select(Notice.route).distinct())).all())
    lost = sorted(used - set(ROUTES))
    if lost:
        raise ConfigError(
            f"[notices] routes_folder lacks {', '.join(lost)}, by which notices were written; put the file back, and "
            "write `in_use = false` in it so that nobody takes this route any more"
        )
