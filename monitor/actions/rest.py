"""What an advocate is exposed to, and breaks. For them alone: no lead sees it, and nothing is compared with anybody.

Counted is that a folded text was opened, not which. Times are real time: this is about people at screens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.oversight import ExposureDay
from db.models.people import Advocate
from db.queries.actors import AdvocateActor
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.notices.fields import KST

USUAL_MINUTES = 60
SHORTEST, LONGEST = 10, 240
PUT_OFF = timedelta(minutes=10)
DAYS = 14
"""That an advocate sees of what they opened."""
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rest:
    """An advocate's own days, and when they are reminded."""

    days: Sequence[tuple[date, int]]
    """The last ones, today first: how many folded texts were opened."""
    minutes: int
    """After how many they are reminded; 0: not at all."""
    next_at: datetime | None


async def rest_of(session: AsyncSession, actor: AdvocateActor, now: datetime) -> Rest:
    """One's own."""
    today = _day(now)
    first = today - timedelta(days=DAYS - 1)
    mine = (ExposureDay.advocate_id == actor.id, ExposureDay.day >= first)
    rows = await session.execute(select(ExposureDay.day, ExposureDay.opened).where(*mine))
    opened = {row[0]: row[1] for row in rows}
    advocate = await session.get_one(Advocate, actor.id)
    days = [(day, opened.get(day, 0)) for day in (today - timedelta(days=back) for back in range(DAYS))]
    return Rest(days, _minutes(advocate.break_minutes), advocate.next_break_at)


async def count_opened(session: AsyncSession, actor: AdvocateActor, now: datetime) -> int:
    """A folded text was opened. How many today. Rows of long ago are nobody's business any more."""
    day = _day(now)
    if await insert_unless_there(session, ExposureDay, advocate_id=actor.id, day=day, opened=0):
        old = (ExposureDay.advocate_id == actor.id, ExposureDay.day < day - KEPT)
        await session.execute(delete(ExposureDay).where(*old))
    mine = (ExposureDay.advocate_id == actor.id, ExposureDay.day == day)
    one_more = update(ExposureDay).where(*mine).values(opened=ExposureDay.opened + 1).returning(ExposureDay.opened)
    return (await session.execute(one_more)).scalar_one()


async def set_break(session: AsyncSession, actor: AdvocateActor, minutes: int, now: datetime) -> None:
    """After how many minutes at work they want to be reminded; 0: not at all. Raises RuleBroken(INVALID)."""
    if minutes != 0 and not SHORTEST <= minutes <= LONGEST:
        raise RuleBroken(Refusal.INVALID, f"a reminder comes after {SHORTEST} to {LONGEST} minutes, or not at all")
    await _set(session, actor.id, break_minutes=minutes, next_break_at=_next(minutes, now))


async def begin_work(session: AsyncSession, advocate_id: str, now: datetime) -> None:
    """They logged in, or come back from a break: the time to the next one begins."""
    minutes = await session.scalar(select(Advocate.break_minutes).where(Advocate.id == advocate_id))
    await _set(session, advocate_id, next_break_at=_next(_minutes(minutes), now))


async def put_off(session: AsyncSession, actor: AdvocateActor, now: datetime) -> None:
    """Not now: they are reminded again a little later."""
    await _set(session, actor.id, next_break_at=now + PUT_OFF)


def is_due(actor: AdvocateActor, now: datetime) -> bool:
    """Whether they are reminded now."""
    return actor.next_break_at is not None and actor.next_break_at <= now


async def _set(session: AsyncSession, advocate_id: str, **values: object) -> None:
    await session.execute(update(Advocate).where(Advocate.id == advocate_id).values(**values))


def _minutes(kept: int | None) -> int:
    return USUAL_MINUTES if kept is None else kept


def _next(minutes: int, now: datetime) -> datetime | None:
    return now + timedelta(minutes=minutes) if minutes else None


def _day(now: datetime) -> date:
    return now.astimezone(KST).date()
