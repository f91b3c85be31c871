"""The linear scan, compiled: every code against every query, a block of codes at a time. Exact at any radius."""

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import LANES, compiled, inlined, near_in_half, near_in_rows, near_in_whole, popcount

CodeWords = NDArray[np.uint64]
"""Codes as (n, 4) words of 64 bits."""
Found = NDArray[np.uint32]
"""(hits, 3): number of the query, row of the code, bits apart. In no order."""

Column = NDArray[np.uint64]
Rows = NDArray[np.uint16]

BLOCK = 2048
"""Codes turned into columns at a time: 64 KB, so that they stay close to the processor while all queries pass over."""
HALF_UP_TO = 48
"""Up to this radius half a code tells most others apart: among random codes 1 in 300 gets through at 48."""

TURN_FROM = 12
"""Queries from which turning a block into columns pays."""


@inlined
def with_hit(found: Found, count: int, query: int | np.int64, row: int | np.int64, bits: int) -> Found:
    """The `count` hits found so far and one more; in twice the room where there was none left."""
    if count == len(found):
        larger = np.empty((2 * count, 3), np.uint32)
        larger[:count] = found
        found = larger
    found[count, 0] = query
    found[count, 1] = row
    found[count, 2] = bits
    return found


@compiled("int64(uint64[:, ::1], int64, uint64[:, ::1], int64)")
def distance_between(codes: CodeWords, row: int | np.int64, queries: CodeWords, query: int) -> int:
    """Bits in which a code and a query differ."""
    bits = 0
    for word in range(4):
        bits += popcount(codes[row, word] ^ queries[query, word])
    return bits


@compiled("int64(uint32, int64, int64, uint16[::1], int64)")
def noted(lanes: np.uint32, at: int, size: int, rows: Rows, count: int) -> int:
    """Note the rows of the set lanes, those past the block's end left out; how many are noted now."""
    bits = np.uint64(lanes)
    while bits:
        lane = popcount((bits & (~bits + np.uint64(1))) - np.uint64(1))
        if at + lane < size:
            rows[count] = at + lane
            count += 1
        bits &= bits - np.uint64(1)
    return count


@compiled("int64(uint64[::1], int64, uint64[:, ::1], int64, uint64, uint16[::1])")
def half_near(columns: Column, size: int, queries: CodeWords, query: int, limit: np.uint64, rows: Rows) -> int:
    """The rows of the block whose first half is near; how many."""
    q0, q1, q2, q3 = queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3]
    count = 0
    for at in range(0, size, LANES):
        lanes = near_in_half(columns, at, BLOCK, q0, q1, q2, q3, limit)
        if lanes:
            count = noted(lanes, at, size, rows, count)
    return count


@compiled("int64(uint64[::1], int64, uint64[:, ::1], int64, uint64, uint16[::1])")
def whole_near(columns: Column, size: int, queries: CodeWords, query: int, limit: np.uint64, rows: Rows) -> int:
    """The rows of the block that are near; how many."""
    q0, q1, q2, q3 = queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3]
    count = 0
    for at in range(0, size, LANES):
        lanes = near_in_whole(columns, at, BLOCK, q0, q1, q2, q3, limit)
        if lanes:
            count = noted(lanes, at, size, rows, count)
    return count


@compiled("int64(uint64[:, ::1], int64, int64, uint64[:, ::1], int64, uint64, uint16[::1])")
def rows_near(
    codes: CodeWords, start: int, size: int, queries: CodeWords, query: int, limit: np.uint64, rows: Rows
) -> int:
    """As `whole_near`, on codes that were not turned into columns. The last few are left for the caller to compare."""
    q0, q1, q2, q3 = queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3]
    count = 0
    full = size - size % LANES
    for at in range(0, full, LANES):
        lanes = near_in_rows(codes, start + at, q0, q1, q2, q3, limit)
        if lanes:
            count = noted(lanes, at, size, rows, count)
    for at in range(full, size):
        rows[count] = at
        count += 1
    return count


@compiled("void(uint64[:, ::1], int64, int64, uint64[::1])")
def turn(codes: CodeWords, start: int, size: int, columns: Column) -> None:
    """Turn a block of codes into columns."""
    for word in range(4):
        for row in range(size):
            columns[word * BLOCK + row] = codes[start + row, word]


@compiled("uint32[:, ::1](uint64[:, ::1], uint64[:, ::1], int64)")
def scan(codes: CodeWords, queries: CodeWords, radius: int) -> Found:
    """Every code at most `radius` bits from a query."""
    found = np.empty((256, 3), np.uint32)
    count = 0
    columns = np.zeros(4 * BLOCK, np.uint64)
    rows = np.empty(BLOCK, np.uint16)
    limit = np.uint64(radius)
    few = len(queries) < TURN_FROM
    for start in range(0, len(codes), BLOCK):
        size = min(BLOCK, len(codes) - start)
        if not few:
            turn(codes, start, size, columns)
        for query in range(len(queries)):
            if few:
                near = rows_near(codes, start, size, queries, query, limit, rows)
            elif radius <= HALF_UP_TO:
                near = half_near(columns, size, queries, query, limit, rows)
            else:
                near = whole_near(columns, size, queries, query, limit, rows)
            for number in range(near):
                row = start + rows[number]
                bits = distance_between(codes, row, queries, query)
                if bits <= radius:
                    found = with_hit(found, count, query, row, bits)
                    count += 1
    return found[:count].copy()
