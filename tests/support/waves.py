"""Pictures from formulas alone: the same bytes on every machine, whatever the versions of the libraries."""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.demo.world import paint


def wave(height: int, width: int, k: int) -> NDArray[np.uint8]:
    """uint8 (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    channels = [
        127.5
        + 100
        * np.sin(x * (0.011 + 0.004 * k + 0.003 * i) + y * 0.007 * (i + 1) + k)
        * np.cos(y * (0.013 + 0.002 * k) - x * 0.005 * i)
        + 20 * np.sin(x * y / (900 + 211 * k))
        for i in range(3)
    ]
    waves: NDArray[np.uint8] = np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8)
    return waves


def photo(seed: int, width: int = 480, height: int = 360) -> Image.Image:
    """A photo-like RGB picture of even sides, with structure up to its edges."""
    return (_kept_photo if width * height <= _KEPT_PIXELS else _photo)(seed, width, height).copy()


def _photo(seed: int, width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    colours = paint.palette(rng)
    canvas = paint.lights(rng, paint.backdrop(rng, width // 2, height // 2, colours))
    return paint.finish(rng, paint.figure(rng, canvas, colours))


_KEPT_PIXELS = 500_000
_kept_photo = lru_cache(128)(_photo)  # painting one takes longer than most tests of it


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """`image` as a file's bytes; `options` of Pillow's save."""
    out = io.BytesIO()
    if kind == "PNG":
        options = {
            "compress_level": 1,
            **options,
        }  # packing it tighter takes ten times as long and shows no other pixel
    image.save(out, kind, **options)
    return out.getvalue()


def bits_apart(one: bytes, other: bytes) -> int:
    """How many bits of two codes of equal length differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
