"""What was read of a source is compared with its watch before the transaction that writes about it, and off the loop.

Comparing takes seconds, and on SQLite a transaction keeps every other writer away. So inside there is only asked once
more what may be compared: of a fingerprint that was removed meanwhile, or whose consent was taken back, nothing is
written. Where one was added meanwhile the transaction writes nothing, and all is compared once more with it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sources import Inspection, Source
from db.queries.consents import cases_consenting, fingerprints_to_compare
from db.savepoints import apart
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed
from monitor.history.recording import HistoryWriter, days_key_name
from monitor.matching.verdict import Match, judge
from monitor.matching.watch_set import WatchSet
from monitor.model.states import Purpose
from monitor.sightings.rate_gate import FoundMatch, write_matches
from monitor.sources.inspection_log import note
from monitor.sources.media_reader import FAILED, ReadMedium
from monitor.sources.sources import locked
from monitor.watch.cache import WatchCache, Watching

log = logging.getLogger(__name__)

MOST_AT_ONCE = 10
"""Media that a transaction writes about, and what is left of their last post: others write between two of them."""
MOST_TIMES = 3
"""How often all is compared anew because a watch grew meanwhile; then once more under the lock, so that it ends."""

Then = Callable[[AsyncSession, Source], Awaitable[object]]
"""What else the transaction writes, with the source locked."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the media fit, as the watch was when it was read."""

    watching: Watching
    context: DomainContext = field(repr=False)
    """With the keys in hand of those whom something fits."""
    matches: Mapping[int, Sequence[Match] | Exception] = field(repr=False)
    """By the place of the medium: what it fits, or why it could not be compared."""


class Comparer:
    """Compares media, notes that they were inspected, keeps their fingerprints and writes sightings."""

    def __init__(self, database: Database, context: DomainContext, *, keeps: bool) -> None:
        """`keeps`: whether fingerprints of what is seen are kept."""
        self._database, self._context, self._keeps = database, context, keeps
        self.watches = WatchCache(context)

    async def write(self, source_id: str, read: Sequence[ReadMedium], then: Then) -> None:
        """Compare, and write what came of it, a few posts at a time; `then` adds to the last of these transactions.

        So a cursor moves when all before it is written. Who dies between two of them writes the first ones again,
        which changes nothing.
        """
        *earlier, last = _in_parts(read)
        for part in earlier:
            await self._write_part(source_id, part, _nothing_more)
        await self._write_part(source_id, last, then)

    async def watch(self, source_id: str) -> WatchSet:
        """What the source is compared with, as far as it opens now."""
        async with self._database.read() as session:
            return (await self.watches.watch(session, source_id, self._context.now())).watch

    async def _write_part(self, source_id: str, read: Sequence[ReadMedium], then: Then) -> None:
        for _ in range(MOST_TIMES):
            async with self._database.read() as session:
                watching, kept_under = await self._watching(session, source_id, read)
            comparison = await self._compare(watching, kept_under, read)
            async with self._database.begin() as session:
                # Whoever joins its watch meanwhile waits here, and finds what was kept.
                source = await locked(session, source_id)
                listed = await self._listed(session, source_id)
                if listed <= comparison.watching.listed:
                    await self._write(session, source, read, comparison, listed)
                    await then(session, source)
                    return
        async with self._database.begin() as session:
            source = await locked(session, source_id)
            comparison = await self._compare(*await self._watching(session, source_id, read), read)
            await self._write(session, source, read, comparison, comparison.watching.listed)
            await then(session, source)

    async def _listed(self, session: AsyncSession, source_id: str) -> frozenset[tuple[str, str]]:
        return frozenset(await fingerprints_to_compare(session, source_id, self._context.now()))

    async def _watching(
        self, session: AsyncSession, source_id: str, read: Sequence[ReadMedium]
    ) -> tuple[Watching, str | None]:
        """The watch, and the name of the key under which fingerprints will be kept, where any will."""
        now = self._context.now()
        watching = await self.watches.watch(session, source_id, now)
        if not self._keeps or all(one.hashed is None for one in read):
            return watching, None
        if not await cases_consenting(session, source_id, Purpose.WATCH, now):
            return watching, None
        return watching, days_key_name(await session.get_one(Source, source_id), now)

    async def _compare(self, watching: Watching, kept_under: str | None, read: Sequence[ReadMedium]) -> Comparison:
        matches: dict[int, Sequence[Match] | Exception] = {}
        for place, one in enumerate(read):
            if one.hashed is None:
                continue
            try:
                # In a thread: a long video against thousands of photos takes seconds; others are answered meanwhile.
                matches[place] = await asyncio.to_thread(judge, one.hashed, watching.watch)
            except Exception as error:  # noqa: BLE001  # whatever it is: it costs this medium alone, and is told below
                matches[place] = error
        cases = {match.case_id for found in matches.values() if not isinstance(found, Exception) for match in found}
        return Comparison(watching, await asyncio.to_thread(_with_keys, self._context, cases, kept_under), matches)

    async def _write(
        self,
        session: AsyncSession,
        source: Source,
        read: Sequence[ReadMedium],
        comparison: Comparison,
        listed: frozenset[tuple[str, str]],
    ) -> None:
        """Nothing about what is `listed` no more: a fingerprint that was removed, a consent that was taken back."""
        now, context = self._context.now(), comparison.context
        if comparison.watching.unopened & listed:
            await context.alert(session, AlertKind.FINGERPRINT_UNREADABLE, source.id, "not-compared")
        else:
            await context.resolve(session, AlertKind.FINGERPRINT_UNREADABLE, source.id)
        watches = bool(await cases_consenting(session, source.id, Purpose.WATCH, now))
        history = HistoryWriter(session, context, source) if watches and self._keeps else None
        still = {fingerprint_id for fingerprint_id, _ in listed}
        found: list[FoundMatch] = []
        for place, one in enumerate(read):
            async with apart(session) as tried:
                await note(session, source.id, one, now)
                if one.hashed is not None:
                    if history is not None:
                        await history.keep(one.post.id, one.media.id, one.hashed)
                    matches = comparison.matches[place]
                    if isinstance(matches, Exception):
                        raise matches
                    fits = [match for match in matches if match.fingerprint_id in still]
                    found += [FoundMatch(match, one.post, one.media, one.hashed) for match in fits]
            if tried.error is not None:
                await note(session, source.id, replace(one, outcome=FAILED), now)
                reason = type(tried.error).__name__
                log.error("medium not compared", extra={"source_id": source.id, "reason": reason})
        written = await write_matches(session, context, source.id, found)
        for post_id, media_id in {(one.post.id, one.media.id) for one in written.failed}:
            row = await session.get_one(Inspection, (source.id, post_id, media_id))
            row.outcome = FAILED


async def _nothing_more(_session: AsyncSession, _source: Source) -> None:
    """More parts follow."""


def _in_parts(read: Sequence[ReadMedium]) -> list[Sequence[ReadMedium]]:
    """Whole posts, as they follow each other; at least one part, if only an empty one."""
    parts: list[list[ReadMedium]] = [[]]
    for one in read:
        if len(parts[-1]) >= MOST_AT_ONCE and parts[-1][-1].post.id != one.post.id:
            parts.append([])
        parts[-1].append(one)
    return list(parts)


def _with_keys(context: DomainContext, cases: set[str], kept_under: str | None) -> DomainContext:
    """With every key in hand that writing will need."""
    if kept_under is None:
        return context.holding(cases)
    with suppress(KeyDestroyed):  # then the transaction begins another epoch
        context.keys.create(kept_under)
    return context.holding(cases, kept_under)
