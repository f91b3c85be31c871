"""A source as the jobs need it: may it be read now, and under which number?"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_one
from db.models.sources import Source
from db.queries.consents import cases_consenting
from db.session import Database
from db.types import new_id
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName, SourceRef


async def readable(database: Database, source_id: str, now: datetime, *, case_id: str | None = None) -> Source | None:
    """The source, while somebody consents to its being read and is not stopped; `case_id`: while this case does."""
    async with database.read() as session:
        watching = await cases_consenting(session, source_id, Purpose.WATCH, now)
        may = bool(watching) if case_id is None else case_id in watching
        return await session.get(Source, source_id) if may else None


async def source_named(session: AsyncSession, platform: str, handle: str, now: datetime) -> Source:
    """The row of a public channel or account, made where nobody named it before: the same statements either way."""
    values = {"platform": platform, "handle": handle.lower(), "posts_seen": 0, "added_at": now}
    await insert_unless_there(session, Source, id=new_id(), **values)
    query = select(Source).where(Source.platform == platform, Source.handle == handle.lower())
    return (await session.scalars(query)).one()


async def locked(session: AsyncSession, source_id: str) -> Source:
    """The source, first of all that a transaction locks; new rows may still refer to it meanwhile."""
    return await lock_one(session, Source, source_id)


def source_ref(source: Source) -> SourceRef:
    """A source's row as its adapter needs it."""
    return SourceRef(PlatformName(source.platform), source.handle, source.remote_id, source.access, source.title)
