"""Pictures with plenty to see, painted by rule: shapes over a rough ground, another scene for every seed."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def scene(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """An RGB picture."""
    return _scene(seed, size).copy()


@lru_cache(64)
def _scene(seed: int, size: tuple[int, int]) -> Image.Image:
    rng = np.random.default_rng(seed)
    width, height = size
    coarse = rng.integers(0, 256, (9, 12, 3), np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        across, down = rng.uniform(0.03, 0.25, 2) * (width, height)
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        shape = draw.ellipse if rng.random() < 0.6 else draw.rectangle
        shape((x - across / 2, y - down / 2, x + across / 2, y + down / 2), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(1.2))


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """`image` as a file."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def half_white(photo: Image.Image) -> Image.Image:
    """As a photo of somebody before a white wall: in its middle is as much ground as around it."""
    across, down = photo.size
    photo.paste((252, 252, 252), (round(across * 0.2), round(down * 0.15), round(across * 0.9), round(down * 0.85)))
    return photo
