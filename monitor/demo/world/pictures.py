"""The demo world's sample pictures: three people's photos, edited copies of them, and much else. All generated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from monitor.demo.world import paint
from monitor.demo.world.edits import EDITS, jpeg, png
from monitor.demo.world.paint import Rng

PERSONS = 3
COPIES = 12
SAMPLES = 60
_SIZES = ((800, 600), (600, 800), (960, 720), (720, 960))
_REGISTERED_SIZES = ((1280, 960), (960, 1280), (1200, 900))


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture to post. `copy_of`: which registered picture (0 to 2) it was made from, None for all others."""

    name: str
    data: bytes = field(repr=False)
    copy_of: int | None
    edit: str
    """What was done to the copy, or what kind of other picture this is."""


@lru_cache(8)
def registered(seed: int) -> tuple[bytes, ...]:
    """The photos of the three people as JPEG files, 0.9 to 1.2 megapixels, one each."""
    return tuple(jpeg(_person(seed, number), 92) for number in range(PERSONS))


def feed(seed: int) -> list[Sample]:
    """60 samples in an order of their own: 12 copies, each of the 6 edits twice over the 3 photos, and 48 others."""
    return list(_feed(seed))


@lru_cache(8)
def _feed(seed: int) -> tuple[Sample, ...]:
    """Painting takes seconds, and whoever asks for a seed asks again."""
    samples = [*copies(seed), *_others(seed)]
    order = np.random.default_rng([seed, 2]).permutation(len(samples))
    return tuple(samples[position] for position in order)


def _person(seed: int, number: int) -> Image.Image:
    return _portrait(np.random.default_rng([seed, 0, number]), _REGISTERED_SIZES[number])


@lru_cache(8)
def copies(seed: int) -> tuple[Sample, ...]:
    """The 12 copies alone, as they stand in the feed of that seed."""
    originals = [_person(seed, number) for number in range(PERSONS)]
    found = []
    for position, edit in enumerate([*EDITS, *EDITS]):
        # The second round starts one person later, so that an edit meets two different photos.
        number = (position + position // len(EDITS)) % PERSONS
        data = EDITS[edit](np.random.default_rng([seed, 1, position]), originals[number])
        found.append(Sample(f"copy-{position:02}.jpg", data, number, edit))
    return tuple(found)


def _others(seed: int) -> list[Sample]:
    others: list[Sample] = []
    for kind, (paint_one, count) in OTHERS.items():
        for _ in range(count):
            rng = np.random.default_rng([seed, 3, len(others)])
            image = paint_one(rng, _SIZES[int(rng.integers(len(_SIZES)))])
            plain = kind in ("flat", "screenshot")
            name = f"other-{len(others):02}.{'png' if plain else 'jpg'}"
            others.append(Sample(name, png(image) if plain else jpeg(image, int(rng.integers(70, 93))), None, kind))
    return others


def _portrait(rng: Rng, size: tuple[int, int]) -> Image.Image:
    width, height = size[0] // 2, size[1] // 2
    colours = paint.palette(rng)
    canvas = paint.lights(rng, paint.backdrop(rng, width, height, colours))
    return paint.finish(rng, paint.figure(rng, canvas, colours))


def _landscape(rng: Rng, size: tuple[int, int]) -> Image.Image:
    width, height = size[0] // 2, size[1] // 2
    return paint.finish(rng, paint.hills(rng, paint.backdrop(rng, width, height, paint.palette(rng))))


def _abstract(rng: Rng, size: tuple[int, int]) -> Image.Image:
    width, height = size[0] // 2, size[1] // 2
    return paint.finish(rng, paint.lights(rng, paint.backdrop(rng, width, height, paint.palette(rng))))


def _framed(rng: Rng, size: tuple[int, int]) -> Image.Image:
    """Another portrait in the same black bars as letterboxed copies have."""
    bar = round(size[1] * 0.15)
    image = Image.new("RGB", (size[0], size[1] + 2 * bar), "black")
    image.paste(_portrait(rng, size), (0, bar))
    return image


def _gradient(rng: Rng, size: tuple[int, int]) -> Image.Image:
    ends = np.asarray(rng.uniform(0, 255, (2, 2, 3)), np.uint8)
    return Image.fromarray(ends).resize(size, Image.Resampling.BICUBIC)


def _flat(rng: Rng, size: tuple[int, int]) -> Image.Image:
    return Image.new("RGB", size, tuple(int(value) for value in rng.integers(0, 256, 3)))


def _screenshot(rng: Rng, size: tuple[int, int]) -> Image.Image:
    """A phone's screen: bars, rows of text, round icons, and a small picture that is none of ours."""
    width, height = min(size), max(size)
    dark = bool(rng.random() < 0.5)
    page, ink = ((18, 18, 20), (225, 225, 225)) if dark else ((250, 250, 250), (40, 40, 40))
    image = Image.new("RGB", (width, height), page)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 48), fill=tuple(int(value) for value in rng.integers(30, 200, 3)))
    row = 70
    while row < height - 220:
        draw.ellipse((20, row, 60, row + 40), fill=tuple(int(value) for value in rng.integers(40, 220, 3)))
        for line in range(int(rng.integers(1, 5))):
            end = int(rng.integers(width // 4, width - 30))
            draw.rectangle((80, row + 18 * line, max(90, end), row + 18 * line + 9), fill=ink)
        row += int(rng.integers(80, 130))
    inner = _abstract(rng, (width - 60, 180)).filter(ImageFilter.GaussianBlur(1))
    image.paste(inner, (30, height - 200))
    return image


OTHERS: dict[str, tuple[Callable[[Rng, tuple[int, int]], Image.Image], int]] = {
    "similar scene": (_portrait, 14),
    "landscape": (_landscape, 8),
    "abstract": (_abstract, 6),
    "same frame": (_framed, 6),
    "screenshot": (_screenshot, 6),
    "gradient": (_gradient, 4),
    "flat": (_flat, 4),
}
"""The 48 pictures that are nobody's copy: how each kind is painted, and how many there are."""
