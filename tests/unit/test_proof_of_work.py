"""The puzzle: solved by going through the numbers, checked with one hash, signed, and over with its time."""

from datetime import UTC, datetime, timedelta

import pytest

from api.work import LASTS, challenge, done, solve
from monitor.keys.envelope import Key

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = Key.generate()


def test_answer_of_a_challenge_is_work_of_its_size() -> None:
    for size in (1, 9, 1000):
        work = done(KEY, solve(challenge(KEY, size, NOW)), NOW)
        assert work is not None and work.size == size and work.until == NOW + LASTS


def test_no_two_challenges_are_the_same() -> None:
    assert len({challenge(KEY, 10, NOW).split(":")[0] for _ in range(50)}) == 50


def test_it_is_over_with_its_time() -> None:
    answer = solve(challenge(KEY, 50, NOW))
    assert done(KEY, answer, NOW + LASTS - timedelta(seconds=1)) is not None
    assert done(KEY, answer, NOW + LASTS) is None


def test_nothing_of_it_can_be_changed() -> None:
    answer = solve(challenge(KEY, 500, NOW))
    parts = answer.split(":")
    changed = {
        "id": ["A" * 16, *parts[1:]],
        "size": [parts[0], "900", *parts[2:]],
        "until": [*parts[:2], str(int(parts[2]) + 1), *parts[3:]],
        "digest": [*parts[:3], "0" * 64, *parts[4:]],
        "tag": [*parts[:4], "0" * 64, parts[5]],
        "number": [*parts[:5], str(int(parts[5]) + 1)],
    }
    assert [name for name, each in changed.items() if done(KEY, ":".join(each), NOW) is not None] == []
    assert done(Key.generate(), answer, NOW) is None


@pytest.mark.parametrize("odd", ["", ":", "a:b:c:d:e:f", "x" * 9000, "\x00", "²", "１:２:３:４:５:６", ":" * 500])
def test_what_is_no_answer_is_no_work(odd: str) -> None:
    assert done(KEY, odd, NOW) is None
