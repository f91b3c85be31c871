"""Work that visitors did, each piece taken once."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import unless_held
from db.models.admission import SpentWork


async def spend_work(session: AsyncSession, work_id: str, *, until: datetime, now: datetime) -> bool:
    """Take a piece of work; False when it was taken before. Forgets pieces that are over. `now` is real time."""
    over = unless_held(select(SpentWork.id).where(SpentWork.until < now).limit(1000))
    await session.execute(delete(SpentWork).where(SpentWork.id.in_(over)))
    return await insert_unless_there(session, SpentWork, id=work_id, until=until)
