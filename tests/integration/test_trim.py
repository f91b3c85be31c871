"""A border is found and looked past, and nothing else is taken for one."""

import numpy as np
import pytest
from PIL import Image

from monitor.fingerprints.hashes.trim import Box, find_border
from monitor.fingerprints.image import hash_picture
from monitor.matching.verdict import CONFIDENT_WITHIN, REVIEW_WITHIN
from tests.support.waves import bits_apart, encoded, photo


def framed(image: Image.Image, beside: int, above: int, colour: tuple[int, int, int]) -> Image.Image:
    """`image` inside a border of one colour."""
    frame = Image.new("RGB", (image.width + 2 * beside, image.height + 2 * above), colour)
    frame.paste(image, (beside, above))
    return frame


BORDERS = {
    "letterbox": (0, 90, (0, 0, 0)),
    "pillarbox": (110, 0, (255, 255, 255)),
    "frame": (30, 30, (40, 80, 120)),
    "thin frame": (6, 6, (255, 255, 255)),
    "deep bars": (0, 200, (12, 12, 12)),
}


@pytest.mark.parametrize("border", BORDERS.values(), ids=BORDERS)
def test_border_is_found_to_the_pixel(border: tuple[int, int, tuple[int, int, int]]) -> None:
    beside, above, colour = border
    for seed in range(4):
        image = photo(seed, 800, 600)

        box = find_border(framed(image, beside, above, colour))

        assert box is not None
        expected = np.array([beside, above, beside + 800, above + 600])
        assert np.abs(np.array([box.left, box.top, box.right, box.bottom]) - expected).max() <= 1


@pytest.mark.parametrize("border", BORDERS.values(), ids=BORDERS)
def test_compressed_copy_inside_a_border_is_confident_by_its_trimmed_view(
    border: tuple[int, int, tuple[int, int, int]],
) -> None:
    for seed in range(4):
        image = photo(seed, 800, 600)
        copy = framed(image, *border)
        smaller = copy.resize((int(copy.width * 0.9), int(copy.height * 0.9)), Image.Resampling.LANCZOS)

        views = hash_picture(encoded(smaller, "JPEG", quality=60)).views

        original = hash_picture(encoded(image)).whole
        assert len(views) == 16
        assert [view.name for view in views] == ["whole"] * 8 + ["trimmed"] * 8
        assert bits_apart(views[8].hash.code, original.code) <= CONFIDENT_WITHIN


def test_letterbox_alone_hides_a_copy_from_the_whole_view() -> None:
    image = photo(1, 800, 600)

    whole = hash_picture(encoded(framed(image, 0, 150, (0, 0, 0)))).whole

    assert bits_apart(whole.code, hash_picture(encoded(image)).whole.code) > REVIEW_WITHIN


def test_mirrored_copy_inside_a_frame_is_found() -> None:
    image = photo(2, 800, 600)
    copy = framed(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 40, 40, (200, 30, 90))

    views = hash_picture(encoded(copy, "JPEG", quality=80)).views

    original = hash_picture(encoded(image)).whole
    assert bits_apart(views[9].hash.code, original.code) <= CONFIDENT_WITHIN


@pytest.mark.parametrize("seed", range(6))
def test_picture_without_border_is_left_alone(seed: int) -> None:
    assert find_border(photo(seed, 640, 480)) is None


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (640, 480)])
def test_flat_picture_of_any_shape_does_not_disturb(size: tuple[int, int]) -> None:
    find_border(Image.new("RGB", size, (90, 90, 90)))

    assert hash_picture(encoded(Image.new("RGB", size, (90, 90, 90)))).whole.quality == 0


def test_smooth_sky_is_no_border() -> None:
    image = np.asarray(photo(3, 640, 480)).copy()
    image[:200] = (np.linspace(60, 220, 200)[:, None, None]).astype(np.uint8)

    box = find_border(Image.fromarray(image))

    assert box is None or box.top < 20


def test_area_of_a_box() -> None:
    assert Box(1, 2, 4, 8).area == 18
