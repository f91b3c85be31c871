"""Light, colour, blur and grain."""

from functools import partial

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from benchmarks.edits.canvas import Edit, Picture, Rng


def enhanced(_: Rng, image: Picture, __: Picture, *, how: type[ImageEnhance._Enhance], factor: float) -> Picture:
    """Brightness, contrast or colour times `factor`."""
    return how(image).enhance(factor)  # type: ignore[call-arg]  # the base has no __init__ of its own


def gamma(_: Rng, image: Picture, __: Picture, *, exponent: float) -> Picture:
    """Each value raised to `exponent`."""
    return image.point([round(255 * (value / 255) ** exponent) for value in range(256)] * 3)


def greyed(_: Rng, image: Picture, __: Picture) -> Picture:
    """Black and white."""
    return image.convert("L").convert("RGB")


def filtered(_: Rng, image: Picture, __: Picture) -> Picture:
    """A warm, faded filter."""
    red, green, blue = image.split()
    warm = Image.merge("RGB", [red.point(lambda v: 30 + v * 0.85), green, blue.point(lambda v: v * 0.8)])
    return ImageEnhance.Contrast(warm).enhance(0.9)


def blurred(_: Rng, image: Picture, __: Picture, *, radius: float) -> Picture:
    """Out of focus; pixels at 500."""
    return image.filter(ImageFilter.GaussianBlur(radius * max(image.size) / 500))


def sharpened(_: Rng, image: Picture, __: Picture) -> Picture:
    """An unsharp mask."""
    return image.filter(ImageFilter.UnsharpMask(2, 200, 2))


def noisy(rng: Rng, image: Picture, __: Picture, *, deviation: float) -> Picture:
    """Grain; `deviation` in grey levels."""
    pixels = np.asarray(image, np.float32)
    return Image.fromarray((pixels + rng.normal(0, deviation, pixels.shape)).clip(0, 255).astype(np.uint8))


EDITS: dict[str, Edit] = {
    "brighter": partial(enhanced, how=ImageEnhance.Brightness, factor=1.3),
    "darker": partial(enhanced, how=ImageEnhance.Brightness, factor=0.6),
    "contrast": partial(enhanced, how=ImageEnhance.Contrast, factor=1.5),
    "gamma 0.6": partial(gamma, exponent=0.6),
    "gamma 1.6": partial(gamma, exponent=1.6),
    "grey": greyed,
    "filter": filtered,
    "blur 2": partial(blurred, radius=2),
    "sharpened": sharpened,
    "noise 15": partial(noisy, deviation=15),
}
