"""What can be wrong with the installation itself, looked at by the clock: each condition raises and ends its alert."""

import asyncio
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.work.backlog import STUCK_AFTER, waiting_since

CONDITIONS_SECONDS = 60.0
"""Real seconds between two looks."""
LEAST_FREE = 200 * 1000 * 1000
"""Bytes: enough to write this alert, and to finish what is begun."""


class Conditions:
    """A tick of every worker."""

    def __init__(self, database: Database, context: DomainContext, folders: Collection[Path]) -> None:
        """`folders`: where this process writes."""
        self._database, self._context, self._folders = database, context, tuple(folders)

    async def tick(self) -> None:
        """Look at everything once."""
        usages = [await asyncio.to_thread(shutil.disk_usage, each) for each in self._folders]
        free = min(usage.free for usage in usages)
        async with self._database.begin() as session:
            oldest = await waiting_since(session)
            found = {
                AlertKind.DISK_FULL: ("disk", free < LEAST_FREE),
                AlertKind.QUEUE_STUCK: ("queue", oldest is not None and datetime.now(UTC) - oldest > STUCK_AFTER),
            }
            for kind, (subject, holds) in found.items():
                if holds:
                    await self._context.alert(session, kind, subject, "not-yet-over")
                else:
                    await self._context.resolve(session, kind, subject)
