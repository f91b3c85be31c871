"""What can be wrong with the installation itself, looked at by the clock: each condition raises and ends its alert."""

import asyncio
import logging
import shutil
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from db.session import Database, is_sqlite
from monitor.context.alert_words import operator_words
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.clock_watch import ClockWatch
from monitor.core.errors import DeliveryError
from monitor.delivery.smtp_operator import OperatorMail
from monitor.work.backlog import STUCK_AFTER, waiting_since
from monitor.work.pulses import missing_workers

log = logging.getLogger(__name__)

CONDITIONS_SECONDS = 60.0
"""Real seconds between two looks."""
LEAST_FREE = 200 * 1000 * 1000
"""Bytes: enough to write this alert, and to finish what is begun."""
TOLD_FOR = timedelta(days=1)
"""How long it is told that nothing could be saved, once it can be again."""
_MAIL_SECONDS = 3600.0


class Conditions:
    """A tick of every worker."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        folders: Collection[Path],
        *,
        clocks: ClockWatch,
        mail: OperatorMail | None = None,
        worker: str = "",
    ) -> None:
        """`folders`: where this process writes. `mail`: what can be told while nothing can be written. `worker`: the
        name of this one."""
        self._database, self._context, self._folders = database, context, tuple(folders)
        self._clocks, self._mail, self._worker = clocks, mail, worker
        self._failed_looks, self._mailed_at = 0, float("-inf")

    async def tick(self) -> None:
        """Look at everything once. Where even that cannot be written down, say so in the log and by mail."""
        try:
            await self._look()
        except (SQLAlchemyError, OSError) as error:
            self._failed_looks += 1
            log.error("nothing can be saved", extra={"reason": type(error).__name__, "looks": self._failed_looks})
            await self._mail_directly()
            return
        self._failed_looks = 0

    async def _look(self) -> None:
        usages = [await asyncio.to_thread(shutil.disk_usage, each) for each in self._folders]
        free = min(usage.free for usage in usages)
        async with self._database.begin() as session:
            await self._ask_the_time(session)
            oldest, wrong = await waiting_since(session), self._clocks.wrong()
            found = {
                AlertKind.DISK_FULL: ("disk", free < LEAST_FREE),
                AlertKind.QUEUE_STUCK: ("queue", oldest is not None and datetime.now(UTC) - oldest > STUCK_AFTER),
                AlertKind.WORKER_MISSING: ("worker", await missing_workers(session, asking=self._worker) > 0),
                AlertKind.CLOCK_OFF: ("clock", wrong is not None),
                AlertKind.WRITE_FAILED: ("database", await self._write_failed(session)),
            }
            for kind, (subject, holds) in found.items():
                if holds:
                    await self._context.alert(session, kind, subject, "not-yet-over")
                else:
                    await self._context.resolve(session, kind, subject)

    async def _ask_the_time(self, session: AsyncSession) -> None:
        """A database's server has a clock of its own."""
        if not is_sqlite(self._database.url):
            there = await session.scalar(text("SELECT clock_timestamp()"))
            assert isinstance(there, datetime)  # noqa: S101 - what the function returns
            self._clocks.saw("database", there)

    async def _write_failed(self, session: AsyncSession) -> bool:
        """Told from when it works again, for a day: what people entered meanwhile was refused; they may not know."""
        since = await self._context.raised_at(session, AlertKind.WRITE_FAILED, "database")
        return self._failed_looks > 0 or (since is not None and self._context.now() - since < TOLD_FOR)

    async def _mail_directly(self) -> None:
        """No alert can be stored now. The second look in a row tells it, and then each hour."""
        if self._mail is None or self._failed_looks < 2 or time.monotonic() - self._mailed_at < _MAIL_SECONDS:
            return
        words = operator_words(AlertKind.WRITE_FAILED)
        try:
            await self._mail.send(
                "Jikimi: nothing can be saved / 저장할 수 없음", f"{words.english}.\n\n{'-' * 8}\n\n{words.korean}\n"
            )
        except DeliveryError as error:
            log.error("the operator's mail did not leave: %s; see [alerts] email and [smtp]", error.reason)
            return
        self._mailed_at = time.monotonic()
