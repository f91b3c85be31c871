"""The demo's plan: every picture once, copies in every place, the same for the same seed."""

from collections import Counter

from monitor.demo.world.pictures import Sample
from monitor.demo.world.plan import PLACES, plan, stubborn

SAMPLES = [
    Sample(f"{number}.jpg", bytes([number]), number % 3 if number < 12 else None, "edit") for number in range(60)
]


def test_every_picture_is_posted_once_and_copies_are_in_every_place() -> None:
    planned = plan(SAMPLES, seed=7)
    assert sorted(post.sample.name for post in planned) == sorted(sample.name for sample in SAMPLES)
    copies = Counter(post.place for post in planned if post.sample.copy_of is not None)
    assert copies == dict.fromkeys(PLACES, 3)
    assert [post.due for post in planned] == sorted(post.due for post in planned)


def test_the_seed_decides_everything() -> None:
    assert plan(SAMPLES, seed=7) == plan(SAMPLES, seed=7)
    assert plan(SAMPLES, seed=7) != plan(SAMPLES, seed=8)


def test_the_post_that_is_never_removed_is_a_copy() -> None:
    for seed in range(20):
        assert stubborn(plan(SAMPLES, seed), seed).sample.copy_of is not None
