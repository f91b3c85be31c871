"""A registered picture is found in what was made of it, by a box that the reason names; another picture never is."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.hashes.values import FrameViews, HashedMedium
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.box_hashing import plane_of
from monitor.fingerprints.regions.boxes import SetName
from monitor.fingerprints.regions.codes import Regions, register_regions
from monitor.fingerprints.regions.queries import QUERY_REGION, Part, query_regions_of, unpack_queries
from monitor.fingerprints.regions.rectangles import rectangles
from monitor.matching.region_index import RegionIndex
from monitor.matching.region_scan import COARSE_WITHIN, coarse_first, padded, scan_all, scan_tiles
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import Watched, WatchSet
from tests.support.scenes import jpeg, scene

OTHERS = range(10, 16)


@cache
def watch(set_name: SetName) -> WatchSet:
    """Scene 1 as "mine", and some others."""
    return WatchSet(
        Watched(
            "mine" if seed == 1 else f"other-{seed}",
            "case",
            hash_picture(jpeg(scene(seed), 95)).whole.code,
            "intimate",
            regions=register_regions(scene(seed), set_name),
        )
        for seed in (1, *OTHERS)
    )


def off_centre(image: Image.Image) -> Image.Image:
    """70 % of the area."""
    width, height = image.size
    return image.crop((round(0.02 * width), round(0.14 * height), round(0.857 * width), round(0.977 * height)))


def narrow(image: Image.Image) -> Image.Image:
    """70 % of the area in another shape."""
    width, height = image.size
    return image.crop((round(0.27 * width), 0, width, round(0.96 * height)))


def collage(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (2 * image.width + 10, image.height), "white")
    sheet.paste(scene(77), (0, 0))
    sheet.paste(image, (image.width + 10, 0))
    return sheet


def pasted(image: Image.Image) -> Image.Image:
    """The upper part, in another picture."""
    ground = scene(78, (640, 480)).filter(ImageFilter.GaussianBlur(3))
    ground.paste(image.crop((0, 0, image.width, round(0.55 * image.height))).resize((400, 165)), (130, 170))
    return ground


def lower_made_anew(image: Image.Image) -> Image.Image:
    changed = image.copy()
    changed.paste(scene(79).crop((0, 180, 480, 360)), (0, 180))
    return changed


def body_made_anew(image: Image.Image) -> Image.Image:
    """What lies in the middle, a third of the area."""
    changed = image.copy()
    changed.paste(scene(80).resize((220, 270)), (130, 90))
    return changed


def in_screenshot(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (540, 1000), "white")
    screen.paste(image.resize((540, 405)), (0, 130))
    return screen


EDITS = [off_centre, narrow, collage, pasted, lower_made_anew, body_made_anew, in_screenshot, ImageOps.mirror]
TURNS = [lambda image: image.rotate(7 - 2, Image.Resampling.BICUBIC, expand=True)]


@pytest.mark.parametrize("edit", [*EDITS, *TURNS])
def test_full_set_finds_what_was_made_of_the_picture_and_nothing_else(edit: Callable[..., Image.Image]) -> None:
    matches = judge(hash_picture(jpeg(edit(scene(1)))), watch("full"))
    assert [match.fingerprint_id for match in matches] == ["mine"]
    whole = edit in (ImageOps.mirror, in_screenshot)  # the screenshot is trimmed to the picture
    assert matches[0].verdict is (Verdict.CONFIDENT if whole else Verdict.REVIEW)


@pytest.mark.parametrize("edit", [collage, lower_made_anew, body_made_anew, in_screenshot])
def test_slim_set_finds_the_common_edits(edit: Callable[..., Image.Image]) -> None:
    assert [m.fingerprint_id for m in judge(hash_picture(jpeg(edit(scene(1)))), watch("slim"))] == ["mine"]


def test_without_regions_a_crop_is_not_found() -> None:
    whole_only = WatchSet([Watched("mine", "case", hash_picture(jpeg(scene(1))).whole.code, "intimate")])
    assert judge(hash_picture(jpeg(off_centre(scene(1)))), whole_only) == ()


@pytest.mark.parametrize("seed", [100, 101, 102, 103])
def test_other_pictures_and_their_edits_are_no_copies(seed: int) -> None:
    for edit in (off_centre, collage, pasted, in_screenshot):
        assert judge(hash_picture(jpeg(edit(scene(seed)))), watch("full")) == ()


def test_reason_names_both_boxes_the_turn_the_distance_and_the_others_that_fit() -> None:
    match = judge(hash_picture(jpeg(ImageOps.mirror(lower_made_anew(scene(1))))), watch("full"))[0]
    assert match.view == "region"
    for words in (
        "registered",
        "of the post",
        "mirrored",
        f"{match.distance} of 256 bits",
        "limit",
        "detail",
        "more boxes fit",
    ):
        assert words in match.how


def test_region_is_never_confident_however_near() -> None:
    queries = query_regions_of(scene(1))
    picture = hash_picture(jpeg(scene(1)))
    other = b"\x55" * 32  # a whole-picture hash that fits nothing
    mine = Watched("mine", "case", other, "intimate", regions=register_regions(scene(1), "full"))
    match = judge(HashedMedium(**{**_fields(picture), "views": picture.views, "queries": queries.tobytes()}), [mine])[0]
    assert match.distance == 0
    assert match.verdict is Verdict.REVIEW


def _fields(hashed: HashedMedium) -> dict[str, Any]:
    return {name: getattr(hashed, name) for name in ("width", "height", "format", "sha256", "phash")}


def test_rectangle_of_a_paste_is_found_to_the_pixel() -> None:
    ground = scene(5, (640, 480)).filter(ImageFilter.GaussianBlur(4))
    ground.paste(scene(6).resize((320, 240)), (192, 128))
    wanted = (192 / 640, 128 / 480, 512 / 640, 368 / 480)
    found = rectangles(plane_of(ground))
    assert min(max(abs(a - b) for a, b in zip(box, wanted, strict=True)) for box in found) < 0.01


def test_rectangles_of_tiny_or_empty_pictures_are_none() -> None:
    assert rectangles(np.zeros((20, 300), np.float32)) == ()
    assert rectangles(np.zeros((200, 300), np.float32)) == ()


def test_queries_come_back_from_bytes_and_nonsense_is_refused() -> None:
    queries = query_regions_of(scene(3))
    assert (unpack_queries(queries.tobytes()) == queries).all()
    for field, value in (("part", len(Part)), ("orientation", 8)):
        wrong = queries[:1].copy()
        wrong[field] = value
        with pytest.raises(ValueError, match="not query regions"):
            unpack_queries(wrong.tobytes())
    with pytest.raises(ValueError, match=r"."):
        unpack_queries(b"x")


def test_the_first_word_holds_the_coefficients_below_8_both_ways() -> None:
    for row, column in [(0, 0), (7, 7), (7, 8), (8, 7), (3, 12), (15, 15)]:
        coefficients = np.zeros((1, 16, 16), np.float32)
        coefficients[0, row, column] = 1
        words = coarse_first(codes_of(coefficients))
        assert np.bitwise_count(words[0]).tolist()[0] == (row < 8 and column < 8)
        assert np.bitwise_count(words).sum() == 1


def codes_and_queries(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Words of random codes, and of 60 of them, from 0 to 59 bits off; the last code among them."""
    codes = rng.integers(0, 256, (count, 32), np.uint8)
    queries = codes[[*rng.integers(0, count, 59), count - 1]].copy()
    for number, query in enumerate(queries):
        flipped = rng.choice(256, number, replace=False)
        query ^= np.packbits(np.isin(np.arange(256), flipped))
    return coarse_first(codes), coarse_first(queries)


@pytest.mark.parametrize("count", [1, 31, 33, 20_000])
def test_scan_finds_exactly_what_the_rule_says(count: int) -> None:
    rng = np.random.default_rng(7)
    words, asked = codes_and_queries(rng, count)
    found = {tuple(hit) for hit in scan_all(padded(words), words, asked, 52, COARSE_WITHIN).tolist()}
    bits = np.bitwise_count(words[None] ^ asked[:, None]).astype(int)
    near = (bits[:, :, 0] <= COARSE_WITHIN) & (bits.sum(axis=2) <= 52)
    assert found == {(int(q), int(r), int(bits[q, r].sum())) for q, r in np.argwhere(near)}
    assert len(found) > 10


@pytest.mark.parametrize("count", [64, 20_000])
def test_tiles_are_compared_exactly_with_the_rows_of_their_number(count: int) -> None:
    rng = np.random.default_rng(8)
    words, asked = codes_and_queries(rng, count)
    starts = np.array([0, 3, 3, count // 2, count], np.int64)
    tiles = rng.integers(0, 4, len(asked))
    found = {tuple(hit) for hit in scan_tiles(words, starts, asked, tiles, 52).tolist()}
    bits = np.bitwise_count(words[None] ^ asked[:, None]).sum(axis=2, dtype=int)
    rows = np.arange(count)[None]
    near = (bits <= 52) & (rows >= starts[tiles][:, None]) & (rows < starts[tiles + 1][:, None])
    assert found == {(int(q), int(r), int(bits[q, r])) for q, r in np.argwhere(near)}
    assert len(found) > 10


def test_a_tile_is_compared_with_the_same_tile_only() -> None:
    regions = register_regions(scene(1), "full")
    queries = query_regions_of(scene(1))
    tile = queries[(queries["part"] == Part.TILE) & (queries["orientation"] == 0)][:1].copy()
    index = RegionIndex([regions])
    hits = index.hits(tile)
    assert [(hit.box.tile, hit.distance) for hit in hits] == [(int(tile["tile"][0]), 0)]
    elsewhere = tile.copy()
    elsewhere["tile"] = (int(tile["tile"][0]) + 20) % 60
    assert all(hit.distance > 0 for hit in index.hits(elsewhere))


def test_index_of_nothing_and_pictures_without_regions_match_nothing() -> None:
    assert RegionIndex([]).hits(query_regions_of(scene(1))) == []
    index = RegionIndex([None, register_regions(scene(1), "slim"), None])
    assert {hit.owner for hit in index.hits(query_regions_of(scene(1)))} == {1}
    assert index.hits(np.empty(0, QUERY_REGION)) == []


def test_one_box_is_enough_of_an_index() -> None:
    full = register_regions(scene(1), "full")
    one = Regions("full", full.width, full.height, full.numbers[:1], full.codes[:32])
    assert len(RegionIndex([one]).hits(query_regions_of(scene(1)))) >= 1


def test_a_clip_is_found_in_a_registered_video_and_the_seconds_are_told() -> None:
    registered = [hash_picture(jpeg(scene(seed))) for seed in range(30, 36)]
    frames = tuple((float(at), one.whole.code) for at, one in enumerate(registered))
    watched = Watched("video", "case", frames[0][1], "intimate", set_name="frames", frames=frames[1:])
    posted = [hash_picture(jpeg(scene(seed), 40)) for seed in (90, 33, 34, 91)]
    clip = replace(
        posted[0],
        kind="video",
        seconds=4.0,
        frames=tuple(FrameViews(float(at), one.views, one.queries, one.points) for at, one in enumerate(posted)),
    )
    (match,) = judge(clip, WatchSet([watched]))
    assert match.verdict is Verdict.CONFIDENT
    assert match.seconds == (1.0, 2.0)
    assert "registered video, second" in match.how and "2 of 4 frames fit, from second 1 to 2" in match.how


def test_a_registered_photo_is_found_in_a_frame_that_was_cropped() -> None:
    posted = [hash_picture(jpeg(scene(92))), hash_picture(jpeg(off_centre(scene(1))))]
    clip = replace(
        posted[0],
        kind="video",
        seconds=2.0,
        frames=tuple(FrameViews(float(at), one.views, one.queries, one.points) for at, one in enumerate(posted)),
    )
    (match,) = judge(clip, watch("full"))
    assert (match.fingerprint_id, match.verdict, match.seconds) == ("mine", Verdict.REVIEW, (1.0, 1.0))
