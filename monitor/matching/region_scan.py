"""Comparing query regions with registered boxes, compiled. Exact by this rule: codes are near when their 64 coarsest
bits differ in at most COARSE_WITHIN and all 256 in at most the limit. The coarse word comes first, so that most
codes cost one word of four.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import AT_ONCE, LANES, any_near, compiled, near_columns
from monitor.matching.linear_scan import CodeWords, Found, distance_between, noted, rows_near, with_hit

COARSE_WITHIN = 16
"""Bits of 64. Of true hits between 48 and 60 bits 98 % lie within; unrelated boxes lie at 32, standard deviation 4."""
BLOCK = 4096
"""Coarse words compared at a time: 32 KB, which stay in the first cache while all queries pass over (64 KB: 1.3 x)."""

Coarse = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_COARSE = np.arange(17, 32, 2)
"""Bytes of a code that hold the coefficients below 8 both ways: a code's last coefficient comes first, 16 a row."""
_COARSE_FIRST = np.concatenate([_COARSE, np.setdiff1d(np.arange(32), _COARSE)])

near_in_first = near_columns(1)


def coarse_first(codes: NDArray[np.uint8]) -> CodeWords:
    """uint8 (n, 32) to (n, 4) words, of which the first holds the coarse coefficients."""
    return np.ascontiguousarray(codes.reshape(-1, 32)[:, _COARSE_FIRST]).view(np.uint64)


def padded(words: CodeWords) -> Coarse:
    """The first words in a row of their own, with room after them so that AT_ONCE may be read from any place on."""
    column = np.zeros(len(words) + AT_ONCE, np.uint64)
    column[: len(words)] = words[:, 0]
    return column


@compiled("uint32[:, ::1](uint64[::1], uint64[:, ::1], uint64[:, ::1], int64, int64)")
def scan_all(coarse: Coarse, codes: CodeWords, queries: CodeWords, limit: int, coarse_within: int) -> Found:
    """(query, row, bits) of every code near a query. `coarse`: see `padded`; `coarse_within`: bits of those 64."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    rows = np.empty(BLOCK, np.uint16)
    coarse_limit = np.uint64(coarse_within)
    for start in range(0, len(codes), BLOCK):
        size = min(BLOCK, len(codes) - start)
        for query in range(len(queries)):
            first = queries[query, 0]
            near = 0
            for some in range(0, size, AT_ONCE):
                if any_near(coarse, start + some, first, coarse_limit):
                    for at in range(some, some + AT_ONCE, LANES):
                        lanes = near_in_first(coarse, start + at, 0, first, first, first, first, coarse_limit)
                        near = noted(lanes, at, size, rows, near)
            for number in range(near):
                row = start + rows[number]
                bits = distance_between(codes, row, queries, query)
                if bits <= limit:
                    found = with_hit(found, count, query, row, bits)
                    count += 1
    return found[:count].copy()


@compiled("uint32[:, ::1](uint64[:, ::1], int64[::1], uint64[:, ::1], int64[::1], int64)")
def scan_tiles(codes: CodeWords, starts: Numbers, queries: CodeWords, tiles: Numbers, limit: int) -> Found:
    """The same, a query of tile t against the rows from starts[t] to starts[t + 1]."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    rows = np.empty(BLOCK, np.uint16)
    for query in range(len(queries)):
        end = starts[tiles[query] + 1]
        for start in range(starts[tiles[query]], end, BLOCK):
            near = rows_near(codes, start, min(BLOCK, end - start), queries, query, np.uint64(limit), rows)
            for number in range(near):
                row = start + rows[number]
                bits = distance_between(codes, row, queries, query)
                if bits <= limit:
                    found = with_hit(found, count, query, row, bits)
                    count += 1
    return found[:count].copy()
