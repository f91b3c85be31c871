"""The demo's pictures hold for seeds that nobody chose: all copies are found, nothing else is."""

from collections import Counter

import pytest

from monitor.demo.world import pictures
from monitor.demo.world.pictures import COPIES, SAMPLES, Sample, feed, registered
from monitor.fingerprints.image import hash_picture, register
from monitor.matching.verdict import REVIEW_WITHIN, Verdict, nearest
from monitor.matching.watch_set import Watched, WatchSet

MARGIN = 8
"""Bits between what is no copy and the review band."""


@pytest.mark.parametrize("seed", [0, 7, 20_251_124])
def test_copies_are_found_and_nothing_else(seed: int) -> None:
    codes = [register(hash_picture(data)).code for data in registered(seed)]
    watch = WatchSet(Watched(str(number), "case", code, "intimate") for number, code in enumerate(codes))

    for sample in feed(seed):
        match = nearest(hash_picture(sample.data), watch)
        assert match is not None
        if sample.copy_of is None:
            assert match.distance > REVIEW_WITHIN + MARGIN, sample
        else:
            assert match.verdict is not Verdict.NO, sample
            assert match.fingerprint_id == str(sample.copy_of)


def test_feed_has_twelve_copies_of_three_photos_by_six_edits() -> None:
    samples = feed(7)

    assert len(samples) == SAMPLES
    assert len({sample.name for sample in samples}) == SAMPLES
    assert Counter(sample.copy_of for sample in samples if sample.copy_of is not None) == {0: 4, 1: 4, 2: 4}
    edits = Counter(sample.edit for sample in samples if sample.copy_of is not None)
    assert len(edits) * 2 == edits.total() == COPIES
    for edit in edits:
        assert len({s.copy_of for s in samples if s.edit == edit}) == 2


def test_same_seed_gives_the_same_files_and_another_seed_others() -> None:
    def files(samples: list[Sample]) -> set[bytes]:
        return {sample.data for sample in samples}

    some = feed(0)
    pictures._feed.cache_clear()
    pictures.copies.cache_clear()

    assert some == feed(0)
    assert not files(some) & files(feed(7))
