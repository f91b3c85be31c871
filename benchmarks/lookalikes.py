"""Different pictures that look alike, made here: what a matcher may take for a copy and must not, or cannot tell apart.

Each kind gives pairs (registered, posted) of pictures that are not copies of each other.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from benchmarks.edits.canvas import Picture, covering
from benchmarks.edits.cropping import cropped
from benchmarks.edits.frames import screenshot
from benchmarks.edits.geometry import in_perspective
from benchmarks.edits.overlays import captioned
from benchmarks.edits.tone import enhanced

Pair = tuple[Picture, Picture]


def screenshots(photos: Sequence[Picture], rng: np.random.Generator) -> Iterator[Pair]:
    """Two photos in the frame of the same phone."""
    for one, other in _neighbours(photos):
        seed = int(rng.integers(1 << 30))
        yield tuple(
            screenshot(np.random.default_rng(seed), covering(photo, (480, 480)), photo, dark=False)
            for photo in (one, other)
        )  # type: ignore[misc]  # two


def memes(photos: Sequence[Picture], rng: np.random.Generator) -> Iterator[Pair]:
    """The same template, with another inset and other words: over half of the picture is the same."""
    template = photos[0]
    for one, other in _neighbours(photos[1:]):
        yield _meme(rng, template, one, "WHEN MONDAY"), _meme(rng, template, other, "ONE DOES NOT")


def _meme(rng: np.random.Generator, template: Picture, inset: Picture, words: str) -> Picture:
    sheet = covering(template, (600, 600))
    sheet.paste(covering(inset, (260, 260)), (320, 320))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, 600, 70), fill="white")
    draw.text((30, 20), words, fill="black")
    return captioned(rng, sheet, sheet)


def series(photos: Sequence[Picture], rng: np.random.Generator) -> Iterator[Pair]:
    """One shoot: the camera moved a little and turned, the subject moved, the light changed."""
    for photo in photos:
        moved = in_perspective(rng, cropped(rng, photo, photo, area=0.8, centred=False), photo, share=0.08)
        moved = _warped(rng, moved)
        yield photo, enhanced(rng, moved, moved, how=ImageEnhance.Brightness, factor=float(rng.uniform(0.8, 1.2)))


def _warped(rng: np.random.Generator, image: Picture) -> Picture:
    """Parts moved against each other by up to 4 % of the width, smoothly."""
    width, height = image.size
    pixels = np.asarray(image)
    shift = [
        np.asarray(
            Image.fromarray(rng.uniform(-1, 1, (5, 5)).astype(np.float32)).resize(
                (width, height), Image.Resampling.BICUBIC
            )
        )
        * (0.04 * width)
        for _ in range(2)
    ]
    rows = np.clip(np.arange(height)[:, None] + shift[0], 0, height - 1).astype(int)
    columns = np.clip(np.arange(width)[None, :] + shift[1], 0, width - 1).astype(int)
    return Image.fromarray(pixels[rows, columns])


def flats(photos: Sequence[Picture], rng: np.random.Generator) -> Iterator[Pair]:
    """Skies, walls, gradients with a little grain: nothing to tell them apart by."""
    for _ in photos:
        yield _flat(rng), _flat(rng)


def _flat(rng: np.random.Generator) -> Picture:
    low = rng.uniform(60, 220, (2, 2, 3)).astype(np.uint8)
    gradient = np.asarray(Image.fromarray(low).resize((640, 480), Image.Resampling.BICUBIC), np.float32)
    grain = rng.normal(0, 2, gradient.shape)
    return Image.fromarray((gradient + grain).clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))


def _neighbours(photos: Sequence[Picture]) -> Iterator[Pair]:
    return pairwise(photos)


KINDS = {"same phone frame": screenshots, "memes of one template": memes, "series of one shoot": series, "flat": flats}
