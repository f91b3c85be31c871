"""Somebody's watch grew: what their sources showed before must be compared with it too, at once."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_one
from db.models.seen import Backfill
from db.models.sources import Source
from db.queries.case_reading import read_for_case
from db.queries.consents import sources_consented
from monitor.context.context import DomainContext
from monitor.model.states import Purpose
from monitor.work import tasks
from monitor.work.backlog import crawls_waiting

READ_LATELY = timedelta(hours=1)
"""A source that was read for the case since is left to its next time slot."""


async def request_backfill(
    session: AsyncSession, context: DomainContext, case_id: str, source_ids: Iterable[str], *, crawl: bool = True
) -> None:
    """Let these sources be compared with the case, by a task that starts with the commit.

    A source that was not read lately for this case is crawled at once as well: then what it shows now is compared.
    That others had it read a moment ago saves nothing, or the case could tell. Without `crawl` it waits for its turn.
    Call it before the transaction's first ledger entry: several may ask for the same case, and the ledger comes last.
    """
    for source_id in sorted(set(source_ids)):
        row = await _asked(session, context, case_id, source_id)
        source = await session.get_one(Source, source_id)
        account = context.accounts.get(source.platform)
        read_at = await read_for_case(session, case_id, source_id)
        stale = read_at is None or context.now() - read_at > READ_LATELY
        if (
            crawl
            and stale
            and account is not None
            and not await crawls_waiting(session, tasks.joinings_of(source_id, case_id))
        ):
            await context.enqueue(session, tasks.crawl_now(source_id, account, case_id, str(row.attempt)))
        await context.enqueue(session, tasks.backfill(source_id, case_id, row.attempt))


async def request_case_backfill(session: AsyncSession, context: DomainContext, case_id: str) -> None:
    """The same for every source that a live consent of the case covers."""
    consented = await sources_consented(session, case_id, Purpose.WATCH, context.now())
    await request_backfill(session, context, case_id, consented)


async def _asked(session: AsyncSession, context: DomainContext, case_id: str, source_id: str) -> Backfill:
    key = {"case_id": case_id, "source_id": source_id}
    await insert_unless_there(session, Backfill, **key, attempt=0, tries=0)
    row = await lock_one(session, Backfill, (case_id, source_id))
    row.attempt, row.tries, row.due_at = row.attempt + 1, 0, context.now()
    await session.flush()
    return row
