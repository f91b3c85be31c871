"""What is on record of the media that were inspected, and which of them are due to be inspected again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.sources import WITH_HASHES, Inspection, Source
from db.queries.seen import seen_of_posts
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.sources.media_reader import BROKEN_OFF, CHANGED, HOST_DOWN, PUT_OFF, READ_FAILED, ReadMedium

MOST_TRIES = 3
"""A medium whose reading failed so often is recorded as not inspected, so that one bad file never stops a source."""
HOST_PATIENCE = timedelta(days=7)
"""So long a medium waits for a host that answers nobody; then it is recorded as not inspected."""
MOST_TRIED_AGAIN = 5
"""Posts a crawl that are read again because the inspection of a medium of theirs broke off."""

MANY_WAIT = 3
"""So many media that wait for a host are no longer a bad file or two: somebody is told."""

_WAITING = (*BROKEN_OFF, PUT_OFF, HOST_DOWN)

MediumKey = tuple[str, str]
"""Ids of the post and of the medium in it."""


async def known_of(
    session: AsyncSession, source_id: str, post_ids: set[str]
) -> tuple[dict[MediumKey, Inspection], set[MediumKey]]:
    """What was inspected in these posts, and of which of it a fingerprint is kept."""
    source = await session.get_one(Source, source_id)
    query = select(Inspection).where(Inspection.source_id == source_id, Inspection.post_id.in_(post_ids))
    known = {(row.post_id, row.media_id): row for row in await session.scalars(query)}
    rows = await seen_of_posts(session, source, sorted(post_ids), version=FINGERPRINT_VERSION)
    return known, {(row.post_id, row.media_id) for row in rows}


def is_due(row: Inspection, before: datetime | None) -> bool:
    """A medium is inspected again when it went and came back, when it was put off, when reading it failed or its
    inspection broke off, a few times at most, or when that was `before`."""
    if row.gone_at is not None or row.outcome == PUT_OFF:
        return True
    if row.outcome in (READ_FAILED, HOST_DOWN, *BROKEN_OFF):
        return row.tries < MOST_TRIES
    return before is not None and row.outcome in WITH_HASHES and row.at < before


async def broken_off_in(session: AsyncSession, source_id: str) -> Sequence[str]:
    """Posts with a medium that an earlier crawl could not inspect to the end, and that is not given up yet."""
    waiting = (Inspection.outcome.in_(_WAITING), Inspection.tries < MOST_TRIES, Inspection.gone_at.is_(None))
    query = select(Inspection.post_id).where(Inspection.source_id == source_id, *waiting)
    # Last what waits for a host, which may be down still: then there is no more to try.
    for_host = func.min(case((Inspection.outcome == HOST_DOWN, 1), else_=0))
    oldest = query.group_by(Inspection.post_id).order_by(for_host, func.min(Inspection.at)).limit(MOST_TRIED_AGAIN)
    return (await session.scalars(oldest)).all()


async def waiting_for_host(session: AsyncSession, source_id: str) -> int:
    """How many media wait for their host while others answer."""
    waiting = (Inspection.outcome == HOST_DOWN, Inspection.tries < MOST_TRIES, Inspection.gone_at.is_(None))
    query = select(func.count()).where(Inspection.source_id == source_id, *waiting)
    return await session.scalar(query) or 0


async def oldest_unread(session: AsyncSession, source_id: str) -> datetime | None:
    """When the oldest post was posted whose medium waits for its host; None when none does."""
    waiting = (Inspection.outcome == READ_FAILED, Inspection.tries < MOST_TRIES, Inspection.gone_at.is_(None))
    return await session.scalar(
        select(func.min(Inspection.posted_at)).where(Inspection.source_id == source_id, *waiting)
    )


async def note_changed(
    session: AsyncSession, source_id: str, shown: Mapping[str, Collection[str]], now: datetime
) -> int:
    """Let the next crawl read what older posts show since: media that were never inspected, or went and came back.

    Returns how many. Call it with the source locked.
    """
    mine = (Inspection.source_id == source_id, Inspection.post_id.in_(shown))
    known = {(row.post_id, row.media_id): row for row in await session.scalars(select(Inspection).where(*mine))}
    changed = 0
    for post_id, media_id in sorted((post_id, one) for post_id, ids in shown.items() for one in ids):
        row = known.get((post_id, media_id))
        if row is None:
            key = {"source_id": source_id, "post_id": post_id, "media_id": media_id}
            await insert_unless_there(session, Inspection, **key, at=now, outcome=CHANGED, tries=0)
        elif row.gone_at is not None:
            row.at, row.outcome, row.tries, row.gone_at, row.gone_for = now, CHANGED, 0, None, None
        else:
            continue
        changed += 1
    return changed


async def count_unseen(
    session: AsyncSession, source_id: str, post_id: str, read: Sequence[ReadMedium], *, before: datetime | None = None
) -> None:
    """A medium that was to be tried again and is not shown had its turn; `before`: if it waits since then."""
    seen = [one.media.id for one in read]
    waiting = (Inspection.outcome.in_(_WAITING), Inspection.media_id.not_in(seen))
    long_enough = [] if before is None else [Inspection.at <= before]
    mine = (Inspection.source_id == source_id, Inspection.post_id == post_id)
    await session.execute(update(Inspection).where(*mine, *waiting, *long_enough).values(tries=Inspection.tries + 1))


async def note(session: AsyncSession, source_id: str, one: ReadMedium, now: datetime) -> None:
    """Record that a medium was inspected, and what came of it. To put it off is no try, nor is its host's failing."""
    put_off = one.outcome == PUT_OFF
    key = {"source_id": source_id, "post_id": one.post.id, "media_id": one.media.id}
    values = {
        "at": now,
        "outcome": one.outcome,
        "posted_at": one.post.posted_at,
        "tries": int(not put_off and not one.host_failed),
    }
    if not await insert_unless_there(session, Inspection, **key, **values):
        row = await session.get_one(Inspection, tuple(key.values()), populate_existing=True)
        if put_off:
            _put_off(row, now)
            return
        if one.host_failed:
            _wait_for_host(row, one.outcome, now)
            return
        if one.outcome == READ_FAILED and row.outcome in _WAITING and row.gone_at is None:
            # The cursor is past it: under any other outcome nobody would come back to it.
            row.at, row.tries = now, row.tries + 1
            row.outcome = READ_FAILED if row.tries >= MOST_TRIES else row.outcome
            return
        row.at, row.outcome, row.tries, row.gone_at = now, one.outcome, row.tries + 1, None
        row.gone_for, row.posted_at = None, one.post.posted_at


def _put_off(row: Inspection, now: datetime) -> None:
    """What an earlier look found still holds. What none has found waits by its post: the cursor goes on without it."""
    if row.gone_at is not None:
        row.at, row.outcome, row.tries, row.gone_at, row.gone_for = now, PUT_OFF, 0, None, None
    elif row.outcome == PUT_OFF or (row.outcome == READ_FAILED and row.tries < MOST_TRIES):
        row.at, row.outcome = now, PUT_OFF  # behind the others that wait


def _wait_for_host(row: Inspection, outcome: str, now: datetime) -> None:
    """It keeps its tries and what an earlier look found; `at` tells since when it waits."""
    if row.gone_at is not None:
        row.at, row.outcome, row.tries, row.gone_at, row.gone_for = now, outcome, 0, None, None
    elif row.outcome == READ_FAILED and outcome == HOST_DOWN and row.tries < MOST_TRIES:
        row.outcome = outcome  # the cursor goes on without it
    elif row.outcome in (READ_FAILED, *_WAITING) and now - row.at > HOST_PATIENCE:
        row.at, row.outcome, row.tries = now, READ_FAILED, MOST_TRIES


async def was_read(session: AsyncSession, source_id: str) -> bool:
    """Whether any medium of it was ever looked at."""
    query = select(Inspection.media_id).where(Inspection.source_id == source_id).limit(1)
    return await session.scalar(query) is not None
