"""The index finds exactly what comparing with every code one by one finds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.matching.index import HashIndex, Hits
from monitor.matching.tables import TABLES_FROM, Tables, substring_radii, widths
from tests.support.hamming import Codes, by_hand, near, random_codes, within, within_many
from tests.support.waves import bits_apart

ROOT = Path(__file__).parents[2]

codes = st.binary(min_size=32, max_size=32)
nearby = st.builds(
    lambda code, bits: (int.from_bytes(code) ^ sum(1 << bit for bit in bits)).to_bytes(32),
    st.sampled_from([bytes(32), b"\xff" * 32, b"\x5a" * 32]),
    st.sets(st.integers(0, 255), max_size=70),
)


@given(st.lists(codes | nearby, max_size=30), st.lists(codes | nearby, max_size=5), st.integers(0, 256))
@settings(deadline=None)  # the machine may be busy with other things
def test_range_search_equals_brute_force(stored: list[bytes], queries: list[bytes], radius: int) -> None:
    ids = [f"f{number}" for number in range(len(stored))]
    index = HashIndex(ids, stored)

    for query, found in zip(queries, within_many(index, queries, radius), strict=True):
        distances = {one: bits_apart(code, query) for one, code in zip(ids, stored, strict=True)}
        expected = sorted(((one, d) for one, d in distances.items() if d <= radius), key=lambda hit: (hit[1], hit[0]))
        assert found == expected
        assert within(index, query, radius) == expected


@given(st.lists(codes | nearby, max_size=30), st.lists(codes | nearby, max_size=5))
@settings(deadline=None)  # the machine may be busy with other things
def test_closest_equals_brute_force(stored: list[bytes], queries: list[bytes]) -> None:
    index = HashIndex([f"f{number}" for number in range(len(stored))], stored)

    distances = [[bits_apart(code, query) for code in stored] for query in queries]
    assert index.closest(queries) == [(all_.index(min(all_)), min(all_)) for all_ in distances if all_]


def test_search_spans_all_chunks() -> None:
    table = np.random.default_rng(0).integers(0, 256, (140_000, 32), np.uint8)
    index = HashIndex([str(row) for row in range(len(table))], table)

    for row in (0, 65_535, 65_536, 139_999):
        assert within(index, table[row].tobytes(), 31) == [(str(row), 0)]


def test_empty_index_finds_nothing() -> None:
    assert len(HashIndex([], [])) == 0
    assert within(HashIndex([], []), bytes(32), 256) == []


def test_one_hash_is_found_at_its_exact_distance() -> None:
    index = HashIndex(["only"], [bytes(31) + b"\x07"])

    assert within(index, bytes(32), 2) == []
    assert within(index, bytes(32), 3) == [("only", 3)]


def test_snapshot_does_not_change_with_the_array_it_was_made_from() -> None:
    table = np.zeros((1, 32), np.uint8)
    index = HashIndex(["only"], table)

    table[:] = 255

    assert within(index, bytes(32), 0) == [("only", 0)]


@pytest.mark.parametrize("wrong", [[b"short"], [bytes(32), bytes(32)], [bytes(64)]])
def test_wrong_codes_are_refused(wrong: list[bytes]) -> None:
    with pytest.raises(ValueError):
        HashIndex(["only"], wrong)
    with pytest.raises(ValueError):
        within(HashIndex(["only"], [bytes(32)]), b"short", 3)


SETS = {
    "random": random_codes(6_000),
    "clustered": near(np.repeat(random_codes(20), 300, axis=0), 70),
    "identical": np.concatenate(
        [np.repeat(random_codes(1), 5_000, axis=0), near(np.repeat(random_codes(1), 500, 0), 60)]
    ),
}


@pytest.mark.parametrize("stored", SETS.values(), ids=SETS)
@pytest.mark.parametrize("radius", [0, 1, 31, 40, 48, 49, 60, 256])
@pytest.mark.parametrize("queries", [1, 30])
def test_scan_equals_brute_force(stored: Codes, radius: int, queries: int) -> None:
    """One query reads the codes as they lie, many turn them into columns; up to 48 bits half a code decides."""
    wanted = near(stored[:: len(stored) // queries][:queries], 50, seed=1)
    if radius == 256:
        stored = stored[:500]

    hits = HashIndex([""] * len(stored), stored, tables=False).search(wanted, radius)

    assert as_set(hits) == by_hand(stored, wanted, radius)
    assert len(hits.row) == len(as_set(hits))


@pytest.mark.parametrize("stored", SETS.values(), ids=SETS)
@pytest.mark.parametrize("count", [11, 12, 14, 16])
def test_tables_equal_brute_force(stored: Codes, count: int) -> None:
    tables = Tables(HashIndex([""] * len(stored), stored).codes, count)
    wanted = near(stored[:: len(stored) // 6][:6], 50, seed=1)

    for radius in (0, 1, count - 1, count, 31, 40, 48, 60):
        found = tables.within(wanted.view(np.uint64), radius)
        hits = set(map(tuple, found.tolist()))
        assert hits == by_hand(stored, wanted, radius)
        assert len(found) == len(hits), "a code is found once, however many tables lead to it"


@given(st.integers(11, 18), st.integers(0, 60), st.lists(st.integers(0, 255), min_size=60, max_size=60, unique=True))
@settings(deadline=None)  # the machine may be busy with other things
def test_no_code_within_the_radius_escapes_the_tables(count: int, radius: int, bits: list[int]) -> None:
    """Whichever bits differ: they cannot be spread over the substrings so that every table is searched too narrowly."""
    differing = np.zeros(256, np.int64)
    differing[bits[:radius]] = 1
    ends = np.cumsum(widths(count))
    apart = np.array([part.sum() for part in np.split(differing, ends[:-1])])

    assert ends[-1] == 256
    assert (apart <= substring_radii(count, radius)).any()


def test_large_set_is_searched_by_tables_and_by_scan_with_one_result() -> None:
    stored = np.concatenate([random_codes(TABLES_FROM), near(np.repeat(random_codes(1), 300, axis=0), 70)])
    looked_up, scanned = (HashIndex([""] * len(stored), stored, tables=tables) for tables in (True, False))
    wanted = near(stored[-300::10], 20, seed=1)

    for radius in (0, 31, 40, 48, 60):
        for queries in (wanted, wanted[:1]):
            assert as_set(looked_up.search(queries, radius)) == as_set(scanned.search(queries, radius))
    assert as_set(looked_up.search(wanted, 48)) == by_hand(stored, wanted, 48)


def test_hits_come_by_query_then_nearest_first_then_by_row() -> None:
    stored = near(np.repeat(random_codes(1), 200, axis=0), 30)
    hits = HashIndex([""] * 200, stored).search(stored[:20], 60)

    assert len(hits.row) > 1_000
    assert list(zip(*(hits.query, hits.distance, hits.row), strict=True)) == sorted(
        zip(*(hits.query, hits.distance, hits.row), strict=True)
    )


def test_every_hit_is_reported_when_all_codes_are_hits() -> None:
    index = HashIndex([str(row) for row in range(70_000)], np.zeros((70_000, 32), np.uint8))

    for radius in (0, 31, 256):
        hits = index.search([bytes(32), b"\xff" * 32], radius)
        assert np.array_equal(np.unique(hits.row[hits.query == 0]), np.arange(70_000))
        assert len(hits.row) == (140_000 if radius == 256 else 70_000)


def test_codes_of_one_id_are_told_apart_by_their_rows() -> None:
    index = HashIndex(["b", "a", "a", "b"], [bytes(32), bytes(32), bytes(31) + b"\x01", bytes(32)])

    assert within(index, bytes(32), 1) == [("a", 0), ("b", 0), ("b", 0), ("a", 1)]
    assert index.rows_within([bytes(32)], 1) == [[(1, 0), (0, 0), (3, 0), (2, 1)]]


def test_impossible_radii_find_nothing_or_everything() -> None:
    index = HashIndex(["only"], [bytes(32)])

    assert within(index, bytes(32), -1) == []
    assert within(index, b"\xff" * 32, 10**6) == [("only", 256)]


@pytest.mark.parametrize("wrong", [np.zeros((2, 31), np.uint8), np.zeros(33, np.uint8), np.zeros((4, 64), np.uint8)])
def test_arrays_of_wrong_shape_are_refused(wrong: Codes) -> None:
    with pytest.raises(ValueError):
        HashIndex(["only"], [bytes(32)]).search(wrong, 3)


def test_queries_need_not_lie_together_in_memory() -> None:
    wide = np.zeros((6, 64), np.uint8)
    wide.flags.writeable = False

    assert len(HashIndex(["only"], [bytes(32)]).search(wide[::2, ::2], 0).row) == 3


def test_search_works_where_no_machine_code_can_be_kept(tmp_path: Path) -> None:
    """A read-only installation and no home."""
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "folder")
    one_more = "from monitor.matching.compiled import _PLACE, compiled\n"
    one_more += "print(_PLACE, compiled('int64(int64)')(lambda number: number + 1)(1))\n"

    done = _python(one_more, ROOT, NUMBA_CACHE_DIR=nowhere, HOME=nowhere)

    assert done == "None 2\n"


def test_machine_code_of_other_sources_is_not_taken(tmp_path: Path) -> None:
    """What a kernel calls may stand in another file, which numba does not watch."""
    shutil.copytree(ROOT / "monitor", tmp_path / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    kernel = "from monitor.matching.compiled import compiled, popcount\n\n\n"
    kernel += "@compiled('int64(uint64)')\ndef bits(word):\n    return popcount(word)\n"
    (tmp_path / "monitor/matching/one_kernel.py").write_text(kernel)
    apart = "from monitor.matching.one_kernel import bits; print(bits(7))\n"
    assert _python(apart, tmp_path) == "3\n"
    assert list(tmp_path.glob("monitor/matching/__pycache__/kernels-*/**/*bits*.nbc")), "kept for the next process"

    changed = tmp_path / "monitor/matching/compiled.py"
    changed.write_text(changed.read_text().replace("declared, [value])", "declared, [builder.not_(value)])"))

    assert _python(apart, tmp_path) == "61\n"


def _python(program: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, env=os.environ | environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_set(hits: Hits) -> set[tuple[int, int, int]]:
    return set(zip(hits.query.tolist(), hits.row.tolist(), hits.distance.tolist(), strict=True))
