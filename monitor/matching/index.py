"""Exact range search over 256-bit codes: every code within a radius, none else."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.values import CODE_BYTES

_WORDS = CODE_BYTES // 8
_CHUNK = 1 << 16
"""Codes compared at a time: the differences of a chunk stay in the processor's cache."""


class HashIndex:
    """An immutable snapshot: ids and their codes. To change it, build another and swap.

    A linear scan: 250 microseconds a query at 10,000 codes. Consent keeps the set of one source far below that.
    """

    def __init__(self, ids: Sequence[str], codes: NDArray[np.uint8] | Sequence[bytes]) -> None:
        """`codes`: uint8 (n, 32) or n times 32 bytes, in the order of `ids`. Raises ValueError for other shapes."""
        if isinstance(codes, np.ndarray):
            table = np.array(codes, np.uint8, order="C").reshape(-1, CODE_BYTES)
        else:
            if any(len(code) != CODE_BYTES for code in codes):
                raise ValueError(f"every code has {CODE_BYTES} bytes")
            table = np.frombuffer(b"".join(codes), np.uint8).reshape(-1, CODE_BYTES)
        if len(ids) != len(table):
            raise ValueError(f"{len(ids)} ids for {len(table)} codes")
        self._ids = tuple(ids)
        self._codes = table.view(np.uint64)

    def __len__(self) -> int:
        return len(self._ids)

    def within(self, code: bytes, radius: int) -> list[tuple[str, int]]:
        """(id, distance in bits) of every code at most `radius` from `code`, nearest first, then by id."""
        return [(self._ids[row], distance) for row, distance in self.rows_within([code], radius)[0]]

    def within_many(self, codes: Sequence[bytes], radius: int) -> list[list[tuple[str, int]]]:
        """`within` for each of `codes`, in their order."""
        return [[(self._ids[row], distance) for row, distance in hits] for hits in self.rows_within(codes, radius)]

    def rows_within(self, codes: Sequence[bytes], radius: int) -> list[list[tuple[int, int]]]:
        """As `within_many`, with positions in the index in place of ids: for callers whose ids repeat."""
        if any(len(code) != CODE_BYTES for code in codes):
            raise ValueError(f"every code has {CODE_BYTES} bytes")
        queries = np.frombuffer(b"".join(codes), np.uint64).reshape(-1, _WORDS)
        found: list[list[tuple[int, int]]] = [[] for _ in codes]
        for start in range(0, len(self._codes), _CHUNK):
            chunk = self._codes[start : start + _CHUNK]
            for hits, query in zip(found, queries, strict=True):
                distances = np.bitwise_count(chunk ^ query).sum(axis=1, dtype=np.uint16)
                near = np.flatnonzero(distances <= radius)
                hits.extend((start + int(row), int(distances[row])) for row in near)
        for hits in found:
            hits.sort(key=lambda hit: (hit[1], self._ids[hit[0]]))
        return found
