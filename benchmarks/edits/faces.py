"""Where a face is, so that an edit can keep it, cut it out or leave it away: found by OpenCV's cascade, nobody known.

Where OpenCV or its cascade is missing no face is found, and the edits that need one are left out.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks.edits.canvas import Picture, within

_CASCADE: Any = None
try:
    import cv2

    cv2.setNumThreads(1)
    _folder: str = cv2.data.haarcascades  # type: ignore[attr-defined]  # its stubs leave it out
    _CASCADE = cv2.CascadeClassifier(_folder + "haarcascade_frontalface_alt2.xml")
except (ImportError, AttributeError):  # not installed; from 5.0 on it has no cascades
    pass

LOOKED_AT = 480
"""Pixels of the long side at which faces are looked for."""
LEAST = 0.06
"""Of the long side: smaller faces are no use for a fake, and often none."""
NEIGHBOURS = 3
"""Hits beside each other that make a face."""


@dataclass(frozen=True, slots=True)
class Face:
    """From brows to chin, ear to ear, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def box(self, across: float, up: float, down: float) -> tuple[int, int, int, int]:
        """A rectangle `across` face widths wide about it, `up` and `down` face heights from its middle."""
        x, y = self.centre
        half = across * self.width / 2
        sides = (x - half, y - up * self.height, x + half, y + down * self.height)
        left, top, right, bottom = map(round, sides)
        return left, top, right, bottom


class NoFace(Exception):
    """The photo shows no face that is found: this edit says nothing about it."""


_KNOWN: dict[tuple[tuple[int, int], int], Face | None] = {}


def largest_face(image: Picture) -> Face | None:
    """The largest face in `image`; each picture is looked at once."""
    key = image.size, zlib.crc32(image.tobytes())
    if key not in _KNOWN:
        _KNOWN[key] = _detected(image)
    return _KNOWN[key]


def face_of(image: Picture) -> Face:
    """The same, or NoFace."""
    if (face := largest_face(image)) is None:
        raise NoFace
    return face


def likely_face(image: Picture) -> Face:
    """The face, or where a portrait has it: in the upper middle."""
    width, height = image.size
    side = 0.22 * min(image.size)
    return largest_face(image) or Face(width / 2 - side / 2, 0.3 * height - side / 2, side, side)


def _detected(image: Picture) -> Face | None:
    if _CASCADE is None:
        return None
    small = within(image, LOOKED_AT)
    grey = np.asarray(ImageOps.equalize(small.convert("L")))
    least = round(LEAST * max(small.size))
    found = _CASCADE.detectMultiScale(grey, 1.08, NEIGHBOURS, minSize=(least, least))
    if not len(found):
        return None
    x, y, width, height = max(found.tolist(), key=lambda one: (one[2], -one[0], -one[1]))
    scale = image.width / small.width
    return Face(x * scale, y * scale, width * scale, height * scale)


def inside(box: tuple[int, int, int, int], image: Picture) -> tuple[int, int, int, int]:
    """`box` without what lies outside of `image`."""
    return max(0, box[0]), max(0, box[1]), min(image.width, box[2]), min(image.height, box[3])


def oval(size: tuple[int, int], soft: float) -> Picture:
    """A mask: an oval that fills `size`, its edge `soft` pixels wide."""
    across = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    away = (1 - np.hypot(across, down)) * min(size) / 2
    return Image.fromarray((np.clip(away / max(1.0, soft), 0, 1) * 255).astype(np.uint8))
