"""Codes to search, and the search that is too simple to be wrong."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.matching.index import HashIndex

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
    for number, distances in enumerate(_distances(stored.tobytes(), queries.tobytes())):
        rows = np.flatnonzero(distances <= radius)
        found |= {
            (number, row, distance) for row, distance in zip(rows.tolist(), distances[rows].tolist(), strict=True)
        }
    return found


def within_many(index: HashIndex, codes: Sequence[bytes], radius: int) -> list[list[tuple[str, int]]]:
    """For each of `codes` the id and distance of every code at most `radius` from it, nearest first, then by id."""
    hits = index.search(codes, radius)
    found: list[list[tuple[str, int]]] = [[] for _ in codes]
    columns = (hits.query.tolist(), index.names.of(hits.row), hits.distance.tolist())
    for query, name, distance in zip(*columns, strict=True):
        found[query].append((name, distance))
    return [sorted(one, key=lambda hit: (hit[1], hit[0])) for one in found]


def within(index: HashIndex, code: bytes, radius: int) -> list[tuple[str, int]]:
    """The same for one code."""
    return within_many(index, [code], radius)[0]


@lru_cache(16)
def _distances(stored: bytes, queries: bytes) -> NDArray[np.uint16]:
    """(query, row), kept: the same codes are searched within many radii."""
    codes, wanted = (np.frombuffer(some, np.uint64).reshape(-1, 4) for some in (stored, queries))
    return np.stack([np.bitwise_count(codes ^ query).sum(axis=1, dtype=np.uint16) for query in wanted])
