"""The operator's mail: one digest of what is open and was not told yet, at most one an hour."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from db.inserting import insert_or_lock
from db.models.pulses import Pulse
from db.models.sources import Alert
from db.session import Database
from monitor.actions.alert_lines import AlertLine, alert_lines
from monitor.actions.alerts import operator_alerts
from monitor.context.alert_words import operator_words
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryError
from monitor.delivery.smtp_operator import OperatorMail

log = logging.getLogger(__name__)

AT_MOST_EVERY = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=5)
"""A digest that did not leave is tried again."""
_ROW = "digest"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class OperatorDigest:
    """A tick. Whichever worker comes first has the turn; the others find it taken."""

    def __init__(self, database: Database, context: DomainContext, mail: OperatorMail) -> None:
        self._database, self._context, self._mail = database, context, mail

    async def tick(self) -> None:
        """Send what is due, outside every transaction; what was told is marked once it left."""
        rows = await self._take_turn()
        if not rows:
            return
        lines = alert_lines(rows)
        try:
            await self._mail.send(subject_of(lines), body_of(lines))
        except DeliveryError as error:
            log.error("the operator's mail did not leave: %s; see [alerts] email and [smtp]", error.reason)
            await self._note_failure(error.reason)
            return
        await self._note_sent(rows)

    async def _take_turn(self) -> Sequence[Alert]:
        """What is open now, where something of it is new and the last mail is long enough ago; else nothing."""
        now = self._context.now()
        async with self._database.begin() as session:
            turn = await insert_or_lock(session, Pulse, unique="id", id=_ROW, at=_LONG_AGO)
            rows = await operator_alerts(session)
            if now < turn.at + AT_MOST_EVERY or all(row.mailed_at is not None for row in rows):
                return ()
            turn.at = now
            return rows

    async def _note_sent(self, rows: Sequence[Alert]) -> None:
        for row in rows:
            # One by one: a crawl changes several in its own order. What was raised again meanwhile is news.
            async with self._database.begin() as session:
                same = (Alert.id == row.id, Alert.raised_at == row.raised_at)
                await session.execute(update(Alert).where(*same).values(mailed_at=self._context.now()))
        async with self._database.begin() as session:
            await self._context.resolve(session, AlertKind.OPERATOR_NOT_TOLD, "mail")

    async def _note_failure(self, reason: str) -> None:
        async with self._database.begin() as session:
            turn = await insert_or_lock(session, Pulse, unique="id", id=_ROW, at=_LONG_AGO)
            turn.at = self._context.now() - AT_MOST_EVERY + RETRY_AFTER
            await self._context.alert(session, AlertKind.OPERATOR_NOT_TOLD, "mail", reason[:64])


def subject_of(lines: Sequence[AlertLine]) -> str:
    """How many alerts are open."""
    return f"Jikimi: {sum(line.count for line in lines)} open alerts / 열린 알림"


def body_of(lines: Sequence[AlertLine]) -> str:
    """Kinds, numbers and what to do, in both languages."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.kind] = counts.get(line.kind, 0) + line.count
    english = [f"{number} x {kind}: {operator_words(kind).english}." for kind, number in counts.items()]
    korean = [f"{kind} {number}건: {operator_words(kind).korean}" for kind, number in counts.items()]
    closing = '`python -m monitor check` lists them; docs/operating.md, "Alerts", has a line for each.'
    return "\n\n".join([*english, closing, "-" * 8, *korean]) + "\n"
