"""The quarantine: a fingerprint that fits too much in an hour is compared no more until an advocate has looked at it.

It may be junk, a picture whose hash fits anything; or it may be a wave of re-uploads. Only a person can tell.
What was posted long before it is found, by a backfill or by the first reading of a source, is no wave: of that a
fingerprint may fit WAVE_FACTOR times as much in an hour.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.savepoints import apart
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.matching.verdict import Match
from monitor.platforms.base import Media, Post
from monitor.sightings.record import write_sighting
from monitor.sightings.replaced import ConfirmedCopies
from monitor.sightings.taught import TaughtPairs

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)
WAVE = timedelta(days=1)
"""How long a release lets a fingerprint fit more than others."""
WAVE_FACTOR = 10
"""How many times as much."""


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """One match, and where."""

    match: Match
    post: Post
    media: Media
    hashed: HashedMedium


@dataclass(frozen=True, slots=True)
class WrittenMatches:
    """What came of writing what was found."""

    quarantined: bool
    """A fingerprint was put in quarantine meanwhile."""
    failed: tuple[FoundMatch, ...] = ()
    """Those of which nothing could be written; everything else stands."""


async def write_matches(
    session: AsyncSession, context: DomainContext, source_id: str, found: Sequence[FoundMatch]
) -> WrittenMatches:
    """Write the sightings of what was found. What cannot be written costs nothing but itself.

    Call it with the source locked, before the transaction's first ledger entry.
    """
    gate = await Gate.of(session, context, {one.match.fingerprint_id for one in found})
    taught = await TaughtPairs.of(session, context, [one.match for one in found])
    posts = {one.post.id: one.post for one in found}
    copies = await ConfirmedCopies.at(session, context, source_id, posts.values(), {one.match.case_id for one in found})
    # Ledgers are locked case by case: always in the same order, or two workers wait for each other.
    failed: list[FoundMatch] = []
    for one in sorted(found, key=lambda each: each.match.case_id):
        async with apart(session) as tried:
            if await copies.take(session, one.match.case_id, one.post, one.media, one.hashed):
                continue
            if one.hashed.kind == "image" and taught.cover(one.match):
                log.info("dismissed before", extra={"fingerprint_id": one.match.fingerprint_id})
                continue
            if await gate.lets(source_id, one):
                new = await write_sighting(session, context, source_id, one.post, one.media, one.hashed, one.match)
                gate.count(one, new=new)
        if tried.error is not None:
            failed.append(one)
            reason = type(tried.error).__name__
            log.error("match not written", extra={"source_id": source_id, "reason": reason})
    return WrittenMatches(gate.closed, tuple(failed))


@dataclass(slots=True)
class _Counts:
    """Sightings of a fingerprint in the last hour."""

    fresh: int = 0
    """Of posts that were less than an hour old."""
    all: int = 0

    def add(self, *, fresh: bool) -> None:
        self.fresh, self.all = self.fresh + fresh, self.all + 1


def _is_fresh(posted_at: datetime, found_at: datetime) -> bool:
    return found_at - posted_at < WINDOW


class Gate:
    """Counts what each fingerprint fitted in the last hour. It holds their rows locked, so two crawls count exactly."""

    def __init__(
        self, session: AsyncSession, context: DomainContext, rows: Iterable[Fingerprint], counts: Mapping[str, _Counts]
    ) -> None:
        self._session, self._context, self._counts = session, context, dict(counts)
        self._rows = {row.id: row for row in rows}
        self.closed = False
        """Whether it put a fingerprint in quarantine."""

    @classmethod
    async def of(cls, session: AsyncSession, context: DomainContext, fingerprint_ids: set[str]) -> Self:
        """A gate for these fingerprints, locked in the order of their ids."""
        if not fingerprint_ids:
            return cls(session, context, (), {})
        locked = await lock_rows(session, select(Fingerprint).where(Fingerprint.id.in_(fingerprint_ids)))
        lately = (Sighting.fingerprint_id.in_(fingerprint_ids), Sighting.found_at > context.now() - WINDOW)
        counts: defaultdict[str, _Counts] = defaultdict(_Counts)
        for row in await session.execute(
            select(Sighting.fingerprint_id, Sighting.posted_at, Sighting.found_at).where(*lately)
        ):
            counts[row.fingerprint_id].add(fresh=_is_fresh(row.posted_at, row.found_at))
        return cls(session, context, locked, counts)

    async def lets(self, source_id: str, one: FoundMatch) -> bool:
        """May this match become a sighting? The first that is too many puts its fingerprint in quarantine."""
        row = self._rows.get(one.match.fingerprint_id)
        # Asked of the locked rows: another crawl may have been quicker than the comparison.
        if row is None or row.removed_at is not None or row.quarantined_at is not None:
            return False
        counts, limit = self._counts.setdefault(row.id, _Counts()), self._limit(row)
        fresh = _is_fresh(one.post.posted_at, self._context.now())
        allowed = counts.all < limit * WAVE_FACTOR and not (fresh and counts.fresh >= limit)
        if allowed or await self._is_known(source_id, one):
            return True
        await self._quarantine(row, limit if fresh and counts.fresh >= limit else limit * WAVE_FACTOR)
        return False

    def count(self, one: FoundMatch, *, new: bool) -> None:
        """A sighting was written; one that was known before does not count."""
        if new:
            self._counts[one.match.fingerprint_id].add(fresh=_is_fresh(one.post.posted_at, self._context.now()))

    def _limit(self, row: Fingerprint) -> int:
        wave = row.wave_until is not None and row.wave_until > self._context.now()
        return self._context.most_matches_an_hour * (WAVE_FACTOR if wave else 1)

    async def _is_known(self, source_id: str, one: FoundMatch) -> bool:
        query = select(Sighting.id).where(
            Sighting.case_id == one.match.case_id,
            Sighting.source_id == source_id,
            Sighting.post_id == one.post.id,
            Sighting.media_id == one.media.id,
        )
        return await self._session.scalar(query) is not None

    async def _quarantine(self, row: Fingerprint, limit: int) -> None:
        row.quarantined_at, self.closed = self._context.now(), True
        case = await self._session.get_one(Case, row.case_id)
        await self._context.record(
            self._session, row.case_id, EntryKind.FINGERPRINT_QUARANTINED, fingerprint=row.id, matches=limit
        )
        kind, reason = AlertKind.FINGERPRINT_QUARANTINED, f"more-than-{limit}-an-hour"
        await self._context.alert(self._session, kind, row.id, reason, organisation_id=case.organisation_id)
        log.warning("fingerprint quarantined", extra={"fingerprint_id": row.id, "limit": limit})
