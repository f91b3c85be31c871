"""Holding an item: its case, its copies, what joined by them, and their notices."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.notices import Notice
from db.queries.actors import AdvocateActor
from db.queries.queue import HeldItem, lock_item
from db.queries.sightings import lock_notices_about
from monitor.core.errors import NotFound

MOST_AT_ONCE = 100
"""Copies that one transaction decides about, the first found first: an item of more is decided in several goes."""


async def held_item(session: AsyncSession, actor: AdvocateActor, sighting_id: str) -> HeldItem:
    """All that a decision about it writes to. Raises NotFound."""
    held = await lock_item(session, actor, sighting_id)
    if held is None:
        raise NotFound
    await _lock_notices(session, [row.id for row in held.copies])
    return held


async def _lock_notices(session: AsyncSession, sighting_ids: Sequence[str]) -> None:
    about = select(Notice.sighting_id).where(Notice.sighting_id.in_(sighting_ids)).distinct()
    with_notices = sorted((await session.scalars(about)).all())
    if len(with_notices) == 1:
        await lock_notices_about(session, with_notices[0])
    elif with_notices:
        # Those that leave in one message with them too: what is withdrawn of one changes the others' text.
        leads = select(Notice.together_id).where(Notice.sighting_id.in_(sighting_ids), Notice.together_id.is_not(None))
        own = Notice.sighting_id.in_(sighting_ids)
        carried = select(Notice.id).where(Notice.sighting_id.in_(sighting_ids))
        mates = Notice.id.in_(leads) | Notice.together_id.in_(leads) | Notice.together_id.in_(carried)
        await lock_rows(session, select(Notice).where(own | mates))
