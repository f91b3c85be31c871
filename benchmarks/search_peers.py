"""What a user would pick instead, each behind one method: which codes lie within a radius."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from benchmarks.search_codes import Codes, Ids
from monitor.matching.index import HashIndex

Found = set[tuple[int, int, int]]
"""(query, row, distance)."""


class Contender(Protocol):
    """One way to search."""

    name: str
    build_seconds: float

    def serves(self, radius: int) -> bool:
        """Whether it can be asked for this radius."""

    def search(self, queries: Codes, radius: int) -> Any:
        """The work that is timed: every code within the radius, as its library gives it."""

    def found(self, queries: Codes, radius: int) -> Found:
        """The same, as a set."""


class Ours:
    """monitor.matching.index.HashIndex."""

    name = "ours"

    def __init__(self, codes: Codes) -> None:
        start = time.process_time()
        self.index = HashIndex(Ids(len(codes)), codes)
        self.index.search(codes[:1], 31)  # the first search builds the tables
        self.build_seconds = time.process_time() - start

    def serves(self, radius: int) -> bool:
        return True

    def search(self, queries: Codes, radius: int) -> Any:
        return self.index.search(queries, radius)

    def found(self, queries: Codes, radius: int) -> Found:
        return set(zip(*(column.tolist() for column in self.search(queries, radius)), strict=True))


class FaissFlat:
    """faiss.IndexBinaryFlat: every code is compared."""

    name = "faiss flat"

    def __init__(self, codes: Codes) -> None:
        self.index = _faiss().IndexBinaryFlat(256)
        self.build_seconds = _seconds(lambda: self.index.add(codes))

    def serves(self, radius: int) -> bool:
        return True

    def search(self, queries: Codes, radius: int) -> Any:
        return self.index.range_search(queries, radius + 1)  # faiss leaves the radius itself out

    def found(self, queries: Codes, radius: int) -> Found:
        ends, distances, rows = self.search(queries, radius)
        numbers = np.repeat(np.arange(len(queries)), np.diff(ends).astype(np.int64))
        return set(zip(numbers.tolist(), rows.tolist(), distances.astype(int).tolist(), strict=True))


class FaissMultiHash(FaissFlat):
    """faiss.IndexBinaryMultiHash, 11 tables of 23 bits, with as many flips as make it exact."""

    name = "faiss multi-hash"
    TABLES = 11

    def __init__(self, codes: Codes) -> None:
        self.index = _faiss().IndexBinaryMultiHash(256, self.TABLES, 23)
        self.build_seconds = _seconds(lambda: self.index.add(codes))

    def serves(self, radius: int) -> bool:
        return radius // self.TABLES <= 3  # a flip more, and a query takes longer than a scan

    def search(self, queries: Codes, radius: int) -> Any:
        self.index.nflip = radius // self.TABLES
        return super().search(queries, radius)


class ThreatExchange:
    """threatexchange's PDQIndex, as its users call it: one hash at a time, in hexadecimal, always within 31 bits."""

    name = "threatexchange"

    def __init__(self, codes: Codes) -> None:
        from threatexchange.signal_type.pdq.pdq_index import PDQIndex

        _faiss()
        entries = [(code.tobytes().hex(), row) for row, code in enumerate(codes)]
        self.index: Any = PDQIndex()
        self.build_seconds = _seconds(lambda: self.index.add_all(entries))

    def serves(self, radius: int) -> bool:
        return radius == self.index.get_match_threshold()

    def search(self, queries: Codes, radius: int) -> Any:
        return [self.index.query(query.tobytes().hex()) for query in queries]

    def found(self, queries: Codes, radius: int) -> Found:
        return {
            (number, match.metadata, match.similarity_info.distance)
            for number, matches in enumerate(self.search(queries, radius))
            for match in matches
        }


PEERS: tuple[tuple[Callable[[Codes], Contender], int], ...] = (
    (FaissFlat, 10**9),
    (FaissMultiHash, 2_000_000),
    (ThreatExchange, 1_000_000),
)
"""Who, and up to how many codes: beyond, building takes minutes and several gigabytes."""


def peers(codes: Codes) -> list[Contender]:
    """Those that are installed and can take so many codes; says who cannot."""
    made = []
    for peer, most in PEERS:
        name = getattr(peer, "name", "")
        if len(codes) > most:
            print(f"{name}: left out above {most:,} codes")
            continue
        try:
            made.append(peer(codes))
        except ImportError as missing:
            print(f"{name}: left out, {missing.name} is not installed")
    return made


def _faiss() -> Any:
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
