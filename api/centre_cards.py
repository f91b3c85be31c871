"""The centres that work here, as everybody is told of them: read at most twice a minute, however many ask."""

import asyncio
import time
from collections.abc import Sequence

from api.schemas.centres import CentreCard
from api.views.centres import card
from monitor.actions.centre_profile import Centre, working_centres
from monitor.app.bootstrap import Services

KEPT_S = 30.0
"""Real seconds: no stranger makes work, and a change is seen soon; the process that made it sees it at once."""


class CentreCards:
    """One a process."""

    def __init__(self, services: Services) -> None:
        self._services, self._lock = services, asyncio.Lock()
        self._read: Sequence[Centre] = ()
        self._until = 0.0

    async def get(self) -> list[CentreCard]:
        """Open or closed as of now, whenever they were read."""
        async with self._lock:
            if time.monotonic() >= self._until:
                async with self._services.database.read() as session:
                    self._read = await working_centres(session, self._services.context)
                self._until = time.monotonic() + KEPT_S
        now = self._services.context.now()
        return [card(one, now) for one in self._read]

    def forget(self) -> None:
        """Something changed here."""
        self._until = 0.0
