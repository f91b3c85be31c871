"""Picks up reports about whole channels whose task is not there: it failed, was lost, or was stopped.

Such a report has no time by which it is due. It is enqueued in the transaction that queues it, and its task lives for
as long as it is tried, so that one without a living task is nobody's.
"""

import logging

from sqlalchemy import select

from db.locking import lock_one
from db.models.linking import PlaceReport
from db.session import Database
from monitor.context.context import DomainContext
from monitor.jobs.report_place import end_attempt
from monitor.jobs.setbacks import Setback, Whose
from monitor.model.place_reports import PlaceState
from monitor.platforms.base import PlatformName
from monitor.work import tasks
from monitor.work.worker import Worker

log = logging.getLogger(__name__)

NEVER_BEGUN = Setback("never-begun", Whose.OURS)


async def sweep_place_reports(database: Database, context: DomainContext, worker: Worker) -> None:
    """What was being sent is in doubt, and a person decides; what waits is asked for again, under a new id."""
    async with database.read() as session:
        under_way = PlaceReport.state.in_((PlaceState.QUEUED, PlaceState.SENDING))
        rows = (await session.scalars(select(PlaceReport).where(under_way).order_by(PlaceReport.id))).all()
    found = {_task(row).id: row for row in rows}
    for task_id in sorted(found.keys() - await worker.live(found)):
        async with database.begin() as session:
            row = await lock_one(session, PlaceReport, found[task_id].id)
            if _task(row).id != task_id:
                continue
            if row.state == PlaceState.SENDING:
                await end_attempt(session, context, row, PlaceState.IN_DOUBT, "cut-off-while-sending")
            elif row.state == PlaceState.QUEUED:
                NEVER_BEGUN.count(row)
                if NEVER_BEGUN.is_last(row):
                    await end_attempt(session, context, row, PlaceState.FAILED, NEVER_BEGUN.reason)
                else:
                    row.attempt += 1
                    await context.enqueue(session, _task(row))
            else:
                continue
        log.warning("picked up a stranded report", extra={"report_id": row.id, "state": row.state})


def _task(row: PlaceReport) -> tasks.Task:
    return tasks.report_place(row.id, row.attempt, PlatformName.TELEGRAM)
