"""The live index finds what a fresh index over the same codes finds, while codes come and go and it rebuilds itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from benchmarks import live_index
from benchmarks.live_index import JoinedNames, LiveIndex, MergedIndex
from monitor.matching.index import HashIndex
from monitor.matching.tables import TABLES_FROM
from tests.support.hamming import near, random_codes, within

CENTRE = bytes(32)


def code(number: int) -> bytes:
    """As many bits from CENTRE as the number has."""
    return number.to_bytes(32, "little")


def test_added_code_is_found_at_once() -> None:
    index = LiveIndex(["old"], [code(1)])

    index.add(["new"], [code(3)])

    assert index.within(CENTRE, 31) == [("old", 1), ("new", 2)]


def test_removed_id_is_gone_at_once_with_all_its_codes() -> None:
    index = LiveIndex(["old", "kept", "old"], [code(1), code(3), code(7)])
    index.add(["old", "new"], [code(0), code(15)])

    index.remove({"old", "unknown"})

    assert index.within(CENTRE, 31) == [("kept", 2), ("new", 4)]


def test_removed_id_may_be_added_again() -> None:
    index = LiveIndex(["one"], [code(1)])
    for number in (3, 7):
        index.remove(["one"])
        index.add(["one"], [code(number)])

    assert index.within(CENTRE, 31) == [("one", 3)]
    index.rebuild()
    assert index.within(CENTRE, 31) == [("one", 3)]


def test_empty_index_finds_nothing_and_fills() -> None:
    index = LiveIndex()
    assert index.within(CENTRE, 256) == []

    index.rebuild()
    index.add(["one"], [CENTRE])
    index.rebuild()

    assert index.within_many([CENTRE, b"\xff" * 32], 256) == [[("one", 0)], [("one", 256)]]


def test_columns_of_a_search_belong_together() -> None:
    index = LiveIndex(["a", "b"], [code(1), code(255)])
    index.add(["c"], [code(3)])

    hits = index.search([code(255), CENTRE], 7)

    assert sorted(zip(hits.query.tolist(), hits.id, hits.distance.tolist(), strict=True)) == [
        (0, "a", 7),
        (0, "b", 0),
        (0, "c", 6),
        (1, "a", 1),
        (1, "c", 2),
    ]


def test_wrong_codes_are_refused_and_change_nothing() -> None:
    index = LiveIndex(["one"], [CENTRE])

    with pytest.raises(ValueError):
        index.add(["two", "three"], [CENTRE])
    with pytest.raises(ValueError):
        index.add(["two"], [b"short"])

    assert index.within(CENTRE, 256) == [("one", 0)]


def test_many_additions_cause_a_rebuild() -> None:
    index = LiveIndex(added_up_to=100)
    for number in range(0, 500, 50):
        index.add([f"{one}" for one in range(number, number + 50)], random_codes(50, seed=number))
    index.settle()

    assert index.rebuilds
    assert len(index) == len(index.within(CENTRE, 256)) == 500


def test_many_removals_cause_a_rebuild_that_drops_their_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_index, "REMOVED_UP_TO", 10)
    index = LiveIndex([str(number) for number in range(100)], random_codes(100))

    index.remove([str(number) for number in range(40)])
    index.settle()

    assert index.rebuilds == 1
    assert len(index) == len(index.within(CENTRE, 256)) == 60


def test_rebuilt_large_index_is_ready_to_look_up() -> None:
    stored = random_codes(TABLES_FROM)
    index = LiveIndex([str(row) for row in range(len(stored))], stored, added_up_to=10)
    index.remove(["0"])
    index.add([f"new {row}" for row in range(20)], near(stored[:20], 20))
    index.settle()

    assert index.rebuilds == 1
    assert len(index) == TABLES_FROM + 19
    found = index.within_many([one.tobytes() for one in stored[:20]], 31)
    assert [{name for name, _ in hits} for hits in found] == [
        {f"new {row}"} | ({str(row)} if row else set()) for row in range(20)
    ]


@contextmanager
def paused_merge(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The rebuild waits, after it took what it merges, until the block ends; the event tells that it got there."""
    reached, go_on = threading.Event(), threading.Event()
    merged = MergedIndex.merged

    def slow(parts: list[MergedIndex], without: list[set[str]], *, tables: bool = True) -> MergedIndex:
        if tables:
            reached.set()
            assert go_on.wait(20)
        return merged(parts, without, tables=tables)

    monkeypatch.setattr(MergedIndex, "merged", slow)
    yield reached
    go_on.set()


def test_changes_during_a_rebuild_outlive_the_swap(monkeypatch: pytest.MonkeyPatch) -> None:
    index = LiveIndex(["kept", "removed", "replaced"], [code(1), code(3), code(7)])
    index.add(["fresh", "fresh but removed"], [code(15), code(31)])
    expected = [("kept", 1), ("fresh", 4), ("late", 6), ("replaced", 7)]

    with paused_merge(monkeypatch) as reached:
        rebuild = threading.Thread(target=index.rebuild)
        rebuild.start()
        assert reached.wait(20)
        index.remove(["removed", "replaced", "fresh but removed"])
        index.add(["late", "replaced", "late and removed"], [code(63), code(127), code(255)])
        index.remove(["late and removed"])
        assert index.within(CENTRE, 31) == expected
        assert index.rebuilds == 0
    rebuild.join()

    assert index.rebuilds == 1
    assert index.within(CENTRE, 31) == expected
    index.rebuild()
    assert index.within(CENTRE, 31) == expected
    assert len(index) == 4


def test_failed_rebuild_loses_nothing_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    index = LiveIndex(["one"], [code(1)], added_up_to=1)
    merged = MergedIndex.merged

    def fails(parts: list[MergedIndex], without: list[set[str]], *, tables: bool = True) -> MergedIndex:
        if tables:
            raise MemoryError
        return merged(parts, without, tables=tables)

    with monkeypatch.context() as broken:
        broken.setattr(MergedIndex, "merged", fails)
        index.add(["two", "three"], [code(3), code(7)])
        index.settle()
        index.remove(["one"])
        index.settle()
        assert index.within(CENTRE, 31) == [("two", 2), ("three", 3)]
        assert index.rebuilds == 0

    index.add(["four"], [code(15)])
    index.settle()

    assert index.rebuilds == 1
    assert index.within(CENTRE, 31) == [("two", 2), ("three", 3), ("four", 4)]


def test_searches_that_race_rebuilds_miss_nothing_and_find_nothing_removed() -> None:
    stored = random_codes(3_000)
    steady = near(np.repeat(stored[:1], 200, axis=0), 30)
    index = LiveIndex([f"s{row}" for row in range(200)], steady)
    index.add([f"r{row}" for row in range(3_000)], stored)
    wanted = {f"s{row}" for row in range(200)}
    removed: set[str] = set()
    wrong: list[str] = []
    searches: list[int] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            gone = frozenset(removed)
            hits = index.search(stored[:20], 60)
            found = [name for name, query in zip(hits.id, hits.query.tolist(), strict=True) if query == 0]
            if not wanted <= set(found):
                wrong.append(f"missed {wanted - set(found)}")
            if len(found) != len(set(found)):
                wrong.append("found twice")
            if gone & set(hits.id):
                wrong.append(f"found removed {gone & set(hits.id)}")
            searches.append(len(gone))

    def rebuild() -> None:
        while not done.is_set():
            index.rebuild()

    threads = [threading.Thread(target=work) for work in (search, search, rebuild)]
    for thread in threads:
        thread.start()
    row = 0
    while index.rebuilds < 10 or len(searches) < 100 or row < 60:
        index.add([f"a{row}"], near(stored[:1], 40, seed=row))
        index.remove([f"r{row}", f"a{row}"])
        removed |= {f"r{row}", f"a{row}"}
        row += 1
    done.set()
    for thread in threads:
        thread.join()

    assert not wrong


class AsAFreshIndex(RuleBasedStateMachine):
    """Whatever is added, removed and rebuilt in whatever order: the codes found are those that are there."""

    names = st.sampled_from("abcde")
    codes = st.integers(0, 2**12 - 1).map(code)

    def __init__(self) -> None:
        super().__init__()
        self.index = LiveIndex(["a"], [code(1)], added_up_to=1_000)
        self.there = [("a", code(1))]

    @rule(added=st.lists(st.tuples(names, codes), max_size=4))
    def add(self, added: list[tuple[str, bytes]]) -> None:
        self.index.add([name for name, _ in added], [one for _, one in added])
        self.there += added

    @rule(removed=st.sets(names, max_size=2))
    def remove(self, removed: set[str]) -> None:
        self.index.remove(removed)
        self.there = [(name, one) for name, one in self.there if name not in removed]

    @rule()
    def rebuild(self) -> None:
        self.index.rebuild()
        assert len(self.index) == len(self.there)

    @invariant()
    def finds_what_is_there(self) -> None:
        fresh = HashIndex([name for name, _ in self.there], [one for _, one in self.there])
        for radius in (4, 256):
            assert self.index.within(CENTRE, radius) == within(fresh, CENTRE, radius)


AsAFreshIndex.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestAsAFreshIndex = AsAFreshIndex.TestCase


@given(st.lists(st.integers(0, 255), max_size=30), st.integers(0, 9))
@settings(deadline=None)  # the machine may be busy with other things
def test_live_and_fixed_index_agree(numbers: list[int], radius: int) -> None:
    ids, codes = [str(number) for number in numbers], [code(number) for number in numbers]
    live = LiveIndex(ids[:10], codes[:10])
    live.add(ids[10:], codes[10:])

    assert live.within(CENTRE, radius) == within(HashIndex(ids, codes), CENTRE, radius)


@given(
    st.lists(st.sampled_from(["", "a", "b", "가나", "\ud800", "a long id"]), max_size=20), st.sets(st.text(max_size=2))
)
@settings(deadline=None)  # the machine may be busy with other things
def test_names_give_back_what_they_were_given(ids: list[str], wanted: set[str]) -> None:
    names = JoinedNames(ids)
    marks = names.among(wanted | {"a"})

    assert list(names) == ids
    assert names.rows(marks).tolist() == [one in wanted | {"a"} for one in ids]
    assert list(names.only(~marks)) == [one for one in ids if one not in wanted | {"a"}]
    assert list(names.only(marks).followed_by(names)) == [one for one in ids if one in wanted | {"a"}] + ids
