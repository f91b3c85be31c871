"""The photos of a benchmark: what is queried is never what was registered."""

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.pipeline import halves

PHOTOS = [Path(f"{number:03}.jpg") for number in range(401)]


@pytest.mark.parametrize("count", [1, 7, 40, 133, 200, 999])
def test_posts_are_photos_of_odd_numbers_chosen_evenly(count: int) -> None:
    mine, others = halves(PHOTOS, count)

    numbers = [int(path.stem) for path in others]
    assert len(set(numbers)) == min(count, 200)
    assert all(number % 2 for number in numbers)
    assert not set(mine) & set(others)
    steps = {after - before for before, after in pairwise(numbers)}
    assert len(steps) <= 2 and (len(others) < 7 or numbers[-1] > 300)
