"""The escalate job: a deadline lapsed, and the next step of the route is prepared for a person."""

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.queries.stops import why_paused
from db.session import Database
from monitor.context.context import DomainContext
from monitor.model.notice_states import NoticeState
from monitor.model.states import CaseState
from monitor.notices.lapsing import lapse


class Escalator:
    """Prepares next steps. Nothing is sent."""

    def __init__(self, database: Database, context: DomainContext) -> None:
        self._database, self._context = database, context

    async def escalate(self, notice_id: str) -> None:
        """Prepare the next steps of the notice's route. Nothing is sent: a person decides."""
        async with self._database.begin() as session:
            notice = await lock_one(session, Notice, notice_id)
            case = await session.get_one(Case, notice.case_id)
            if notice.state != NoticeState.SENT or case.state != CaseState.VOUCHED:
                return
            if await why_paused(session, case.id) is not None:
                return  # the check that follows when work goes on asks for this again
            await lapse(session, self._context, notice, case)
