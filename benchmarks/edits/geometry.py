"""Mirrored, turned, seen from aside."""

from functools import partial

import numpy as np
from PIL import Image

from benchmarks.edits.canvas import Edit, Picture, Rng, cut

TURNS = (1, 2, 3, 4, 5, 6, 7, 7.5, 8, 10, 12, 15)
"""Degrees, either way by chance: one movement of a finger in every editor."""


def transposed(_: Rng, image: Picture, __: Picture, *, how: Image.Transpose) -> Picture:
    """Mirrored or turned by a quarter."""
    return image.transpose(how)


def rotated(rng: Rng, image: Picture, __: Picture, *, degrees: float, zoomed: bool) -> Picture:
    """Turned a little, either way; the corners of one colour, grown or cut off, or none left by zooming in."""
    angle = degrees * rng.choice((-1, 1))
    grown = not zoomed and bool(rng.random() < 0.7)
    ground = ("black", "white", (128, 128, 128))[int(rng.integers(3))]
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=grown, fillcolor=ground)
    if not zoomed:
        return turned
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    width, height = image.size
    keep = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    return cut(turned, (1 - keep) / 2, (1 - keep) / 2, keep, keep)


def in_perspective(rng: Rng, image: Picture, __: Picture, *, share: float) -> Picture:
    """A screen photographed from aside: corners moved inwards by up to `share` of a side."""
    width, height = image.size
    moved = rng.uniform(0, share, (4, 2)) * (width, height)
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], float)
    quad = corners + moved * np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)])
    return image.transform(image.size, Image.Transform.QUAD, quad.ravel().tolist(), Image.Resampling.BICUBIC)


MIRROR: Edit = partial(transposed, how=Image.Transpose.FLIP_LEFT_RIGHT)

EDITS: dict[str, Edit] = {
    "mirror": MIRROR,
    "rotate 90": partial(transposed, how=Image.Transpose.ROTATE_90),
    "rotate 180": partial(transposed, how=Image.Transpose.ROTATE_180),
    **{f"turned {degrees}": partial(rotated, degrees=degrees, zoomed=False) for degrees in TURNS},
    **{f"turned {degrees} zoomed": partial(rotated, degrees=degrees, zoomed=True) for degrees in TURNS},
    "perspective 5 %": partial(in_perspective, share=0.05),
    "perspective 10 %": partial(in_perspective, share=0.1),
}
