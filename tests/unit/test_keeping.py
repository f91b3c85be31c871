"""Kept fingerprints come back as they were, in few bytes, and only to the version that kept them."""

from dataclasses import replace

import pytest

from monitor.demo.world.pictures import registered
from monitor.fingerprints import packing
from monitor.fingerprints.hashes.values import FrameViews
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.packing import OtherVersion, keep, kept
from monitor.fingerprints.regions.queries import QUERY_REGION, Part, unpack_queries

PICTURE = hash_picture(registered(1)[0])


def test_kept_inspection_comes_back_whole() -> None:
    found = kept(keep(PICTURE))
    assert replace(found, queries=b"") == replace(PICTURE, queries=b"", points=b"")


def test_of_the_queries_only_whole_and_rectangles_are_kept() -> None:
    parts = unpack_queries(kept(keep(PICTURE)).queries)["part"]
    assert {Part.WHOLE} <= {Part(part) for part in parts} <= {Part.WHOLE, Part.RECTANGLE}


def test_a_video_keeps_its_frames_upright_and_mirrored() -> None:
    frames = tuple(FrameViews(float(at), PICTURE.views, PICTURE.queries) for at in range(3))
    found = kept(keep(replace(PICTURE, kind="video", seconds=3.5, partial=True, frames=frames)))
    assert (found.kind, found.seconds, found.partial) == ("video", 3.5, True)
    assert [frame.at for frame in found.frames] == [0, 1, 2]
    assert [frame.views for frame in found.frames] == [PICTURE.views[:2]] * 3


def test_kept_inspection_is_small() -> None:
    queries = len(kept(keep(PICTURE)).queries)
    assert len(keep(PICTURE)) < 160 + 40 * len(PICTURE.views) + queries
    assert queries < 20 * QUERY_REGION.itemsize


def test_other_version_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(packing, "FINGERPRINT_VERSION", "pdq-0")
        old = keep(PICTURE)
    with pytest.raises(OtherVersion):
        kept(old)
    with pytest.raises(OtherVersion):
        kept(b"\x63" + keep(PICTURE)[1:])


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: data + b"\x00"])
def test_damaged_bytes_are_refused(damage) -> None:
    with pytest.raises(ValueError, match="not a kept inspection"):
        kept(damage(keep(PICTURE)))


def test_every_cut_is_refused() -> None:
    data = keep(replace(PICTURE, views=PICTURE.views[:1], queries=b""))
    for end in range(len(data)):
        with pytest.raises(ValueError, match=r"kept"):
            kept(data[:end])


@pytest.mark.parametrize(("claimed", "seconds"), [(1e12, 86_400), (float("inf"), 86_400), (float("nan"), 0), (-5.0, 0)])
def test_time_that_a_file_makes_up_is_kept_within_bounds(claimed: float, seconds: float) -> None:
    frames = (FrameViews(claimed, PICTURE.views[:1], b""),)
    found = kept(keep(replace(PICTURE, kind="video", seconds=claimed, frames=frames)))
    assert (found.seconds, found.frames[0].at) == (seconds, seconds)


def test_what_was_kept_before_files_had_their_size_comes_back_without_it() -> None:
    data = keep(PICTURE)
    assert kept(bytes([2]) + data[1:-8]) == replace(kept(data), size=0)
