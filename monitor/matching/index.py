"""Exact range search over 256-bit codes: every code within a radius, none else."""

import math
import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.hashes.values import CODE_BITS, CODE_BYTES
from monitor.matching.closest import closest
from monitor.matching.linear_scan import HALF_UP_TO, TURN_FROM, CodeWords, Found, scan
from monitor.matching.row_ids import Names
from monitor.matching.tables import Tables, can_serve, tables_for, work

_WORDS = CODE_BYTES // 8
_LINE = 64
"""Bytes the processor fetches at a time: no code may straddle two."""


class Hits(NamedTuple):
    """What a search found, as arrays of one length: by query, then nearest first, then by row."""

    query: NDArray[np.int64]
    """Which of the queries."""
    row: NDArray[np.int64]
    """Which code of the index: its position."""
    distance: NDArray[np.int64]
    """Bits of 256 that differ."""


class HashIndex:
    """An immutable snapshot: ids and their codes, below 2^32. To change it, build another and swap.

    A few codes are compared one by one; in a large set substrings are looked up in tables wherever that is cheaper at
    the radius asked for. Both are exact. See `benchmarks/search.py` for what they cost. Safe to search from several
    threads, which do not wait for each other.
    """

    def __init__(
        self, ids: Sequence[str] | Names, codes: NDArray[np.uint8] | Sequence[bytes], *, tables: bool = True
    ) -> None:
        """`codes`: uint8 (n, 32) or n times 32 bytes, in the order of `ids`. Raises ValueError for other shapes.

        Without `tables` only the scan is used: for a set that is soon replaced.
        """
        given = _words(codes)
        if len(ids) != len(given):
            raise ValueError(f"{len(ids)} ids for {len(given)} codes")
        self._take(ids if isinstance(ids, Names) else Names(ids), tables=tables)
        self.codes[:] = given

    def _take(self, names: Names, *, tables: bool) -> None:
        self.names, self.codes = names, _room(len(names))
        """The codes' bytes as (n, 4) words of 64 bits, for the caller to fill."""
        self._table_count = tables_for(len(names)) if tables else 0
        self._tables: Tables | None = None
        self._building = threading.Lock()

    def __len__(self) -> int:
        return len(self.codes)

    def search(self, codes: NDArray[np.uint8] | Sequence[bytes], radius: int) -> Hits:
        """Every code at most `radius` bits from one of `codes`: uint8 (q, 32), or q times 32 bytes. The fast way.

        Many queries at a time cost less each than one by one.
        """
        found = self._found(_words(codes), min(radius, CODE_BITS))
        query, row, distance = (found[:, column].astype(np.int64) for column in range(3))
        order = np.lexsort((row, distance, query))
        return Hits(query[order], row[order], distance[order])

    def rows_within(self, codes: Sequence[bytes], radius: int) -> list[list[tuple[int, int]]]:
        """(row, distance in bits) of every code at most `radius` from each of `codes`, nearest first, then by id."""
        hits = self.search(codes, radius)
        found: list[list[tuple[int, str, int]]] = [[] for _ in codes]
        columns = (hits.query.tolist(), hits.distance.tolist(), self.names.of(hits.row), hits.row.tolist())
        for query, distance, name, row in zip(*columns, strict=True):
            found[query].append((distance, name, row))
        return [[(row, distance) for distance, _, row in sorted(one)] for one in found]

    def closest(self, codes: Sequence[bytes]) -> list[tuple[int, int]]:
        """(row, distance in bits) of the nearest code to each of `codes`, however far; nothing of an empty index."""
        if not len(self):
            return []
        return [(int(row), int(distance)) for row, distance in closest(self.codes, _words(codes)).tolist()]

    def _found(self, queries: CodeWords, radius: int) -> Found:
        if radius < 0:
            return np.empty((0, 3), np.uint32)
        if self._uses_tables(len(queries), radius):
            return self._built().within(queries, radius)
        found: Found = scan(self.codes, queries, radius)
        return found

    def _built(self) -> Tables:
        with self._building:
            if self._tables is None:
                self._tables = Tables(self.codes, self._table_count)
            return self._tables

    def _uses_tables(self, queries: int, radius: int) -> bool:
        """Whether looking up is cheaper than scanning, by nanoseconds measured on one core with AVX-512.

        Where the estimate is wrong, on another processor, the search is slower than it could be, and as exact.
        """
        count = len(self.codes)
        if not self._table_count or not can_serve(self._table_count, radius):
            return False
        lookups, candidates = work(count, self._table_count, radius)
        # A cache line takes the longer the less of the tables stays in the caches.
        line = max(7.0, 9.0 + 6.0 * math.log10(count / 1e6))
        looking_up = 300.0 * self._table_count + line * (lookups + candidates)
        comparing = 0.6 if queries < TURN_FROM else 0.4 if radius > HALF_UP_TO else 0.2 if radius <= 40 else 0.3
        # Codes that do not stay in the caches are fetched once for all queries.
        fetching = min(4.0, 0.5 * max(0.0, math.log2(count / 1e5))) / max(1, queries)
        return looking_up < count * (comparing + fetching)


def _words(codes: NDArray[np.uint8] | Sequence[bytes]) -> CodeWords:
    """As (n, 4) words, contiguous and writable, which the kernels want."""
    if isinstance(codes, np.ndarray):
        if codes.size % CODE_BYTES or (codes.ndim == 2 and codes.shape[1] != CODE_BYTES):
            raise ValueError(f"every code has {CODE_BYTES} bytes, not the shape {codes.shape}")
        return np.require(codes, np.uint8, ["C", "A", "W"]).reshape(-1, CODE_BYTES).view(np.uint64)
    if any(len(code) != CODE_BYTES for code in codes):
        raise ValueError(f"every code has {CODE_BYTES} bytes")
    return np.frombuffer(bytearray().join(codes), np.uint64).reshape(-1, _WORDS)


def _room(codes: int) -> CodeWords:
    """Room for so many codes, from the start of a cache line on."""
    room = np.empty(codes * _WORDS + _LINE // 8, np.uint64)
    skipped = -room.ctypes.data % _LINE // 8
    return room[skipped : skipped + codes * _WORDS].reshape(-1, _WORDS)
