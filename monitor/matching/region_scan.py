"""Comparing looks with registered boxes, compiled. Exact by this rule: two codes are near when their 32 coarsest bits
differ in at most COARSE_WITHIN and all 256 in at most the look's own limit. The coarse bits come first, in a row of
their own, so that most codes cost one short word.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import WIDE_LANES, compiled, near_words, popcount
from monitor.matching.scanning import Found, Words, doubled

COARSE_WITHIN = 8
"""Bits of 32. Unrelated boxes lie at 16, standard deviation 3; a box that is off by 2 % of its side both ways, which
costs 64 bits of 256, lies at 4."""
BLOCK = 8192
"""Codes compared at a time: 32 KB of coarse words, 256 KB of codes."""

Coarse = NDArray[np.uint32]
Limits = NDArray[np.int64]

_PLACE = np.arange(256)[::-1]
_FREQUENCY = (_PLACE // 16 + 1) ** 2 + (_PLACE % 16 + 1) ** 2
_COARSE_FIRST = np.argsort(_FREQUENCY, kind="stable")


def coarse_first(codes: NDArray[np.uint8]) -> Words:
    """uint8 (n, 32) to (n, 4) words whose bits go from the lowest frequency to the highest."""
    bits = np.unpackbits(codes.reshape(-1, 32), axis=1)[:, _COARSE_FIRST]
    return np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint64).reshape(-1, 4)


def coarse_of(words: Words) -> Coarse:
    """The 32 lowest frequencies in a row of their own, as long as the lanes need it."""
    column = np.zeros(-(-len(words) // WIDE_LANES) * WIDE_LANES, np.uint32)
    column[: len(words)] = words.view(np.uint32).reshape(-1, 8)[:, 0]
    return column


@compiled("int64(uint64[:, ::1], int64, uint64[:, ::1], int64)")
def bits_apart(codes: Words, row: int, queries: Words, query: int) -> int:
    """Bits in which a code and a query differ."""
    bits = 0
    for word in range(4):
        bits += popcount(codes[row, word] ^ queries[query, word])
    return bits


@compiled("uint32[:, ::1](uint32[::1], uint64[:, ::1], uint32[::1], uint64[:, ::1], int64[::1])")
def scan_all(coarse: Coarse, codes: Words, firsts: Coarse, queries: Words, limits: Limits) -> Found:
    """(query, row, bits) of every code near a query. `firsts`: coarse_of(queries)."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    limit = np.uint32(COARSE_WITHIN)
    for start in range(0, len(codes), BLOCK):
        end = min(start + BLOCK, len(codes))
        for query in range(len(queries)):
            first = firsts[query]
            for at in range(start, end, WIDE_LANES):
                lanes = np.uint64(near_words(coarse, at, first, limit))
                while lanes:
                    row = at + popcount((lanes & (~lanes + np.uint64(1))) - np.uint64(1))
                    lanes &= lanes - np.uint64(1)
                    if row < end and bits_apart(codes, row, queries, query) <= limits[query]:
                        if count == len(found):
                            found = doubled(found)
                        found[count, 0] = query
                        found[count, 1] = row
                        found[count, 2] = bits_apart(codes, row, queries, query)
                        count += 1
    return found[:count].copy()


@compiled("uint32[:, ::1](uint64[:, ::1], int64[::1], uint64[:, ::1], int64[::1], int64)")
def scan_tiles(codes: Words, starts: Limits, queries: Words, tiles: Limits, limit: int) -> Found:
    """The same, a query of tile t against the rows from starts[t] to starts[t + 1]."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    for query in range(len(queries)):
        for row in range(starts[tiles[query]], starts[tiles[query] + 1]):
            bits = bits_apart(codes, row, queries, query)
            if bits <= limit:
                if count == len(found):
                    found = doubled(found)
                found[count, 0] = query
                found[count, 1] = row
                found[count, 2] = bits
                count += 1
    return found[:count].copy()
