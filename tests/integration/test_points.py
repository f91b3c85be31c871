"""Points: found again in a copy however it is turned, enlarged or cut, and in no other picture."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.media import hash_medium
from monitor.fingerprints.points.features import (
    NO_POINTS,
    POINT,
    QUERY_SIDE,
    FoundPoints,
    grey_of,
    pack_points,
    points_of,
    unpack_points,
)
from monitor.fingerprints.regions.codes import MOST_POINTS, REGIONS_VERSION, WITH_SQUARES, Regions, register_regions
from monitor.fingerprints.regions.queries import Part, unpack_queries
from monitor.matching.point_index import TWICE_FROM, PointIndex
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import Watched, WatchSet
from monitor.sightings.taught import fitting_parts, is_taught
from tests.support.clips import webp
from tests.support.older_regions import with_squares
from tests.support.scenes import jpeg, scene

SIZE = (640, 480)


def of(image: Image.Image) -> FoundPoints:
    return points_of(grey_of(image, QUERY_SIDE), 320, 160)


def test_points_of_a_turned_and_enlarged_picture_lie_where_they_were_and_have_nearly_the_same_codes() -> None:
    image = scene(1, SIZE)
    turned = image.rotate(-10, Image.Resampling.BICUBIC).resize((960, 720), Image.Resampling.BICUBIC)
    found, again = of(image).points, of(turned).points
    middle = np.array([320, 240]) / 640
    angle = np.radians(10)  # clockwise as seen
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    there = np.column_stack([again["across"], again["down"]]) / 65536
    near = []
    for point in found:
        place = np.array([point["across"], point["down"]]) / 65536
        if np.hypot(*(place - middle)) > 0.25:
            continue  # too near to what turning cut off
        away = np.hypot(*(there - (spin @ (place - middle) + middle)).T)
        sizes = np.abs(np.log(again["radius"] / point["radius"]))
        same = np.flatnonzero((away < 0.15 * point["radius"] / 65536) & (sizes < 0.2))
        near.append(min((int(np.bitwise_count(again["code"][one] ^ point["code"]).sum()) for one in same), default=256))
    assert len(near) > 20
    assert (np.array(near) <= 60).sum() > 10  # of discs and bars of one colour; a photo has more that tells


def test_points_of_a_mirrored_picture_have_the_codes_that_a_mirror_shows() -> None:
    image = scene(2, SIZE)
    found, seen = of(image), of(ImageOps.mirror(image))
    apart = np.bitwise_count(found.points["code"][:40, None] ^ seen.mirrored[None]).sum(axis=2).min(axis=1)
    assert np.median(apart) < 40
    as_they_are = np.bitwise_count(found.points["code"][:40, None] ^ seen.points["code"][None]).sum(axis=2).min(axis=1)
    assert np.median(as_they_are) > 60


@pytest.mark.parametrize(
    "image", [Image.new("RGB", SIZE, "white"), Image.new("L", (20, 600)), Image.new("RGB", (1, 1)), scene(3, (31, 31))]
)
def test_plain_and_tiny_pictures_have_no_points(image: Image.Image) -> None:
    assert len(of(image).points) == 0
    assert register_regions(image, "full").packed_points == b""


def test_points_come_back_from_bytes_and_nonsense_is_refused() -> None:
    found = of(scene(3, SIZE))
    again = unpack_points(pack_points(found))
    assert (again.points == found.points).all()
    assert (again.mirrored == found.mirrored).all()
    assert unpack_points(b"") is NO_POINTS
    for wrong in (b"x", pack_points(found)[:-1], pack_points(found) + b"\0", b"\1\0\2\0" + bytes(POINT.itemsize + 64)):
        with pytest.raises(ValueError, match="not points"):
            unpack_points(wrong)


def cropped(image: Image.Image) -> Image.Image:
    """Keeps a third of the area."""
    return image.crop((90, 60, 460, 338))


def turned_and_zoomed(image: Image.Image) -> Image.Image:
    large = image.rotate(12, Image.Resampling.BICUBIC).crop((110, 90, 530, 390))
    return large.resize((800, 571), Image.Resampling.BICUBIC)


def in_perspective(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (800, 640), (25, 25, 30))
    quad = (-70.0, -60.0, -30.0, 560.0, 700.0, 500.0, 660.0, -20.0)
    screen.paste(image.transform(SIZE, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC), (80, 80))
    return screen


EDITS: list[Callable[[Image.Image], Image.Image]] = [cropped, turned_and_zoomed, in_perspective]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_what_was_cut_turned_or_photographed_is_found_and_no_other(
    edit: Callable[[Image.Image], Image.Image], *, mirrored: bool
) -> None:
    watch = WatchSet(
        [
            Watched(str(seed), "case", b"\x55" * 32, "intimate", regions=register_regions(scene(seed, SIZE), "full"))
            for seed in range(1, 6)
        ]
    )
    posted = edit(ImageOps.mirror(scene(1, SIZE)) if mirrored else scene(1, SIZE))
    matches = judge(hash_picture(jpeg(posted)), watch)
    assert [match.fingerprint_id for match in matches] == ["1"]
    assert matches[0].verdict is Verdict.REVIEW


def test_a_hit_tells_the_turn_the_mirror_and_what_the_points_cover() -> None:
    image = scene(4, SIZE)
    index = PointIndex([None, register_regions(image, "full")])
    (turned,) = index.hits(of(image.rotate(-30, Image.Resampling.BICUBIC, expand=True)), 794, 736)
    assert (turned.owner, turned.mirrored) == (1, False)
    assert turned.degrees == pytest.approx(30, abs=2)
    (half,) = index.hits(of(ImageOps.mirror(image).crop((0, 0, 320, 480))), 320, 480)
    assert half.mirrored
    assert half.degrees == pytest.approx(0, abs=2) or abs(half.degrees) == pytest.approx(180, abs=2)
    left, top, right, bottom = half.registered
    assert left > 0.4  # the mirror's left half is the right one
    assert right - left > 0.3 and bottom - top > 0.6
    assert half.posted[2] - half.posted[0] > 0.6


def test_other_pictures_share_no_points_that_agree() -> None:
    index = PointIndex([register_regions(scene(seed, SIZE), "full") for seed in range(10, 22)])
    for seed in range(40, 52):
        assert index.hits(of(scene(seed, SIZE)), *SIZE) == []


def test_pictures_in_one_frame_do_not_match_by_its_corners() -> None:
    def framed(seed: int, gap: int) -> Image.Image:
        dim = Image.blend(scene(seed, SIZE), Image.new("RGB", SIZE, (150, 160, 170)), 0.5)
        ImageDraw.Draw(dim).rectangle((gap, gap, 639 - gap, 479 - gap), outline="white", width=8)
        return dim

    for gap in (16, 40):  # each has four corners, and each corner a point at several sizes
        index = PointIndex([register_regions(framed(seed, gap), "full") for seed in range(10, 14)])
        assert [index.hits(of(framed(seed, gap)), *SIZE) for seed in range(40, 44)] == [[]] * 4
        (own,) = index.hits(of(framed(11, gap).rotate(5, Image.Resampling.BICUBIC)), *SIZE)
        assert own.owner == 1


def test_an_empty_index_and_a_picture_without_points_match_nothing() -> None:
    assert PointIndex([]).hits(of(scene(1)), 480, 360) == []
    assert PointIndex([None, with_squares(scene(1), "full")]).hits(of(scene(1)), 480, 360) == []
    assert PointIndex([register_regions(scene(1), "slim")]).hits(NO_POINTS, 480, 360) == []


def test_slim_has_the_strongest_of_the_points_and_of_the_boxes_that_full_has() -> None:
    slim, full = register_regions(scene(5, SIZE), "slim"), register_regions(scene(5, SIZE), "full")
    assert len(slim.points) == MOST_POINTS["slim"] and len(full.points) <= MOST_POINTS["full"]
    assert (full.points[: len(slim.points)] == slim.points).all()
    boxes = {full.layout[number].box: bytes(code) for number, code in zip(full.numbers, full.table, strict=True)}
    assert all(
        boxes[slim.layout[number].box] == bytes(code) for number, code in zip(slim.numbers, slim.table, strict=True)
    )


def test_regions_with_points_and_those_from_before_come_back_from_json() -> None:
    now, before = register_regions(scene(6), "full"), with_squares(scene(6), "slim")
    assert now.version == REGIONS_VERSION and now.as_json()["points"]
    assert before.version == WITH_SQUARES and "points" not in before.as_json()
    assert Regions.from_json(now.as_json()) == now
    assert Regions.from_json(before.as_json()) == before
    with pytest.raises(ValueError, match="at most 0 points"):
        Regions.from_json(before.as_json() | {"points": now.as_json()["points"]})
    with pytest.raises(ValueError, match="at most 128 points"):
        Regions("full", 480, 360, (), b"", now.packed_points[:39])
    with pytest.raises(ValueError, match="a point has a radius"):
        Regions("full", 480, 360, (), b"", bytes(POINT.itemsize))


@pytest.mark.parametrize("set_name", ["slim", "full"])
def test_what_was_registered_before_there_were_points_goes_on_being_found(set_name: str) -> None:
    regions = with_squares(scene(7, SIZE), "slim" if set_name == "slim" else "full")
    watch = WatchSet([Watched("old", "case", b"\x55" * 32, "intimate", regions=regions)])
    crop = scene(7, SIZE).crop((30, 20, 600, 448))
    assert [match.fingerprint_id for match in judge(hash_picture(jpeg(crop)), watch)] == ["old"]


def test_points_of_an_apps_frame_count_only_where_the_photo_lies() -> None:
    def screen(photo: Image.Image) -> Image.Image:
        shown = scene(30, (640, 960)).filter(ImageFilter.GaussianBlur(0.5))  # what all screens of the app share
        shown.paste(photo.resize((480, 360)), (80, 300))
        return shown

    area = (80 / 640, 300 / 960, 560 / 640, 660 / 960)
    mine = register_regions(screen(scene(31, SIZE)), "full")
    whole, own = replace(mine, area=None), replace(mine, area=area)
    other, again = screen(scene(32, SIZE)), scene(31, SIZE).resize((320, 240))
    assert PointIndex([whole]).hits(of(other), *other.size)
    assert PointIndex([own]).hits(of(other), *other.size) == []
    assert PointIndex([own]).hits(of(again), *again.size)


def test_a_no_to_points_covers_the_same_post_again_and_no_other_cut_of_the_photo() -> None:
    watch = WatchSet([Watched("1", "case", b"\x55" * 32, "intimate", regions=register_regions(scene(1, SIZE), "full"))])
    posted = jpeg(turned_and_zoomed(scene(1, SIZE)))
    (said_no,), (again,), (other,) = (
        judge(hash_picture(data), watch) for data in (posted, posted, jpeg(cropped(scene(1, SIZE))))
    )
    assert len(said_no.boxes) >= 3
    taught = fitting_parts(said_no.boxes)
    assert is_taught(again.boxes, taught)
    assert not is_taught(other.boxes, taught)


def test_work_that_nothing_watched_could_use_is_not_done_and_costs_no_match() -> None:
    photo = scene(1, SIZE)
    newer = Watched("newer", "case", b"\x55" * 32, "intimate", regions=register_regions(photo, "slim"))
    older = Watched("older", "case", b"\x55" * 32, "intimate", regions=with_squares(photo, "slim"))
    bare = Watched("bare", "case", hash_picture(jpeg(photo)).whole.code, "intimate")
    needs = {
        one.fingerprint_id: (len(WatchSet([one]).points) > 0, WatchSet([one]).has_squares)
        for one in (newer, older, bare)
    }
    assert needs == {"newer": (True, False), "older": (False, True), "bare": (False, False)}
    cut = jpeg(photo.crop((60, 40, 540, 420)))
    for one in (newer, older, bare):
        points, squares = needs[one.fingerprint_id]
        looked = hash_picture(cut, points=points, squares=squares)
        assert bool(judge(looked, [one])) == bool(judge(hash_picture(cut), [one]))
        assert bool(looked.points) == points
        kinds = set(unpack_queries(looked.queries)["part"].tolist())
        assert {Part.WHOLE, Part.TILE} <= kinds
        assert bool(kinds & {Part.SQUARE, Part.INNER_SQUARE, Part.TURNED, Part.TURNED_SQUARE}) == squares
        frame = hash_medium(webp([scene(1, SIZE), scene(2, SIZE)]), points=points, squares=squares).frames[0]
        assert (bool(frame.points), Part.SQUARE in unpack_queries(frame.queries)["part"]) == (points, squares)


def test_large_set_is_asked_twice_with_the_same_result() -> None:
    rng = np.random.default_rng(7)
    photos = [scene(number, SIZE) for number in (1, 2)]
    mine = [register_regions(photo, "slim") for photo in photos]
    points = np.zeros(128, POINT)
    points["radius"] = 4000
    others = []
    for _ in range(20):
        for name in ("across", "down", "angle"):
            points[name] = rng.integers(0, 65536, 128)
        points["code"] = rng.integers(0, 256, (128, 32), np.uint8)
        others.append(Regions("full", *SIZE, (), b"", points.tobytes()))
    small, large = PointIndex(mine), PointIndex([*mine, *others], twice_from=1000)
    assert len(small) < 1000 <= len(large) < TWICE_FROM
    copies = [photos[0].crop((60, 40, 560, 440)), ImageOps.mirror(photos[1]).rotate(7), scene(9, SIZE)]
    for copy, owners in zip(copies, ([0], [1], []), strict=True):
        once, twice = small.hits(of(copy), *copy.size), large.hits(of(copy), *copy.size)
        assert [hit.owner for hit in once] == owners
        assert twice == once
