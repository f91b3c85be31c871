"""The nearest code of each query, however far it is, compiled: for who wants to know how far everything else lies.

A range search with a radius of all 256 bits would list every code for every query. Here the nearest so far is the
bound: a code that is farther by its first words is left at that.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import compiled, popcount
from monitor.matching.linear_scan import CodeWords

Nearest = NDArray[np.int64]
"""(queries, 2): row of the nearest code, the first of equals, and the bits apart."""


@compiled("int64[:, ::1](uint64[:, ::1], uint64[:, ::1])")
def closest(codes: CodeWords, queries: CodeWords) -> Nearest:
    """The nearest of `codes`, of which there is at least one, for each query."""
    found = np.zeros((len(queries), 2), np.int64)
    for query in range(len(queries)):
        q0, q1, q2, q3 = queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3]
        best_row, best = 0, 257
        for row in range(len(codes)):
            bits = popcount(codes[row, 0] ^ q0) + popcount(codes[row, 1] ^ q1)
            if bits < best:
                bits += popcount(codes[row, 2] ^ q2) + popcount(codes[row, 3] ^ q3)
                if bits < best:
                    best_row, best = row, bits
        found[query, 0], found[query, 1] = best_row, best
    return found
