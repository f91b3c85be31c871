"""The tick that marks sightings, so that what they have in common can be counted without opening them."""

from db.session import Database
from monitor.context.context import DomainContext
from monitor.sightings.marks import AT_A_TIME, mark_sightings

MARK_SECONDS = 15.0
"""Real seconds between two looks whether something is to be marked."""
_ROUNDS = 10
"""At a time: after an update of an old installation the rest waits for the next tick."""


class LinkMarks:
    """Runs in every worker: a mark that another one made is left as it is."""

    def __init__(self, database: Database, context: DomainContext) -> None:
        self._database, self._context = database, context

    async def tick(self) -> None:
        """Mark what was found since the last one."""
        for _ in range(_ROUNDS):
            if await mark_sightings(self._database, self._context) < AT_A_TIME:
                return
