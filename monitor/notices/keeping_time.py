"""A notice that left gets its clocks, as rows with absolute times."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice, NoticeClock
from monitor.notices.centre_before import in_charge_after
from monitor.notices.clocks import Clock, ClockKind, clocks_of
from monitor.notices.deadlines import lapse_at
from monitor.notices.route import Start
from monitor.notices.route_table import ROUTES


async def start_clocks(session: AsyncSession, notice: Notice) -> None:
    """Write the clocks of a locked notice that has just left, in place of those of an earlier try."""
    await session.execute(delete(NoticeClock).where(NoticeClock.notice_id == notice.id))
    if notice.sent_at is None:
        return
    in_charge = await in_charge_after(session, notice, by=notice.created_by)
    for clock in _from(notice, notice.sent_at, notice.deadline_at):
        _add(session, notice, clock, clock.kind, by=in_charge)
    await session.flush()


async def renew_clocks(session: AsyncSession, notice: Notice, at: datetime, *, by: str) -> None:
    """What a locked notice asks for was asked for again: what it blocks or preserves ends later, an answer is due anew.

    The notice's own answer stays due when it was. `by`: the advocate who asked.
    """
    in_charge = await in_charge_after(session, notice, by=by)
    for clock in _from(notice, at, lapse_at(ROUTES[notice.route], at)):
        kind = ClockKind.RENEWED if clock.kind is ClockKind.ANSWER else clock.kind
        mine = (NoticeClock.notice_id == notice.id, NoticeClock.kind == kind)
        await session.execute(delete(NoticeClock).where(*mine))
        _add(session, notice, clock, kind, by=in_charge)
    await session.flush()


def _from(notice: Notice, at: datetime, answer_ends: datetime | None) -> tuple[Clock, ...]:
    route = ROUTES[notice.route]
    return clocks_of(
        at,
        answer_ends=answer_ends,
        block_days=route.block_days,
        renew_days_before=route.renew_days_before,
        preserves=route.starts is Start.POLICE_REQUEST,
    )


def _add(session: AsyncSession, notice: Notice, clock: Clock, kind: ClockKind, *, by: str) -> None:
    session.add(
        NoticeClock(
            notice_id=notice.id,
            kind=kind,
            case_id=notice.case_id,
            advocate_id=by,
            ends_at=clock.ends_at,
            remind_at=clock.remind_at,
        )
    )
