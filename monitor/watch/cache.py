"""The watch of each source, kept between pages: opened again, and indexed again, only where it changed.

What is compared is decided anew every time, by the ids of what may be compared now. A consent that was withdrawn, a
fingerprint that was removed or put in quarantine is missing there, so it is left out at once. Opening, indexing and
comparing take long, so they come before the transaction that writes: that one reads the ids once more (`listed`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.benign import BenignHash
from db.models.sources import Source
from db.queries.benign import benign_ids
from db.queries.consents import fingerprints_to_compare, fingerprints_with, watched_sources
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.fingerprints.regions.codes import REGIONS_VERSION
from monitor.matching.index import HashIndex
from monitor.matching.watch_set import Watched, WatchSet
from monitor.watch.opening import watched

MOST_SOURCES = 32
"""Sources whose watch is in memory at a time; the one that was asked for the longest ago goes first."""

_OPENED_AT_ONCE = 200

Listed = tuple[str, str]
"""Id and set name of a fingerprint."""


@dataclass(frozen=True, slots=True)
class HarmlessList:
    """What an operator listed, as it was read: pictures, and parts of template pictures."""

    ids: frozenset[str] = frozenset()
    pictures: HashIndex = field(default_factory=lambda: HashIndex([], []), repr=False)
    templates: HashIndex = field(default_factory=lambda: HashIndex([], []), repr=False)


@dataclass(slots=True)
class _Kept:
    opened: dict[Listed, Watched] = field(default_factory=dict, repr=False)
    listed: HarmlessList | None = field(default=None, repr=False)
    compared: tuple[Listed, ...] = ()
    """What `watch` holds."""
    watch: WatchSet | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Watching:
    """What a source is compared with now."""

    watch: WatchSet = field(repr=False)
    listed: frozenset[Listed] = frozenset()
    """What was to be compared: whatever a later transaction finds beside it was not."""
    unopened: frozenset[Listed] = frozenset()
    """Fingerprints among them that do not open."""

    @property
    def unreadable(self) -> int:
        """How many should be compared and do not open."""
        return len(self.unopened)


async def cut_outs_allowed(session: AsyncSession, context: DomainContext, source_id: str) -> bool:
    """Whether boxes around faces may be compared at this source at all."""
    platform = await session.scalar(select(Source.platform).where(Source.id == source_id))
    return platform in context.cut_outs


class WatchCache:
    """Opened fingerprints of a process, by source (and case). Nothing stays of a source that nobody consents to."""

    def __init__(self, context: DomainContext, *, most_sources: int = MOST_SOURCES) -> None:
        self._context, self._most = context, most_sources
        self._kept: OrderedDict[tuple[str, str | None], _Kept] = OrderedDict()
        self._harmless = HarmlessList()

    def __len__(self) -> int:
        return len(self._kept)

    async def watch(
        self, session: AsyncSession, source_id: str, now: datetime, *, case_id: str | None = None
    ) -> Watching:
        """Everything that may be compared with this source, as `session` reads it; of one case, where it is named.

        Give it a session that only reads: it takes long where much is new.
        """
        await self.prune(session, now)
        listed = await fingerprints_to_compare(session, source_id, now, case_id=case_id)
        benign = await self._listed_as_benign(session)
        if not listed:
            self.forget(source_id, case_id)
            return Watching(WatchSet((), benign=benign.pictures))
        kept = self._kept.setdefault((source_id, case_id), _Kept())
        self._kept.move_to_end((source_id, case_id))
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return await self._refresh(session, kept, listed, benign, source_id)

    def forget(self, source_id: str, case_id: str | None = None) -> None:
        """Let go of what is opened for a source."""
        self._kept.pop((source_id, case_id), None)

    async def prune(self, session: AsyncSession, now: datetime) -> None:
        """Let go of every source that no live consent covers any more."""
        ids = sorted({source_id for source_id, _ in self._kept})
        covered = await watched_sources(session, ids, now) if ids else set()
        for key in [key for key in self._kept if key[0] not in covered]:
            del self._kept[key]

    async def _refresh(
        self, session: AsyncSession, kept: _Kept, listed: Sequence[Listed], benign: HarmlessList, source_id: str
    ) -> Watching:
        """Bring an entry to what is listed: what is gone is dropped, what is new is opened, and nothing else."""
        for one in kept.opened.keys() - set(listed):
            del kept.opened[one]
        # What did not open before is tried again: its key may be back.
        opened = {one: kept.opened[one] for one in listed if one in kept.opened}
        missing = [row_id for row_id, set_name in listed if (row_id, set_name) not in opened]
        for start in range(0, len(missing), _OPENED_AT_ONCE):
            # A few at a time: making objects of thousands of rows would keep everybody else from the loop.
            rows = await fingerprints_with(session, missing[start : start + _OPENED_AT_ONCE])
            new = await asyncio.to_thread(watched, self._context, rows)
            opened |= {(one.fingerprint_id, one.set_name): one for one in new}
            kept.opened |= opened
        # Of what is listed here only: another call may have put in more meanwhile, or dropped some.
        compared = tuple(one for one in listed if one in opened)
        watch = kept.watch
        if watch is None or kept.listed is not benign or kept.compared != compared:
            ones = [opened[one] for one in compared]
            if any(one.cut_out for one in ones) and not await cut_outs_allowed(session, self._context, source_id):
                ones = [replace(one, cut_out=None) for one in ones]
            # 10,000 photos with all their boxes take a second; the process answers others meanwhile.
            watch = await asyncio.to_thread(WatchSet, ones, benign=benign.pictures, templates=benign.templates)
            kept.watch, kept.listed, kept.compared = watch, benign, compared
        return Watching(watch, frozenset(listed), frozenset(listed) - frozenset(compared))

    async def _listed_as_benign(self, session: AsyncSession) -> HarmlessList:
        """The operator's list, shared by every source, read again only when it changed."""
        ids = await benign_ids(session, version=FINGERPRINT_VERSION) | await benign_ids(
            session, version=REGIONS_VERSION
        )
        if ids != self._harmless.ids:
            pictures, pictures_ids = await _index(session, FINGERPRINT_VERSION)
            templates, templates_ids = await _index(session, REGIONS_VERSION)
            self._harmless = HarmlessList(pictures_ids | templates_ids, pictures, templates)
        return self._harmless


async def _index(session: AsyncSession, version: str) -> tuple[HashIndex, frozenset[str]]:
    rows = (await session.execute(select(BenignHash.id, BenignHash.code).where(BenignHash.version == version))).all()
    index = await asyncio.to_thread(HashIndex, [row.id for row in rows], [row.code for row in rows])
    return index, frozenset(row.id for row in rows)
