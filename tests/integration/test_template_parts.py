"""What the frame of an app's screens shows counts for nothing alone; a wave of copies and a photo's fakes are found."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from benchmarks.app_screens import chat, overlap, post
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.boxes import WHOLE, SetName, layout
from monitor.fingerprints.regions.codes import Regions
from monitor.fingerprints.regions.framing import FramingKind, framing_of
from monitor.matching.index import HashIndex
from monitor.matching.template_parts import template_parts
from monitor.matching.verdict import judge
from monitor.matching.watch_set import Watched, WatchSet
from tests.support.scenes import half_white, jpeg, scene

SCREENS = 5


@cache
def screen(number: int) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """The same words and place, another photo."""
    return chat(np.random.default_rng(number), scene(300 + number, (640, 640)), dark=False, same=True)


@cache
def hashed(number: int, set_name: SetName = "full") -> HashedMedium:
    return hash_picture(jpeg(screen(number)[0]), set_name)


def watched(name: str, one: HashedMedium, case: str = "case", regions: Regions | None = None) -> Watched:
    return Watched(name, case, one.whole.code, "intimate", regions=regions or one.regions)


def without_area(one: HashedMedium) -> Regions:
    """As a program registers it that does not look for a frame."""
    assert one.regions is not None
    return Regions.from_json({key: value for key, value in one.regions.as_json().items() if key != "area"})


def pairs(watch: WatchSet) -> int:
    """Screens that come up for another one."""
    return sum(match.fingerprint_id != str(n) for n in range(SCREENS) for match in judge(hashed(n), watch))


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("set_name", ["slim", "full"])
def test_screens_of_one_app_with_other_photos_do_not_come_up(set_name: SetName, apart: bool) -> None:
    mine = [watched(str(n), hashed(n, set_name), str(n) if apart else "case") for n in range(SCREENS)]
    bare = [watched(str(n), hashed(n), regions=without_area(hashed(n, set_name))) for n in range(SCREENS)]

    assert pairs(WatchSet(bare)) > SCREENS
    assert pairs(WatchSet(mine)) == 0


def test_a_registered_screen_is_found_again_whole_and_cropped() -> None:
    watch = WatchSet([watched(str(n), hashed(n)) for n in range(SCREENS)])

    for posted in (screen(1)[0].resize((540, 1080)), screen(1)[0].crop((0, 60, 720, 1200))):
        assert [match.fingerprint_id for match in judge(hash_picture(jpeg(posted)), watch)] == ["1"]


def test_the_photo_of_a_screen_is_no_template_and_what_lies_around_is() -> None:
    regions = hashed(1).regions
    assert regions is not None and regions.area is not None
    (flags,) = template_parts([regions], ["case"], None)

    boxes = layout("full", regions.width, regions.height)
    left, top, right, bottom = regions.area
    for number, flag in zip(regions.numbers, flags.tolist(), strict=True):
        box = boxes[number].box
        if box == WHOLE or (box[0] >= left and box[1] >= top and box[2] <= right and box[3] <= bottom):
            assert not flag
        elif box[1] >= bottom or box[3] <= top:
            assert flag
    assert flags.any() and not flags.all()


def test_what_fakes_of_one_photo_share_is_no_template() -> None:
    photo = scene(1)
    fakes = []
    for seed in (60, 61, 62):
        fake = photo.copy()
        fake.paste(scene(seed).crop((0, 180, 480, 360)), (0, 180))  # the lower half made anew
        fakes.append(hash_picture(jpeg(fake), "full"))
    watch = WatchSet([watched(str(n), one) for n, one in enumerate(fakes)])
    another = photo.copy()
    another.paste(scene(63).crop((0, 180, 480, 360)), (0, 180))

    assert not any(flags.any() for flags in template_parts([one.regions for one in fakes], ["case"] * 3, None))
    assert {match.fingerprint_id for match in judge(hash_picture(jpeg(another)), watch)} == {"0", "1", "2"}


@pytest.mark.parametrize("uploads", [40, pytest.param(500, marks=pytest.mark.soak)])
def test_a_wave_of_uploads_does_not_hide_itself(uploads: int) -> None:
    mine = hash_picture(jpeg(scene(1)), "full")
    watch = WatchSet([watched("mine", mine), *(watched(str(n), hashed(n)) for n in range(SCREENS))])
    edited = scene(1)
    edited.paste(scene(79).crop((0, 180, 480, 360)), (0, 180))
    posts = [hash_picture(jpeg(picture, quality)) for quality in (70, 85) for picture in (scene(1), edited)]

    found = [judge(posts[number % len(posts)], watch) for number in range(uploads)]

    assert all([match.fingerprint_id for match in one] == ["mine"] for one in found)


def test_what_an_operator_lists_is_a_template_but_never_the_whole() -> None:
    regions = [without_area(hashed(number)) for number in range(2)]
    listed = HashIndex([str(number) for number in regions[0].numbers], [bytes(code) for code in regions[0].table])

    flags, others = template_parts(regions, ["one", "other"], listed)

    whole = [n for n, number in enumerate(regions[0].numbers) if layout("full", 720, 1440)[number].box == WHOLE]
    assert not flags[whole].any() and flags.sum() == len(flags) - len(whole)
    assert others.any() and not others.all()
    watch = [watched(str(n), hashed(n), regions=without_area(hashed(n))) for n in range(SCREENS)]
    codes = [bytes(code) for code in (*regions[0].table, *regions[0].points["code"])]
    assert pairs(WatchSet(watch, templates=HashIndex([str(n) for n in range(len(codes))], codes))) < pairs(
        WatchSet(watch)
    )


def test_frames_are_told_and_plain_pictures_are_not() -> None:
    rng = np.random.default_rng(1)
    made, place = screen(2)
    found = framing_of(made)
    assert found is not None and found.kind is FramingKind.CHAT
    assert overlap([side * length for side, length in zip(found.area, (720, 1440) * 2, strict=True)], place) > 0.9
    feed = framing_of(post(rng, scene(3, (640, 640)))[0])
    assert feed is not None and feed.kind is FramingKind.SCREENSHOT
    assert [framing_of(scene(seed)) for seed in range(20)] == [None] * 20


def half_dark(photo: Image.Image) -> Image.Image:
    """As a photo against the light: a third of it is black."""
    photo.paste("black", (0, round(photo.height * 0.62), *photo.size))
    return photo


@pytest.mark.parametrize("dark", [False, True])
def test_the_dark_part_of_a_photo_is_no_ground(dark: bool) -> None:
    for seed in range(4):
        made, place = chat(np.random.default_rng(seed), half_dark(scene(60 + seed, (640, 480))), dark=dark)
        found = framing_of(made)
        assert found is not None
        assert overlap([side * length for side, length in zip(found.area, (720, 1440) * 2, strict=True)], place) > 0.9


@pytest.mark.parametrize("size", [(640, 400), (640, 480)])
def test_words_above_and_below_a_photo_are_no_part_of_it(size: tuple[int, int]) -> None:
    made, place = chat(np.random.default_rng(5), half_white(scene(65, size)), dark=False)
    found = framing_of(made)
    assert found is not None
    assert overlap([side * length for side, length in zip(found.area, (720, 1440) * 2, strict=True)], place) > 0.9


def test_gallery_is_parted_into_its_pictures() -> None:
    sheet = Image.new("RGB", (720, 900), "white")
    for number in range(9):
        across, down = number % 3, number // 3
        sheet.paste(scene(500 + number, (238, 238)), (across * 241, 90 + down * 241))

    found = framing_of(sheet)

    assert found is not None and found.kind is FramingKind.GALLERY
    assert len(found.boxes) == 9


def test_letterbox_is_told() -> None:
    sheet = Image.new("RGB", (480, 800), "black")
    sheet.paste(scene(1), (0, 220))

    found = framing_of(sheet)

    assert found is not None and found.kind is FramingKind.LETTERBOX
    assert found.area == pytest.approx((0, 0.275, 1, 0.725), abs=0.02)


@pytest.mark.parametrize("area", [[0, 0, 1], [0, 0, 0, 1], [0, 0, 2, 1], "whole", [0, 0, "1", 1]])
def test_area_that_is_none_is_refused(area: object) -> None:
    with pytest.raises(ValueError):
        Regions.from_json(without_area(hashed(1)).as_json() | {"area": area})


def test_area_is_kept() -> None:
    regions = hashed(1).regions
    assert regions is not None and regions.area is not None
    assert Regions.from_json(regions.as_json()) == regions
