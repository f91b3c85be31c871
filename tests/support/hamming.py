"""Codes to search, and the search that is too simple to be wrong."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]


def random_codes(count: int, seed: int = 0) -> Codes:
    """`count` codes that have nothing in common: about 128 bits apart."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


def near(codes: Codes, most: int, seed: int = 0) -> Codes:
    """Each code with 0 to `most` of its bits flipped."""
    rng = np.random.default_rng(seed)
    flipped = np.unpackbits(codes, axis=1)
    for row, bits in enumerate(rng.integers(0, most + 1, len(codes))):
        flipped[row, rng.choice(256, bits, replace=False)] ^= 1
    return np.packbits(flipped, axis=1)


def by_hand(stored: Codes, queries: Codes, radius: int) -> set[tuple[int, int, int]]:
    """(query, row, distance) of every code at most `radius` from a query."""
    found = set()
    for number, query in enumerate(queries):
        distances = np.bitwise_count(stored ^ query).sum(axis=1, dtype=np.int64)
        rows = np.flatnonzero(distances <= radius)
        found |= {
            (number, row, distance) for row, distance in zip(rows.tolist(), distances[rows].tolist(), strict=True)
        }
    return found
