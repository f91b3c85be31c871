"""PDQ against vectors recorded with pdqhash 0.2.8, and against pdqhash itself where it could be built."""

import importlib.util
import io

import numpy as np
import pytest
from PIL import Image

from monitor.fingerprints.hashes.pdq import hash_array, target_size
from monitor.fingerprints.hashes.phash import phash
from monitor.fingerprints.hashes.values import Hash, parse_code
from monitor.fingerprints.image import hash_picture
from tests.support.waves import bits_apart, encoded, photo, wave

RECORDED = {
    (512, 384, 0): ("f1f8e3f8c3f087f00ff01fe07fe2ffc0ff82ff00fe06f414c011002900f33e85", 100),
    (300, 500, 1): ("e39cc71c8e381e383c797879f0f9c1f187e10fe33f81ff83fe01a0030156155e", 100),
    (512, 512, 2): ("7072f0f0e1f2c1f203e207c20fc33f837f07fc03f416f554aaad02b80aad5ff4", 100),
    (97, 61, 3): ("2431e5ae5841f8c6c30516168d0505de4c7542ded65550de055535fe4555ffff", 9),
    (64, 64, 4): ("0ab5454664658c1e6c156aee801599ba4415b0aacd152aba7555aeae5555ffff", 6),
    (11, 300, 5): ("0aaa445298120042bc956aad426beebde7ad9b116115aeaddfd5faad4555aaad", 100),
    (4, 90, 7): ("00" * 32, 0),
}
"""(height, width, k) of a wave, and what pdqhash gives for it."""

needs_peer = pytest.mark.skipif(not importlib.util.find_spec("pdqhash"), reason="pdqhash needs a compiler to install")


def peer(rgb: np.ndarray) -> tuple[bytes, int]:
    """pdqhash's own answer."""
    import pdqhash

    vector, quality = pdqhash.compute(np.ascontiguousarray(rgb))
    return np.packbits(vector).tobytes(), int(quality)


@pytest.mark.parametrize("shape", RECORDED, ids=str)
def test_hash_and_quality_equal_recorded_vectors(shape: tuple[int, int, int]) -> None:
    code = hash_array(wave(*shape))

    assert (code.hex, code.quality) == RECORDED[shape]


@needs_peer
@pytest.mark.parametrize("size", [(512, 384), (384, 512), (511, 301), (200, 300), (130, 129), (64, 400), (33, 47)])
@pytest.mark.parametrize("seed", range(6))
def test_hash_and_quality_equal_pdqhash(seed: int, size: tuple[int, int]) -> None:
    rgb = np.asarray(photo(seed).resize(size))

    code = hash_array(rgb)

    assert (code.code, code.quality) == peer(rgb)


@needs_peer
@pytest.mark.parametrize("seed", range(4))
def test_large_picture_is_within_two_bits_of_pdqhash_on_the_area_shrunken_one(seed: int) -> None:
    image = photo(seed, 1280, 960)
    # 1280 to 512 is 2.5 to 1: double by repeating, then average 5 x 5, which is area resizing by definition.
    doubled = np.asarray(image).repeat(2, axis=0).repeat(2, axis=1).astype(np.float64)
    shrunken = np.rint(doubled.reshape(384, 5, 512, 5, 3).mean(axis=(1, 3)))

    code, quality = peer(shrunken.astype(np.uint8))

    found = hash_picture(encoded(image)).whole
    assert bits_apart(found.code, code) <= 2
    assert abs(found.quality - quality) <= 1


def test_jpeg_decoded_at_half_size_is_within_two_bits_of_the_whole() -> None:
    for seed in range(6):
        data = encoded(photo(seed, 1280, 960), "JPEG", quality=85)
        exact = encoded(Image.open(io.BytesIO(data)).convert("RGB"))

        assert bits_apart(hash_picture(data).whole.code, hash_picture(exact).whole.code) <= 2


def test_target_size_never_enlarges_and_never_vanishes() -> None:
    assert target_size(300, 200) == (300, 200)
    assert target_size(1280, 960) == (512, 384)
    assert target_size(100_000, 3) == (512, 1)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_phash_equals_imagehash(mode: str) -> None:
    imagehash = pytest.importorskip("imagehash")
    for seed in range(8):
        image = photo(seed).convert(mode)

        assert phash(image) == np.packbits(imagehash.phash(image).hash).tobytes()


def test_hash_does_not_show_its_bits() -> None:
    assert repr(Hash(b"\xab" * 32, 80)) == "Hash(..., quality=80)"


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "zz" * 32, " " + "a" * 63, "٣" * 64])
def test_only_64_hexadecimal_digits_are_a_code(text: str) -> None:
    with pytest.raises(ValueError):
        parse_code(text)
