"""An index that changes while it is searched: additions and removals are seen by the next search.

The product makes a new set for each source whose watch changed, which is quick enough for what a source is compared
with. This is the way to one index of ten million codes, measured here before anybody needs it.
"""

import logging
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import compiled
from monitor.matching.index import HashIndex, Hits
from monitor.matching.row_ids import Names

log = logging.getLogger(__name__)

SearchedCodes = NDArray[np.uint8] | Sequence[bytes]

ADDED_UP_TO = 40_000
"""Codes added since the last rebuild that cause the next: comparing with them costs up to 20 microseconds a query."""
REMOVED_UP_TO = 1_000
"""Ids removed since the last rebuild that cause the next."""
FAST_AT = 31
"""Bits: the radius that a rebuilt index is ready for; at another the first search may build the tables."""
_STRETCH = 1 << 18
"""Codes copied, or names compared, at a time: bounds the memory of a merge."""


class JoinedNames(Names):
    """Names that are taken out of others and put after one another."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.of(np.arange(len(self))))

    @property
    def distinct(self) -> int:
        """How many names are kept: at most one a row."""
        return len(self._ends) - 1

    def among(self, wanted: Collection[str]) -> NDArray[np.bool_]:
        """For each of the distinct names, in their order: whether it is one of `wanted`."""
        marks = np.zeros(self.distinct, np.bool_)
        if not wanted:
            return marks
        other = JoinedNames(wanted)
        sought = np.sort(hashes(other._text, other._ends))
        for start in range(0, self.distinct, _STRETCH):
            own = hashes(self._text, self._ends[start : start + _STRETCH + 1])
            place = np.minimum(np.searchsorted(sought, own), len(sought) - 1)
            for number in (start + np.flatnonzero(sought[place] == own)).tolist():
                marks[number] = self._name(number) in wanted
        return marks

    def rows(self, marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is marked name by name, row by row."""
        return np.repeat(marks, np.diff(self._firsts))

    def only(self, marks: NDArray[np.bool_]) -> Self:
        """The rows whose names are marked, moved together."""
        if marks.all():
            return self
        lengths = np.diff(self._ends)
        kept = type(self)()
        kept._firsts = np.concatenate([[0], np.cumsum(np.diff(self._firsts)[marks], dtype=np.int64)]).astype(np.uint32)
        kept._ends = np.concatenate([[0], np.cumsum(lengths[marks])])
        kept._text = self._text[np.repeat(marks, lengths)]
        return kept

    def followed_by(self, others: Self) -> Self:
        """These rows, then the others'."""
        if not len(others) or not len(self):
            return self if len(self) else others
        joined = type(self)()
        joined._firsts = np.concatenate([self._firsts[:-1], others._firsts + self._firsts[-1]])
        joined._ends = np.concatenate([self._ends, others._ends[1:] + self._ends[-1]])
        joined._text = np.concatenate([self._text, others._text])
        return joined


@compiled("uint64[::1](uint8[::1], int64[::1])")
def hashes(text: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """FNV-1a of each name, 64 bits: only to find quickly which names have to be compared."""
    made = np.empty(len(ends) - 1, np.uint64)
    for number in range(len(made)):
        value = np.uint64(0xCBF29CE484222325)
        for at in range(ends[number], ends[number + 1]):
            value = (value ^ np.uint64(text[at])) * np.uint64(0x100000001B3)
        made[number] = value
    return made


class MergedIndex(HashIndex):
    """One index of the codes of several, each without some ids. Takes little memory beyond its own."""

    names: JoinedNames

    def __init__(self, ids: Sequence[str], codes: SearchedCodes, *, tables: bool = True) -> None:
        """As HashIndex."""
        super().__init__(JoinedNames(ids), codes, tables=tables)

    def prepare(self, radius: int) -> None:
        """Build now what searches at `radius` look up in; else the first of them does, and takes the longer."""
        if self._uses_tables(1, radius):
            self._built()

    @classmethod
    def merged(cls, parts: Sequence["MergedIndex"], without: Sequence[Collection[str]], *, tables: bool = True) -> Self:
        """The codes of the parts, in their order; of each part `without` the ids at the same place."""
        marks = [~part.names.among(ids) for part, ids in zip(parts, without, strict=True)]
        names = JoinedNames()
        for part, marked in zip(parts, marks, strict=True):
            names = names.followed_by(part.names.only(marked))
        index = cls.__new__(cls)
        index._take(names, tables=tables)
        end = 0
        for part, marked in zip(parts, marks, strict=True):
            rows = None if marked.all() else part.names.rows(marked)
            for start in range(0, len(part), _STRETCH):
                kept = part.codes[start : start + _STRETCH]
                if rows is not None:
                    kept = kept[rows[start : start + _STRETCH]]
                index.codes[end : end + len(kept)] = kept
                end += len(kept)
        return index


class LiveHits(NamedTuple):
    """What a search found: three columns of one length, by query."""

    query: NDArray[np.int64]
    id: list[str]
    distance: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Part:
    """Codes, and the ids whose codes no longer count: ids are only ever put in, so a search sees a removal at once."""

    index: MergedIndex
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
        main = MergedIndex(ids, codes)
        main.prepare(FAST_AT)
        self._parts: tuple[_Part, ...] = (_Part(main), _Part(MergedIndex([], [], tables=False)))
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
        new = MergedIndex(ids, codes, tables=False)
        with self._changing:
            *older, last = self._parts
            grown = MergedIndex.merged([last.index, new], [last.removed, ()], tables=False)
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
                self._parts = (*taken, _Part(MergedIndex([], [], tables=False)))
            fresh = MergedIndex.merged([part.index for part in taken], gone)
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
