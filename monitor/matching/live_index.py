"""An index that changes while it is searched: additions and removals are seen by the next search."""

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.matching.index import HashIndex, Hits

log = logging.getLogger(__name__)

SearchedCodes = NDArray[np.uint8] | Sequence[bytes]

ADDED_UP_TO = 40_000
"""Codes added since the last rebuild that cause the next: comparing with them costs up to 20 microseconds a query."""
REMOVED_UP_TO = 1_000
"""Ids removed since the last rebuild that cause the next."""
FAST_AT = 31
"""Bits: the radius that a rebuilt index is ready for; at another the first search may build the tables."""


class LiveHits(NamedTuple):
    """What a search found: three columns of one length, by query."""

    query: NDArray[np.int64]
    id: list[str]
    distance: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Part:
    """Codes, and the ids whose codes no longer count: ids are only ever put in, so a search sees a removal at once."""

    index: HashIndex
    removed: set[str] = field(default_factory=set)

    def search(self, codes: SearchedCodes, radius: int) -> tuple[Hits, list[str]]:
        hits = self.index.search(codes, radius)
        names = self.index.names.of(hits.row)
        if not self.removed:
            return hits, names
        kept = [place for place, name in enumerate(names) if name not in self.removed]
        return Hits(*(column[kept] for column in hits)), [names[place] for place in kept]


class LiveIndex:
    """A large snapshot, what was added since, and what was removed since; rebuilt aside and swapped.

    Every change makes a new tuple of parts, put in place at once: a search works on the tuple it found, so it sees all
    of a change or nothing, and a rebuild neither hides a code nor brings one back. An id may have many codes; removing
    it removes them all, and it may be added again. Safe to use from several threads.

    A removed code stays in memory until the next rebuild; `rebuild` forces one.
    """

    def __init__(self, ids: Sequence[str] = (), codes: SearchedCodes = (), *, added_up_to: int = ADDED_UP_TO) -> None:
        """`ids` and `codes` as for HashIndex; `added_up_to` codes are added before a rebuild."""
        self._added_up_to = added_up_to
        main = HashIndex(ids, codes)
        main.prepare(FAST_AT)
        self._parts: tuple[_Part, ...] = (_Part(main), _Part(HashIndex([], [], tables=False)))
        """The snapshot, what a rebuild under way takes in besides, and last what was added since."""
        self._changing = threading.Lock()
        self._rebuilding = threading.Lock()
        self._worker: threading.Thread | None = None
        self._removed_meanwhile: set[str] = set()
        self.rebuilds = 0
        """Rebuilds finished so far."""

    def __len__(self) -> int:
        """SearchedCodes held; those removed since the last rebuild are among them."""
        return sum(len(part.index) for part in self._parts)

    def add(self, ids: Sequence[str], codes: SearchedCodes) -> None:
        """Add codes: the next search finds them. `ids` and `codes` as for HashIndex; ids may repeat."""
        new = HashIndex(ids, codes, tables=False)
        with self._changing:
            *older, last = self._parts
            grown = HashIndex.merged([last.index, new], [last.removed, ()], tables=False)
            self._parts = (*older, _Part(grown))
        self._tidy()

    def remove(self, ids: Collection[str]) -> None:
        """Remove all codes of these ids: the next search does not find them. Unknown ids do no harm."""
        with self._changing:
            for part in self._parts:
                part.removed.update(ids)
            self._removed_meanwhile.update(ids)
        self._tidy()

    def search(self, codes: SearchedCodes, radius: int) -> LiveHits:
        """Every code at most `radius` bits from one of `codes`, as HashIndex.search; within a query in no order."""
        found = [part.search(codes, radius) for part in self._parts]
        query = np.concatenate([hits.query for hits, _ in found])
        distance = np.concatenate([hits.distance for hits, _ in found])
        names = [name for _, part_names in found for name in part_names]
        order = np.argsort(query, kind="stable")
        return LiveHits(query[order], [names[place] for place in order.tolist()], distance[order])

    def within(self, code: bytes, radius: int) -> list[tuple[str, int]]:
        """(id, distance in bits) of every code at most `radius` from `code`, nearest first, then by id."""
        return self.within_many([code], radius)[0]

    def within_many(self, codes: Sequence[bytes], radius: int) -> list[list[tuple[str, int]]]:
        """`within` for each of `codes`, in their order."""
        found: list[list[tuple[str, int]]] = [[] for _ in codes]
        hits = self.search(codes, radius)
        for query, name, distance in zip(hits.query.tolist(), hits.id, hits.distance.tolist(), strict=True):
            found[query].append((name, distance))
        for one in found:
            one.sort(key=lambda hit: (hit[1], hit[0]))
        return found

    def rebuild(self) -> None:
        """Put all codes but the removed ones into a new snapshot, and swap. Searches and changes go on meanwhile."""
        with self._rebuilding:
            with self._changing:
                taken = self._parts
                gone = [set(part.removed) for part in taken]
                self._removed_meanwhile = set()
                self._parts = (*taken, _Part(HashIndex([], [], tables=False)))
            fresh = HashIndex.merged([part.index for part in taken], gone)
            fresh.prepare(FAST_AT)
            with self._changing:
                # Removed since: of the old codes only; what was added since knows its own.
                self._parts = (_Part(fresh, self._removed_meanwhile), self._parts[-1])
                self._removed_meanwhile = set()
                self.rebuilds += 1

    def settle(self) -> None:
        """Wait for the rebuild under way, if there is one."""
        worker = self._worker
        if worker is not None:
            worker.join()

    def _tidy(self) -> None:
        """Start a rebuild when enough has changed and none is under way."""
        with self._changing:
            if self._worker is None and self._is_due():
                self._worker = threading.Thread(target=self._rebuild_while_due, name="rebuild-index", daemon=True)
                self._worker.start()

    def _is_due(self) -> bool:
        main, *newer = self._parts
        added = sum(len(part.index) for part in newer)
        return added > self._added_up_to or len(main.removed) > REMOVED_UP_TO

    def _rebuild_while_due(self) -> None:
        try:
            while not self._rests():
                self.rebuild()
        except Exception:  # one whole job: its thread has no caller to tell, and the next change must find it ended
            # What was taken still counts, part by part: nothing is lost, and the next change tries again.
            log.exception("index rebuild failed")
            with self._changing:
                self._worker = None

    def _rests(self) -> bool:
        """Whether nothing is left to do; the worker is let go in the same breath, so that no change goes unnoticed."""
        with self._changing:
            due = self._is_due()
            if not due:
                self._worker = None
            return not due
