"""The eight views of a picture are the hashes of the picture turned back."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from monitor.fingerprints.hashes.pdq import hash_array
from monitor.fingerprints.hashes.values import ORIENTATIONS
from monitor.fingerprints.image import hash_picture
from tests.support.waves import bits_apart, encoded, photo

T = Image.Transpose

TURNS = {
    "upright": (),
    "mirrored": (T.FLIP_LEFT_RIGHT,),
    "upside down and mirrored": (T.ROTATE_180, T.FLIP_LEFT_RIGHT),
    "rotated 180": (T.ROTATE_180,),
    "mirrored and rotated 90 left": (T.FLIP_LEFT_RIGHT, T.ROTATE_90),
    "rotated 90 right": (T.ROTATE_270,),
    "rotated 90 left": (T.ROTATE_90,),
    "mirrored and rotated 90 right": (T.FLIP_LEFT_RIGHT, T.ROTATE_270),
}
"""What each word says was done to the picture (Pillow counts rotations to the left)."""


def turned(image: Image.Image, word: str) -> Image.Image:
    """`image` as the post of that orientation shows it."""
    for step in TURNS[word]:
        image = image.transpose(step)
    return image


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("number", range(8))
def test_view_finds_the_original_of_a_turned_post(seed: int, number: int) -> None:
    original = photo(seed, 480, 360)
    post = turned(original, ORIENTATIONS[number])

    views = hash_picture(encoded(post)).views

    distances = [bits_apart(view.hash.code, hash_array(np.asarray(original)).code) for view in views[:8]]
    assert distances[number] <= 2
    assert min(distance for other, distance in enumerate(distances) if other != number) > 31


@pytest.mark.parametrize("number", range(8))
def test_turned_jpeg_matches_at_its_orientation(number: int) -> None:
    original = photo(11, 800, 600)
    code = hash_picture(encoded(original, "JPEG", quality=92)).whole.code
    post = encoded(turned(original, ORIENTATIONS[number]), "JPEG", quality=75)

    best = min(hash_picture(post).views, key=lambda view: bits_apart(view.hash.code, code))

    assert best.orientation == number


@pytest.mark.skipif(not importlib.util.find_spec("pdqhash"), reason="pdqhash needs a compiler to install")
@pytest.mark.parametrize("seed", range(3))
def test_every_view_equals_pdqhash_of_the_picture_turned_back(seed: int) -> None:
    import pdqhash

    image = photo(seed, 500, 332)
    for view in hash_picture(encoded(image)).views[:8]:
        back = image.transpose(T.TRANSPOSE) if view.orientation & 4 else image
        back = back.transpose(T.FLIP_LEFT_RIGHT) if view.orientation & 1 else back
        back = back.transpose(T.FLIP_TOP_BOTTOM) if view.orientation & 2 else back

        vector, quality = pdqhash.compute(np.ascontiguousarray(back))

        assert bits_apart(view.hash.code, np.packbits(vector).tobytes()) <= 2
        assert view.hash.quality == quality
