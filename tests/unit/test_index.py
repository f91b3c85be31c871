"""The index finds exactly what comparing with every code one by one finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.matching.index import HashIndex
from tests.support.waves import bits_apart

codes = st.binary(min_size=32, max_size=32)
nearby = st.builds(
    lambda code, bits: (int.from_bytes(code) ^ sum(1 << bit for bit in bits)).to_bytes(32),
    st.sampled_from([bytes(32), b"\xff" * 32, b"\x5a" * 32]),
    st.sets(st.integers(0, 255), max_size=70),
)


@given(st.lists(codes | nearby, max_size=30), st.lists(codes | nearby, max_size=5), st.integers(0, 256))
def test_range_search_equals_brute_force(stored: list[bytes], queries: list[bytes], radius: int) -> None:
    ids = [f"f{number}" for number in range(len(stored))]
    index = HashIndex(ids, stored)

    for query, found in zip(queries, index.within_many(queries, radius), strict=True):
        distances = {one: bits_apart(code, query) for one, code in zip(ids, stored, strict=True)}
        expected = sorted(((one, d) for one, d in distances.items() if d <= radius), key=lambda hit: (hit[1], hit[0]))
        assert found == expected
        assert index.within(query, radius) == expected


def test_search_spans_all_chunks() -> None:
    table = np.random.default_rng(0).integers(0, 256, (140_000, 32), np.uint8)
    index = HashIndex([str(row) for row in range(len(table))], table)

    for row in (0, 65_535, 65_536, 139_999):
        assert index.within(table[row].tobytes(), 31) == [(str(row), 0)]


def test_empty_index_finds_nothing() -> None:
    assert len(HashIndex([], [])) == 0
    assert HashIndex([], []).within(bytes(32), 256) == []


def test_one_hash_is_found_at_its_exact_distance() -> None:
    index = HashIndex(["only"], [bytes(31) + b"\x07"])

    assert index.within(bytes(32), 2) == []
    assert index.within(bytes(32), 3) == [("only", 3)]


def test_snapshot_does_not_change_with_the_array_it_was_made_from() -> None:
    table = np.zeros((1, 32), np.uint8)
    index = HashIndex(["only"], table)

    table[:] = 255

    assert index.within(bytes(32), 0) == [("only", 0)]


@pytest.mark.parametrize("wrong", [[b"short"], [bytes(32), bytes(32)], [bytes(64)]])
def test_wrong_codes_are_refused(wrong: list[bytes]) -> None:
    with pytest.raises(ValueError):
        HashIndex(["only"], wrong)
    with pytest.raises(ValueError):
        HashIndex(["only"], [bytes(32)]).within(b"short", 3)
