"""Another size, or another shape."""

from functools import partial

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, scaled


def to_side(_: Rng, image: Picture, __: Picture, *, side: int) -> Picture:
    """The long side made `side` pixels, up or down."""
    scale = side / max(image.size)
    return image.resize(scaled(image, scale, scale), RESAMPLE)


def squeezed(_: Rng, image: Picture, __: Picture, *, across: float, down: float) -> Picture:
    """Width and height scaled apart."""
    return image.resize(scaled(image, across, down), RESAMPLE)


EDITS: dict[str, Edit] = {
    "640": partial(to_side, side=640),
    "400": partial(to_side, side=400),
    "320": partial(to_side, side=320),
    "240": partial(to_side, side=240),
    "enlarged 1000": partial(to_side, side=1000),
    "squeezed 10 %": partial(squeezed, across=0.9, down=1),
    "squeezed 15 %": partial(squeezed, across=1, down=0.85),
    "squeezed 20 %": partial(squeezed, across=0.8, down=1),
    "stretched 20 %": partial(squeezed, across=1, down=1.2),
}
