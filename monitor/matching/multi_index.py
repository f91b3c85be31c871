"""Multi-index hashing, compiled: codes are looked up by their substrings instead of compared one by one.

Norouzi, Punjani, Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014: cut codes into m
substrings and keep a table for each. A code within r bits of the query has a substring within r // m bits of the
query's; in fact, with r = m * a + c, one of any c + 1 substrings within a bits, or one of the others within a - 1. So
nothing is missed.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import compiled, popcount, prefetch
from monitor.matching.linear_scan import CodeWords, Found, distance_between, with_hit

Numbers = NDArray[np.int64]
Places = NDArray[np.uint32]
Number = int | np.int64

AHEAD = 24
"""Lookups between asking for a cache line and using it."""
CANDIDATES = 512
"""Rows gathered before they are compared: their codes are on their way meanwhile."""


@compiled("int64(uint64[:, ::1], int64, int64, int64)")
def substring(codes: CodeWords, row: Number, start: int, width: int) -> np.int64:
    """`width` bits of a code from bit `start` on."""
    word, bit = start >> 6, np.uint64(start & 63)
    value = codes[row, word] >> bit
    if (start & 63) + width > 64:
        value |= codes[row, word + 1] << (np.uint64(64) - bit)
    return np.int64(value & ((np.uint64(1) << np.uint64(width)) - np.uint64(1)))


@compiled("void(uint64[:, ::1], int64, int64, uint32[::1], uint32[::1])")
def fill(codes: CodeWords, start: int, width: int, ends: Places, rows: Places) -> None:
    """Sort the rows by their substring: bucket k is rows[ends[k]:ends[k + 1]]. `ends` comes as zeros.

    Takes no memory beyond the two.
    """
    count, buckets = len(codes), 1 << width
    for row in range(count):
        ends[substring(codes, row, start, width)] += np.uint32(1)
    total = 0
    for bucket in range(buckets):
        total += ends[bucket]
        ends[bucket] = total
    ends[buckets] = total
    for row in range(count - 1, -1, -1):  # backwards, so that an end moves down to the bucket's start
        own = substring(codes, row, start, width)
        ends[own] -= np.uint32(1)
        rows[ends[own]] = row


@compiled("boolean(uint64[:, ::1], int64, uint64[:, ::1], int64, int64[::1], int64[::1], int64[::1], int64)")
def found_before(
    codes: CodeWords,
    row: Number,
    queries: CodeWords,
    query: int,
    starts: Numbers,
    widths: Numbers,
    radii: Numbers,
    table: int,
) -> bool:
    """Whether one of the tables before `table` leads to this code as well, which then was found there already."""
    for earlier in range(table):
        one = substring(codes, row, starts[earlier], widths[earlier])
        other = substring(queries, query, starts[earlier], widths[earlier])
        if popcount(np.uint64(one ^ other)) <= radii[earlier]:
            return True
    return False


@compiled(
    "uint32[:, ::1](uint64[:, ::1], uint64[:, ::1], int64, int64[::1], int64[::1], int64[::1],"
    " uint32[::1], int64[::1], uint32[:, ::1], uint32[::1], int64[::1])"
)
def probe(
    codes: CodeWords,
    queries: CodeWords,
    radius: int,
    starts: Numbers,
    widths: Numbers,
    radii: Numbers,
    ends: Places,
    bases: Numbers,
    rows: Places,
    flips: Places,
    flip_bases: Numbers,
) -> Found:
    """Every code at most `radius` bits from a query.

    Table t holds `widths[t]` bits from `starts[t]` on and is searched for substrings within `radii[t]` bits (-1: not at
    all). Its buckets' ends start at ends[bases[t]], its rows are rows[t], the patterns to flip a substring by are
    flips[flip_bases[t]:flip_bases[t + 1]].
    """
    found = np.empty((256, 3), np.uint32)
    count = 0
    longest = 0
    for table in range(len(widths)):
        longest = max(longest, flip_bases[table + 1] - flip_bases[table])
    first, last = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    waiting = np.empty(CANDIDATES, np.uint32)
    flat = codes.reshape(codes.size)
    for query in range(len(queries)):
        q0, q1 = queries[query, 0], queries[query, 1]
        for table in range(len(widths)):
            if radii[table] < 0:
                continue
            own = substring(queries, query, starts[table], widths[table])
            base, flip, keys = bases[table], flip_bases[table], flip_bases[table + 1] - flip_bases[table]
            bucket_rows = rows[table]
            buckets = 0
            for key in range(keys):
                if key + AHEAD < keys:
                    prefetch(ends, base + (own ^ np.int64(flips[flip + key + AHEAD])))
                bucket = base + (own ^ np.int64(flips[flip + key]))
                if ends[bucket] < ends[bucket + 1]:
                    first[buckets], last[buckets] = ends[bucket], ends[bucket + 1]
                    prefetch(bucket_rows, np.int64(first[buckets]))
                    buckets += 1
            held = 0
            bucket = 0
            place = np.int64(first[0]) if buckets else 0
            while bucket < buckets or held:
                while bucket < buckets and held < CANDIDATES:
                    row = bucket_rows[place]
                    prefetch(flat, 4 * np.int64(row))
                    waiting[held] = row
                    held += 1
                    place += 1
                    if place == last[bucket]:
                        bucket += 1
                        if bucket < buckets:
                            place = np.int64(first[bucket])
                for number in range(held):
                    row = np.int64(waiting[number])
                    if popcount(codes[row, 0] ^ q0) + popcount(codes[row, 1] ^ q1) > radius:
                        continue
                    bits = distance_between(codes, row, queries, query)
                    if bits > radius or found_before(codes, row, queries, query, starts, widths, radii, table):
                        continue
                    found = with_hit(found, count, query, row, bits)
                    count += 1
                held = 0
    return found[:count].copy()
