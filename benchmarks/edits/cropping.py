"""A part kept."""

from functools import partial

import numpy as np

from benchmarks.edits.canvas import Edit, Picture, Rng, cut
from benchmarks.edits.faces import face_of, inside, likely_face


def cropped(rng: Rng, image: Picture, __: Picture, *, area: float, centred: bool) -> Picture:
    """`area` of the picture kept, in its own shape; centred, or anywhere."""
    side = area**0.5
    left, top = ((1 - side) / 2,) * 2 if centred else rng.uniform(0, 1 - side, 2)
    return cut(image, left, top, side, side)


def cropped_freely(rng: Rng, image: Picture, __: Picture, *, area: float) -> Picture:
    """`area` kept, in any shape, anywhere."""
    across = area ** rng.uniform(0.1, 0.9)
    down = area / across
    return cut(image, rng.uniform(0, 1 - across), rng.uniform(0, 1 - down), across, down)


def cropped_square(rng: Rng, image: Picture, __: Picture) -> Picture:
    """A square, as feeds show pictures."""
    width, height = image.size
    side = min(width, height)
    offset = int(rng.integers(0, abs(width - height) + 1))
    left, top = (offset, 0) if width > height else (0, offset)
    return image.crop((left, top, left + side, top + side))


def cropped_to_person(rng: Rng, image: Picture, __: Picture, *, area: float, free: bool = False) -> Picture:
    """`area` kept with the face in it, rather what is below the face than above: in the picture's shape, or `free`."""
    across = area ** (rng.uniform(0.3, 0.7) if free else 0.5)
    down = area / across
    face = likely_face(image)
    x, y = face.centre[0] / image.width, face.centre[1] / image.height
    left = x - across * rng.uniform(0.35, 0.65)
    top = y - down * rng.uniform(0.2, 0.5)
    return cut(image, float(np.clip(left, 0, 1 - across)), float(np.clip(top, 0, 1 - down)), across, down)


def cropped_to_face(_: Rng, image: Picture, __: Picture, *, across: float) -> Picture:
    """The face, `across` times as wide as it is: with hair and neck, or with the shoulders."""
    box = face_of(image).box(across, across * 0.55, across * 0.65)
    return image.crop(inside(box, image))


def cropped_below_chin(rng: Rng, image: Picture, __: Picture) -> Picture:
    """The head cut off so that nobody is seen."""
    face = likely_face(image)
    chin = min(0.6, (face.top + face.height * rng.uniform(1, 1.2)) / image.height)
    return cut(image, 0, chin, 1, 1 - chin)


EDITS: dict[str, Edit] = {
    "centred 95": partial(cropped, area=0.95, centred=True),
    "centred 80": partial(cropped, area=0.8, centred=True),
    "centred 60": partial(cropped, area=0.6, centred=True),
    "off-centre 90": partial(cropped, area=0.9, centred=False),
    "off-centre 80": partial(cropped, area=0.8, centred=False),
    "off-centre 70": partial(cropped, area=0.7, centred=False),
    "off-centre 50": partial(cropped, area=0.5, centred=False),
    "free 85": partial(cropped_freely, area=0.85),
    "free 70": partial(cropped_freely, area=0.7),
    "square": cropped_square,
    **{f"person {percent}": partial(cropped_to_person, area=percent / 100) for percent in (45, 40, 35, 30, 20)},
    "person 45 free": partial(cropped_to_person, area=0.45, free=True),
    "person 30 free": partial(cropped_to_person, area=0.3, free=True),
    "face": partial(cropped_to_face, across=1.6),
    "face and shoulders": partial(cropped_to_face, across=2.6),
    "below the chin": cropped_below_chin,
}
