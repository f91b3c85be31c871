"""What all edits are made with: pictures in and out, parts of them, words on them."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

Rng = np.random.Generator
Picture = Image.Image
Edit = Callable[[Rng, Picture, Picture], Picture | bytes]
RESAMPLE = Image.Resampling.LANCZOS


def encode(result: Picture | bytes, quality: int = 85) -> bytes:
    """A picture as the JPEG it is posted as; bytes as they are."""
    return result if isinstance(result, bytes) else encoded(result, "JPEG", quality=quality)


def decoded(data: bytes) -> Picture:
    """The RGB picture in `data`."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def encoded(image: Picture, kind: str, **options: object) -> bytes:
    """`image` as a file of Pillow's format `kind`."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def within(image: Picture, side: int) -> Picture:
    """Shrunk so that no side exceeds `side` pixels."""
    scale = side / max(image.size)
    return image if scale >= 1 else image.resize(scaled(image, scale, scale), RESAMPLE)


def scaled(image: Picture, across: float, down: float) -> tuple[int, int]:
    """The size of `image` with its sides times `across` and `down`."""
    return max(8, round(image.width * across)), max(8, round(image.height * down))


def covering(image: Picture, size: tuple[int, int]) -> Picture:
    """`image` scaled and cut to fill `size`."""
    return ImageOps.fit(image, size, RESAMPLE)


def cut(image: Picture, left: float, top: float, across: float, down: float) -> Picture:
    """The part that begins at (`left`, `top`) and is `across` by `down`, all shares of the sides."""
    width, height = image.size
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    return image.crop(tuple(map(round, box)))  # type: ignore[arg-type]  # four of them


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Letters about `size` pixels high."""
    return ImageFont.load_default(max(8, size))


def chain(*edits: Edit) -> Edit:
    """One after another, each saved as a JPEG of 80 in between."""

    def chained(rng: Rng, image: Picture, other: Picture) -> Picture | bytes:
        result: Picture | bytes = image
        for edit in edits:
            result = edit(rng, image, other)
            image = decoded(encode(result, 80))
        return result

    return chained


def any_colour(rng: Rng) -> tuple[int, int, int]:
    """A colour by chance."""
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return red, green, blue


def rounded_mask(size: tuple[int, int], radius: float) -> Picture:
    """White within a rectangle with round corners, black outside."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius, fill=255)
    return mask
