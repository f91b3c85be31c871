"""Two of a person's words together in a post's text make a review sighting of its picture: never more than a review.

Only that it fitted and where is kept, and what every sighting keeps of its post. Which words they were is not.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import unless_held
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.names import found_by_names, terms_to_find
from monitor.context.context import DomainContext
from monitor.model.facts import PictureKind
from monitor.model.names import two_together
from monitor.model.records.name_term import NameTermRecord
from monitor.platforms.base import PlatformName
from monitor.sightings.record import NAMES_FIT, Unmatched, write_sighting
from monitor.sources.media_reader import ReadMedium

MOST_A_DAY = 20
"""Sightings of one case by names: a word that many share must not bury its queue."""
NameHits = Mapping[str, Sequence[ReadMedium]]
"""By case: the media whose posts hold two of its words."""


async def find_names(
    session: AsyncSession, context: DomainContext, source_id: str, media: Sequence[ReadMedium]
) -> NameHits:
    """What fits; nothing where names are not looked for here, or on this platform. Nothing is written."""
    texts = [one for one in media if one.hashed is not None and one.post.caption]
    if not context.names or not texts:
        return {}
    source = await session.get_one(Source, source_id)
    if source.platform != PlatformName.TELEGRAM:
        return {}
    rows = await terms_to_find(session, source_id, context.now())
    sealed = [(row.case_id, row.id, row.payload) for row in rows]
    return await asyncio.to_thread(_found, context, sealed, texts) if sealed else {}


async def write_names(session: AsyncSession, context: DomainContext, source_id: str, hits: NameHits) -> None:
    """Write the sightings, with the source locked: of what may still be looked for, and no more than in a day."""
    if not hits:
        return
    now = context.now()
    still = {row.case_id for row in await terms_to_find(session, source_id, now)}
    for case_id in sorted(set(hits) & still):
        left = MOST_A_DAY - await found_by_names(session, case_id, NAMES_FIT, now - timedelta(days=1))
        # Nobody knows yet what the picture is: an ordinary one takes no route of intimate pictures.
        match = Unmatched(case_id, PictureKind.ORDINARY, how=NAMES_FIT)
        for one in hits[case_id]:
            if left <= 0:
                break
            if one.hashed is None:
                continue
            new = await write_sighting(session, context, source_id, one.post, one.media, one.hashed, match)
            left -= new
            if not new:
                await _is_named(session, case_id, source_id, one)


async def _is_named(session: AsyncSession, case_id: str, source_id: str, one: ReadMedium) -> None:
    """A picture that was found as a copy stands beside the person's name: that comes first in the queue.

    After ledger entries, so no row is waited for: whoever holds it decides about it at this moment.
    """
    medium = (Sighting.post_id == one.post.id, Sighting.media_id == one.media.id, Sighting.named.is_(False))
    query = select(Sighting.id).where(Sighting.case_id == case_id, Sighting.source_id == source_id, *medium)
    ids = (await session.scalars(unless_held(query))).all()
    if ids:
        await session.execute(update(Sighting).where(Sighting.id.in_(ids)).values(named=True))


def _found(
    context: DomainContext, sealed: Sequence[tuple[str, str, bytes]], media: Sequence[ReadMedium]
) -> dict[str, list[ReadMedium]]:
    words: dict[str, list[str]] = defaultdict(list)
    for case_id, row_id, payload in sealed:
        words[case_id].append(context.open_record(NameTermRecord, case_id, row_id, payload).term)
    found: dict[str, list[ReadMedium]] = {}
    for case_id, terms in words.items():
        fits = [one for one in media if two_together(one.post.caption or "", terms)]
        if fits:
            found[case_id] = fits
    return found
