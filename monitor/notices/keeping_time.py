"""A notice that left gets its clocks, as rows with absolute times."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice, NoticeClock
from monitor.notices.clocks import clocks_of
from monitor.notices.route import Start
from monitor.notices.route_table import ROUTES


async def start_clocks(session: AsyncSession, notice: Notice) -> None:
    """Write the clocks of a locked notice that has just left, in place of those of an earlier try."""
    await session.execute(delete(NoticeClock).where(NoticeClock.notice_id == notice.id))
    if notice.sent_at is None:
        return
    route = ROUTES[notice.route]
    for clock in clocks_of(
        notice.sent_at,
        answer_ends=notice.deadline_at,
        block_days=route.block_days,
        renew_days_before=route.renew_days_before,
        preserves=route.starts is Start.POLICE_REQUEST,
    ):
        session.add(
            NoticeClock(
                notice_id=notice.id,
                kind=clock.kind,
                case_id=notice.case_id,
                advocate_id=notice.created_by,
                ends_at=clock.ends_at,
                remind_at=clock.remind_at,
            )
        )
    await session.flush()
