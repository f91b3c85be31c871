"""Picks up replies and calls of webhooks whose time has come and whose workflow is not there."""

import logging
from datetime import datetime

from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import NoticeReply, PlatformCall
from db.queries.stops import at_work
from db.session import Database
from monitor.context.context import DomainContext
from monitor.model.platform_answers import ReplyState
from monitor.work import tasks
from monitor.work.worker import Worker

log = logging.getLogger(__name__)


async def sweep_platform_side(database: Database, context: DomainContext, worker: Worker, *, overdue: datetime) -> None:
    """The old id may be spent, so the next attempt gets a new one; what was cut off while sending is put in doubt."""
    async with database.read() as session:
        waiting = select(PlatformCall).join(Case, (Case.id == PlatformCall.case_id) & at_work())
        calls = (await session.scalars(waiting.where(PlatformCall.due_at < overdue))).all()
        theirs = select(NoticeReply).join(Case, (Case.id == NoticeReply.case_id))
        due = (NoticeReply.due_at < overdue) & (at_work() | (NoticeReply.state == ReplyState.SENDING))
        replies = (await session.scalars(theirs.where(due))).all()
    found_calls = {tasks.call_platform(row.id, row.attempt).id: row for row in calls}
    found_replies = {tasks.send_reply(row.id, row.attempt).id: row for row in replies}
    live = await worker.live([*found_calls, *found_replies])
    for task_id in found_calls.keys() - live:
        row = found_calls[task_id]
        async with database.begin() as session:
            call = await session.get_one(PlatformCall, row.id)
            if call.due_at is not None and call.attempt == row.attempt:
                call.attempt, call.due_at = call.attempt + 1, context.now()
                await context.enqueue(session, tasks.call_platform(call.id, call.attempt))
    for task_id in found_replies.keys() - live:
        kept = found_replies[task_id]
        async with database.begin() as session:
            await lock_one(session, Notice, kept.notice_id)
            reply = await session.get_one(NoticeReply, kept.id, populate_existing=True)
            if reply.due_at is None or reply.attempt != kept.attempt:
                continue
            if reply.state == ReplyState.QUEUED:
                reply.attempt += 1
            # Of one that was being sent the same attempt is asked for again, which puts it in doubt.
            again = tasks.send_reply(reply.id, reply.attempt)
            if reply.state == ReplyState.SENDING:
                again = tasks.settle_reply(reply.id, reply.attempt, int(context.now().timestamp()))
            reply.due_at = context.now()
            log.warning("picked up a stranded reply", extra={"notice_id": reply.notice_id, "state": reply.state})
            await context.enqueue(session, again)
