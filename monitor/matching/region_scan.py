"""Comparing looks with registered boxes, compiled. Exact by this rule: two codes are near when their 64 coarsest bits
differ in at most COARSE_WITHIN and all 256 in at most the look's own limit. The coarse word comes first, so that most
codes cost one word of four.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import LANES, compiled, near_columns
from monitor.matching.scanning import Found, Words, apart, noted, with_hit

COARSE_WITHIN = 16
"""Bits of 64. Of true hits between 48 and 60 bits 98 % lie within; unrelated boxes lie at 32, standard deviation 4."""
BLOCK = 8192
"""Coarse words compared at a time: 64 KB."""

Coarse = NDArray[np.uint64]
Limits = NDArray[np.int64]

_ORDER = np.arange(256)[::-1]
_IS_COARSE = (_ORDER // 16 < 8) & (_ORDER % 16 < 8)
_COARSE_FIRST = np.concatenate([np.flatnonzero(_IS_COARSE), np.flatnonzero(~_IS_COARSE)])

near_in_first = near_columns(1)


def coarse_first(codes: NDArray[np.uint8]) -> Words:
    """uint8 (n, 32) to (n, 4) words: the first holds the coefficients below 8 both ways."""
    bits = np.unpackbits(codes.reshape(-1, 32), axis=1)[:, _COARSE_FIRST]
    return np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint64).reshape(-1, 4)


def padded(words: Words) -> Coarse:
    """The first words in a row of their own, as long as the lanes need it."""
    column = np.zeros(-(-len(words) // LANES) * LANES, np.uint64)
    column[: len(words)] = words[:, 0]
    return column


@compiled("uint32[:, ::1](uint64[::1], uint64[:, ::1], uint64[:, ::1], int64[::1])")
def scan_all(coarse: Coarse, codes: Words, queries: Words, limits: Limits) -> Found:
    """(query, row, bits) of every code near a query."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    rows = np.empty(BLOCK, np.uint16)
    limit = np.uint64(COARSE_WITHIN)
    for start in range(0, len(codes), BLOCK):
        size = min(BLOCK, len(codes) - start)
        for query in range(len(queries)):
            first = queries[query, 0]
            near = 0
            for at in range(0, size, LANES):
                lanes = near_in_first(coarse, start + at, 0, first, first, first, first, limit)
                if lanes:
                    near = noted(lanes, at, size, rows, near)
            for number in range(near):
                row = start + rows[number]
                bits = apart(codes, row, queries, query)
                if bits <= limits[query]:
                    found = with_hit(found, count, query, row, bits)
                    count += 1
    return found[:count].copy()


@compiled("uint32[:, ::1](uint64[:, ::1], int64[::1], uint64[:, ::1], int64[::1], int64)")
def scan_tiles(codes: Words, starts: Limits, queries: Words, tiles: Limits, limit: int) -> Found:
    """The same, a query of tile t against the rows from starts[t] to starts[t + 1]."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    for query in range(len(queries)):
        for row in range(starts[tiles[query]], starts[tiles[query] + 1]):
            bits = apart(codes, row, queries, query)
            if bits <= limit:
                found = with_hit(found, count, query, row, bits)
                count += 1
    return found[:count].copy()
