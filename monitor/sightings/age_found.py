"""The age of a picture that is found now: a new copy is compared with everything that was said to be a minor's."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.seen import SeenMedium
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.seen import seen_of_posts
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, HashedMedium
from monitor.history.reading import HistoryReader
from monitor.matching.verdict import judge
from monitor.matching.watch_set import WatchSet
from monitor.model.records.sighting import SightingRecord
from monitor.sightings.age import YOUNG, age_told, most_protective, protecting_age, told_of_the_same
from monitor.sightings.ages_told import Ages
from monitor.sightings.case_pictures import shown_by_copy, shown_by_print
from monitor.sightings.looking_alike import Lookalikes, Shown
from monitor.watch.opening import watched

EACH_ASKED = 2
"""Copies of one picture that are compared anew."""
MOST_ASKED = 200
"""Copies that are, at once: the others stay protected until the next time."""


async def age_when_found(
    session: AsyncSession,
    context: DomainContext,
    case_id: str,
    hashed: HashedMedium,
    *,
    told: str | None,
    alike_id: str,
    item_id: str | None,
    fingerprint_id: str | None = None,
) -> str | None:
    """Of a copy that is written now. `told`: of the fingerprint that it matched (`fingerprint_id`), or of the copy in
    whose place it stands.

    It is compared with every picture of the case that was said to be a minor's, too: two fingerprints may fit it, or
    the one that does may be of the same picture as another.
    """
    if told in YOUNG:
        return told
    return (
        await told_of_the_same(session, case_id, {alike_id, item_id})
        or await _of_a_young_picture(session, context, case_id, hashed, fingerprint_id)
        or told
    )


async def age_anew(session: AsyncSession, context: DomainContext, sighting: Sighting) -> str | None:
    """What protects a copy that was written before, where its own row does not: an older program may have written it,
    or it was being written while the age was told."""
    if sighting.age_group in YOUNG:
        return None
    led = await age_told(session, sighting.fingerprint_id)
    if led in YOUNG:
        return led
    known = await protecting_age(session, sighting)
    if known is not None:
        return known
    rows = await _young_pictures(session, sighting.case_id)
    if not rows:
        return None
    mine = shown_by_copy(context, sighting.case_id, sighting.id, sighting.evidence)
    return await _looks_young(session, context, rows, [mine], sighting.fingerprint_id)


async def still_protected(session: AsyncSession, context: DomainContext, case_id: str, ages: Ages) -> set[str]:
    """Of the copies that are to be asked anew: those that a part of another picture protects, or may protect.

    Of a copy only the whole picture's code is kept with it; its parts are compared where what its source showed is
    still kept. Where it is not, one that another picture protected until now is let go. Any other may show a part of
    whichever picture still protects, and stays so.
    """
    known = ages.known
    young = [one for one in known.pictures.values() if one.id in ages.protection]
    if not young:
        return set()
    every = known.alone({*ages.asked, *ages.freed})
    # First those of the picture itself, and in one order: what was let go is not asked the next time.
    groups = sorted(every, key=lambda group: (group.isdisjoint(ages.freed), min(group)))
    first = [one for group in groups for one in sorted(group)[:EACH_ASKED]][:MOST_ASKED]
    fit, free = await _compared_anew(session, context, case_id, [one.id for one in young], first)
    if any(one.registered and one.removed for one in young):
        free = set()  # a part of that one may be shown: its codes are forgotten
    kept = set[str]()
    for group in groups:
        # What nothing led to may stand in a changed copy's place, which was a minor's.
        unknown = [
            one for one in group if one in ages.asked and (group.isdisjoint(free) or not known.copies[one].leader)
        ]
        if unknown or not group.isdisjoint(fit) or group.isdisjoint(first):
            kept |= group
    return kept


async def _compared_anew(
    session: AsyncSession, context: DomainContext, case_id: str, young: Sequence[str], copies: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Of these copies those that fit one of the pictures by any of their parts, and those that fit none. In neither is
    one of which nothing is kept, or something else."""
    used = (Fingerprint.id.in_(young), Fingerprint.removed_at.is_(None))
    rows = (await session.scalars(select(Fingerprint).where(*used))).all()
    wanted = (Sighting.case_id == case_id, Sighting.id.in_(copies))
    found = (await session.scalars(select(Sighting).where(*wanted).order_by(Sighting.id))).all()
    seen: dict[tuple[str, str, str], SeenMedium] = {}
    for source_id in sorted({one.source_id for one in found}):
        source = await session.get_one(Source, source_id)
        posts = sorted({one.post_id for one in found if one.source_id == source_id})
        for row in await seen_of_posts(session, source, posts, version=FINGERPRINT_VERSION):
            seen[source_id, row.post_id, row.media_id] = row

    def compared() -> tuple[set[str], set[str]]:
        with_key, reader = context.holding([case_id]), HistoryReader(context)
        watch, fit, free = WatchSet(watched(with_key, rows)), set[str](), set[str]()
        for one in found:
            row = seen.get((one.source_id, one.post_id, one.media_id))
            for _, hashed in reader.open([] if row is None else [row]):
                if _is_of(with_key, one, hashed):
                    (fit if judge(hashed, watch) else free).add(one.id)
        return fit, free

    return await asyncio.to_thread(compared) if seen else (set(), set())


def _is_of(context: DomainContext, sighting: Sighting, hashed: HashedMedium) -> bool:
    """Whether what was kept of a post is what was found there: another picture may stand there since."""
    try:
        record = context.open_record(SightingRecord, sighting.case_id, sighting.id, sighting.evidence)
    except JikimiError:
        return False
    return record.media_sha256 == hashed.sha256


async def _of_a_young_picture(
    session: AsyncSession, context: DomainContext, case_id: str, hashed: HashedMedium, fingerprint_id: str | None
) -> str | None:
    rows = await _young_pictures(session, case_id)
    if not rows:
        return None
    # In a thread: of long videos there is much to compare.
    found = await asyncio.to_thread(lambda: judge(hashed, watched(context, rows)))
    fits = {one.fingerprint_id for one in found}
    itself = most_protective(row.age_group for row in rows if row.id in fits)
    return itself or await _looks_young(session, context, rows, [], fingerprint_id)


async def _young_pictures(session: AsyncSession, case_id: str) -> Sequence[Fingerprint]:
    told = (Fingerprint.age_group.in_(YOUNG), Fingerprint.removed_at.is_(None))
    return (await session.scalars(select(Fingerprint).where(Fingerprint.case_id == case_id, *told))).all()


async def _looks_young(
    session: AsyncSession,
    context: DomainContext,
    rows: Sequence[Fingerprint],
    shown: list[Shown],
    fingerprint_id: str | None,
) -> str | None:
    """What was told of those of `rows` that look like what is shown, or like the fingerprint that led to it. Not of
    what only lay beside a copy: nobody said that it is the same picture."""
    led_by = None if fingerprint_id is None else await session.get(Fingerprint, fingerprint_id)
    same = [row for row in rows if row.origin != "beside" and row.id != fingerprint_id]

    def alike() -> set[str]:
        with_key = context.holding({row.case_id for row in rows})
        wanted = shown if led_by is None else [*shown, _shown(with_key, led_by)]
        return Lookalikes({row.id: _shown(with_key, row) for row in same}).of(wanted)

    found = await asyncio.to_thread(alike)
    return most_protective(row.age_group for row in rows if row.id in found)


def _shown(context: DomainContext, row: Fingerprint) -> Shown:
    return shown_by_print(context, row.case_id, row.id, row.version, row.payload)
