"""The resend job: an identical re-upload leaves with no other decision, or waits for one like any other."""

import logging

from sqlalchemy import select

from db.locking import lock_if_there, lock_one, lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.session import Database
from monitor.actions.resend import resend
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken

log = logging.getLogger(__name__)


class Resender:
    """Runs once for each re-upload of a case that has it switched on. Again after a death: nothing is done twice."""

    def __init__(self, database: Database, context: DomainContext) -> None:
        self._database, self._context = database, context

    async def resend(self, sighting_id: str) -> None:
        """Report it, where everything holds that must."""
        async with self._database.read() as session:
            case_id = await session.scalar(select(Sighting.case_id).where(Sighting.id == sighting_id))
        if case_id is None:
            return
        try:
            async with self._database.begin() as session:
                case = await lock_one(session, Case, case_id)
                sighting = await lock_if_there(session, Sighting, sighting_id)
                if sighting is None:
                    return
                await lock_rows(session, select(Notice).where(Notice.sighting_id == sighting_id))
                done = await resend(session, self._context, case, sighting)
        except RuleBroken as refused:  # rolled back as a whole: an advocate decides, and sees why it cannot be sent
            log.info("re-upload not sent", extra={"sighting_id": sighting_id, "reason": refused.reason})
            return
        why = None if done.why_not is None else done.why_not.value
        log.info("re-upload handled", extra={"sighting_id": sighting_id, "reason": why, "count": len(done.notices)})
