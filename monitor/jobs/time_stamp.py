"""The value of each day goes to an authority outside, once the day is over. Nothing else waits for it.

An authority that is down is asked again, for every day that it missed; its time-stamps are then later, and count from
then on. The operator is told.
"""

import asyncio
import logging
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from db.inserting import insert_unless_there
from db.models.time_stamps import TimeStamp
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import AuthorityUnavailable, TimeStampError
from monitor.evidence.chain import sha256
from monitor.evidence.days import day_root
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.time_authority import Stamped, TimeAuthority
from monitor.evidence.time_stamps import stamped_message

log = logging.getLogger(__name__)

RETRY = timedelta(minutes=10)
"""Between two tries for one day."""
PATIENCE = timedelta(hours=1)
"""How long an authority may give no answer before the operator is told."""
MOST_DAYS = 31
"""Days that are caught up in one tick."""
AUTHORITY = "authority"
"""The subject of the alert."""
GRACE = timedelta(minutes=5)
"""After midnight: what was signed just before it is in the file by then."""


class TimeStamper:
    """A tick of every worker: whoever comes first stamps a day, and what another did meanwhile stays."""

    def __init__(
        self, database: Database, context: DomainContext, authority: TimeAuthority, *, heads_file: Path
    ) -> None:
        self._database, self._context, self._authority = database, context, authority
        self._heads_file = heads_file

    async def tick(self) -> None:
        """Note the days that are over, and ask for what is still missing, the earliest first."""
        await self._note_days()
        now = self._context.now()
        async with self._database.read() as session:
            missing = select(TimeStamp).where(TimeStamp.response.is_(None)).order_by(TimeStamp.day)
            rows = [(row.day, row.root, row.asked_at) for row in await session.scalars(missing)]
        for day, root, asked_at in rows[:MOST_DAYS]:
            if asked_at is not None and now - asked_at < RETRY:
                return
            try:
                stamped = await self._authority.stamp(stamped_message(day, root))
            except TimeStampError as error:
                await self._failed(day, error)
                return  # the next day would meet the same
            await self._stamped(day, stamped)

    async def _note_days(self) -> None:
        last_over = (self._context.now() - GRACE).date() - timedelta(days=1)
        async with self._database.read() as session:
            newest = await session.scalar(select(func.max(TimeStamp.day)))
        after = last_over if newest is None else date.fromisoformat(newest) + timedelta(days=1)
        for number in range(min(MOST_DAYS, (last_over - after).days + 1)):
            day = after + timedelta(days=number)
            value = await asyncio.to_thread(day_root, self._context.keys, self._heads_file, day)
            async with self._database.begin() as session:
                values = {"root": value, "authority": self._authority.url[:300], "added_at": self._context.now()}
                await insert_unless_there(session, TimeStamp, day=day.isoformat(), tries=0, **values)

    async def _failed(self, day: str, error: TimeStampError) -> None:
        now, reason = self._context.now(), error.reason[:64]
        log.warning("day not time-stamped", extra={"day": day, "reason": reason})
        async with self._database.begin() as session:
            row = await session.get_one(TimeStamp, day)
            if row.response is not None:
                return
            row.asked_at, row.tries, row.reason = now, row.tries + 1, reason
            row.authority = self._authority.url[:300]
            # A no, a foreign certificate or one that is over do not pass by themselves.
            if not isinstance(error, AuthorityUnavailable) or _waited(row, now) >= PATIENCE:
                await self._context.alert(session, AlertKind.TIME_STAMP_MISSING, AUTHORITY, reason)

    async def _stamped(self, day: str, stamped: Stamped) -> None:
        async with self._database.begin() as session:
            authority = self._authority.url[:300]
            # In one statement: another worker may have got one at this moment.
            given = (
                update(TimeStamp)
                .where(TimeStamp.day == day, TimeStamp.response.is_(None))
                .values(response=stamped.response, stamped_at=stamped.at, reason=None, authority=authority)
                .values(asked_at=self._context.now(), tries=TimeStamp.tries + 1)
                .returning(TimeStamp.root)
            )
            root = await session.scalar(given)
            if root is None:
                return
            left = select(TimeStamp.day).where(TimeStamp.response.is_(None)).limit(1)
            if await session.scalar(left) is None:
                await self._context.resolve(session, AlertKind.TIME_STAMP_MISSING, AUTHORITY)
            await self._context.record_installation(
                session,
                EntryKind.DAY_STAMPED,
                day=day,
                root=root,
                authority=authority,
                stamped_at=stamped.at.isoformat(),
                response_sha256=sha256(stamped.response),
            )
        log.info("day time-stamped", extra={"day": day})


def _waited(row: TimeStamp, now: datetime) -> timedelta:
    return now - row.added_at
