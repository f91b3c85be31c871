"""Work that was stopped goes on: what was posted meanwhile is compared, and nothing that waited is forgotten."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_rows
from db.models.cases import Case, KnownLink
from db.models.stops import Stop
from db.queries.stops import at_work
from db.session import Database
from db.types import new_id
from monitor.cases.stops import Scope
from monitor.context.context import DomainContext
from monitor.history.backfill import request_case_backfill
from monitor.model.states import CaseState, LinkState
from monitor.work import tasks
from monitor.work.tasks import Task


async def go_on(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """Read and compare for a vouched case again; call it with the case locked, before its ledger.

    Notices need nothing: they kept their due time, and the sweeper asks for their work as soon as it may.
    """
    if case.state != CaseState.VOUCHED:
        return
    await request_case_backfill(session, context, case.id)
    entered = (KnownLink.case_id == case.id, KnownLink.state == LinkState.ENTERED, KnownLink.public)
    for link in await session.scalars(select(KnownLink).where(*entered)):
        if link.platform is not None and link.platform in context.accounts:
            again = tasks.read_link(link.id, context.accounts[link.platform])
            # Under a new id: the engine runs no task twice.
            task = Task(f"{again.id}-{new_id()}", again.workflow, again.arguments, again.queue, again.partition)
            await context.enqueue(session, task)


async def catch_up(database: Database, context: DomainContext) -> None:
    """After a stop ended: case by case, each in a transaction of its own. A death in between begins it again."""
    async with database.read() as session:
        ended = select(Stop).where(Stop.ended_at.is_not(None), Stop.caught_up.is_(False))
        waiting = (await session.scalars(ended)).all()
        cases = [await _cases_of(session, stop) for stop in waiting]
    for stop, case_ids in zip(waiting, cases, strict=True):
        for case_id in case_ids:
            async with database.begin() as session:
                for case in await lock_rows(session, select(Case).where(Case.id == case_id, at_work())):
                    await go_on(session, context, case)
        async with database.begin() as session:
            row = await lock_if_there(session, Stop, stop.id)
            if row is not None and row.ended_at == stop.ended_at:
                row.caught_up = True


async def _cases_of(session: AsyncSession, stop: Stop) -> Sequence[str]:
    query = select(Case.id).where(Case.state == CaseState.VOUCHED, at_work()).order_by(Case.id)
    if stop.scope == Scope.ORGANISATION:
        query = query.where(Case.organisation_id == stop.subject)
    return (await session.scalars(query)).all()
