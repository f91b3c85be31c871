"""What everybody may see of the figures: made at most once an hour, however many ask."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from monitor.app.bootstrap import Services
from monitor.core.errors import NotFound
from monitor.exports.public_figures import PublicRow, public_rows
from monitor.exports.route_figures import figures_by_platform_and_route

KEPT_S = 3600.0
"""Real seconds: so no stranger makes work, and nobody sees one removal by asking twice."""


@dataclass(frozen=True, slots=True)
class Made:
    """The figures, and when they were made."""

    at: datetime
    rows: tuple[PublicRow, ...]


class PublicFigures:
    """One a process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = asyncio.Lock()
        self._made: Made | None = None
        self._until = 0.0

    async def get(self) -> Made:
        """Raises NotFound where the operator did not switch them on."""
        if not self._services.settings.web.public_figures:
            raise NotFound
        async with self._lock:
            if self._made is None or time.monotonic() >= self._until:
                now = self._services.context.now()
                async with self._services.database.read() as session:
                    figures = await figures_by_platform_and_route(session, None, now=now)
                self._made, self._until = Made(now, public_rows(figures)), time.monotonic() + KEPT_S
            return self._made
