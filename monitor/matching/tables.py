"""The substring tables of a large set of codes, and when looking up in them is cheaper than a scan."""

from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.hashes.values import CODE_BITS
from monitor.matching.linear_scan import CodeWords, Found
from monitor.matching.multi_index import Numbers, Places, fill, probe

MOST_FLIPS = 5
"""Bits of a substring that are ever flipped: with more, a scan of any set that fits in memory is cheaper."""
TABLES_FROM = 50_000
"""Codes from which tables are cheaper than a scan at radius 31: 9 microseconds a query."""
COUNTS = ((2_000_000, 12), (400_000, 14), (TABLES_FROM, 16))
"""From so many codes on so many tables: the fastest of 11 to 18 at radius 31 and 40, as measured. At ten million codes
11 would save a third of the time and cost 280 MB more."""


class Tables:
    """`count` tables over the codes, each of 256 / `count` bits, rounded up for the first ones. Immutable."""

    def __init__(self, codes: CodeWords, count: int) -> None:
        self._codes = codes
        self._widths = widths(count)
        self._starts = np.concatenate([[0], np.cumsum(self._widths)[:-1]]).astype(np.int64)
        self._bases = np.concatenate([[0], np.cumsum((1 << self._widths) + 1)]).astype(np.int64)
        self._ends = np.zeros(self._bases[-1], np.uint32)
        self._rows = np.empty((count, len(codes)), np.uint32)
        for table in range(count):
            ends = self._ends[self._bases[table] : self._bases[table + 1]]
            fill(codes, int(self._starts[table]), int(self._widths[table]), ends, self._rows[table])

    def within(self, queries: CodeWords, radius: int) -> Found:
        """(query, row, distance) of every code at most `radius` bits from a query; in no order."""
        radii = substring_radii(len(self._widths), radius)
        patterns = [flips(int(width), int(most)) for width, most in zip(self._widths, radii, strict=True)]
        bases = np.concatenate([[0], np.cumsum([len(one) for one in patterns])]).astype(np.int64)
        tables = (self._starts, self._widths, radii, self._ends, self._bases, self._rows)
        found: Found = probe(self._codes, queries, radius, *tables, np.concatenate(patterns), bases)
        return found


def tables_for(codes: int) -> int:
    """How many tables serve so many codes best; 0: none."""
    return next((count for least, count in COUNTS if codes >= least), 0)


def can_serve(count: int, radius: int) -> bool:
    """Whether `count` tables can serve this radius at all."""
    return radius // count <= MOST_FLIPS


def widths(count: int) -> Numbers:
    """The bits of each of `count` substrings; they add up to 256."""
    return np.array([CODE_BITS // count + (table < CODE_BITS % count) for table in range(count)], np.int64)


def substring_radii(count: int, radius: int) -> Numbers:
    """Within how many bits each table has to be searched; the first, widest ones farther. -1: not at all."""
    whole, rest = divmod(radius, count)
    return np.array([whole if table <= rest else whole - 1 for table in range(count)], np.int64)


@lru_cache(maxsize=64)
def flips(width: int, most: int) -> Places:
    """Every pattern of at most `most` set bits of `width`, ascending: neighbours share a cache line of the table."""
    patterns = [sum(1 << bit for bit in bits) for size in range(most + 1) for bits in combinations(range(width), size)]
    made: NDArray[np.uint32] = np.array(sorted(patterns), np.uint32)
    made.flags.writeable = True  # the kernel's signature wants it so; nobody writes
    return made


@lru_cache(maxsize=256)
def work(codes: int, count: int, radius: int) -> tuple[float, float]:
    """Lookups and candidates of one query in `count` tables over random codes."""
    lookups, candidates = 0.0, 0.0
    for width, most in zip(widths(count), substring_radii(count, radius), strict=True):
        keys = sum(comb(int(width), size) for size in range(int(most) + 1))
        lookups += keys
        candidates += keys * codes / 2.0 ** int(width)
    return lookups, candidates
