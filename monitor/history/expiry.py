"""The end of what is kept: consents that ended, time that is over, and keys that a death left behind."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, tuple_

from db.models.seen import SeenMedium
from db.models.sources import Source
from db.queries.consents import watched_sources
from db.queries.seen import sources_with_kept
from db.session import Database
from monitor.context.context import DomainContext
from monitor.history.forgetting import forget_source
from monitor.keys.store import SEEN, seen_key_parts
from monitor.sources.sources import locked

log = logging.getLogger(__name__)

_AT_A_TIME = 500
"""Rows of one transaction: nobody waits long for it."""


async def end_seen(database: Database, context: DomainContext, *, seen_for: timedelta) -> None:
    """Destroy whatever may no longer be kept. Doing it again changes nothing."""
    await _end_unwatched(database, context, off=not seen_for)
    await _end_old(database, context.now() - seen_for)
    await _destroy_keys(database, context, seen_for)


async def _end_unwatched(database: Database, context: DomainContext, *, off: bool) -> None:
    """Sources whose last consent has ended by itself, and all of them when keeping is switched off."""
    named = {seen_key_parts(name)[0] for name in context.keys.names(SEEN)}
    async with database.read() as session:
        kept = sorted(await sources_with_kept(session) | named)
        watched = await watched_sources(session, kept, context.now())
        known = set((await session.scalars(select(Source.id).where(Source.id.in_(kept)))).all())
    for source_id in kept:
        if source_id in known and (off or source_id not in watched):
            async with database.begin() as session:
                source = await locked(session, source_id)
                # Asked again: somebody may have consented just now.
                if off or not await watched_sources(session, [source_id], context.now()):
                    await forget_source(session, context, source)


async def _end_old(database: Database, before: datetime) -> None:
    """Rows whose time is over, or whose epoch is: their keys are destroyed."""
    stale = (SeenMedium.seen_at <= before) | (SeenMedium.epoch != Source.seen_epoch)
    identity = (SeenMedium.source_id, SeenMedium.post_id, SeenMedium.media_id)
    while True:
        async with database.begin() as session:
            query = select(*identity).join(Source, Source.id == SeenMedium.source_id).where(stale)
            # One order, and the source first, as everybody does who writes these rows.
            found = (await session.execute(query.order_by(*identity).limit(_AT_A_TIME))).all()
            for source_id in sorted({row[0] for row in found}):
                await locked(session, source_id)
            if found:
                wanted = tuple_(*identity).in_([tuple(row) for row in found])
                await session.execute(delete(SeenMedium).where(wanted, SeenMedium.seen_at <= before))
                over = select(Source.seen_epoch).where(Source.id == SeenMedium.source_id).scalar_subquery()
                await session.execute(delete(SeenMedium).where(wanted, SeenMedium.epoch != over))
        if len(found) < _AT_A_TIME:
            return


async def _destroy_keys(database: Database, context: DomainContext, seen_for: timedelta) -> None:
    """Keys of days that are over as a whole, of epochs that are over, and of sources that nobody knows."""
    first_day = (context.now() - seen_for).astimezone(UTC).date()
    # The names before the epochs: a key that is made meanwhile belongs to an epoch that is read here, or is not listed.
    names = context.keys.names(SEEN)
    async with database.read() as session:
        epochs = {row.id: row.seen_epoch for row in await session.execute(select(Source.id, Source.seen_epoch))}
    over = []
    for name in names:
        source_id, epoch, day = seen_key_parts(name)
        if day < first_day or epoch < epochs.get(source_id, epoch + 1):
            over.append(name)
    if over:
        # In a thread: PostgreSQL rewrites the table of keys for it.
        await asyncio.to_thread(context.keys.destroy_all, over)
        log.info("keys of seen media destroyed", extra={"keys": len(over)})
