"""Boxes around the faces of a picture: that there is one, by OpenCV's cascade. Nothing tells whose it is.

Cascades are old and miss what is turned, small or in the dark; what carries one is a wheel, and it needs no weights
from elsewhere. `load` reads the file, which a confined decoder could not do any more. Where there is none no face is
found; `check` says so.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from monitor.fingerprints.cut_outs.boxes import Face
from monitor.fingerprints.hashes.pdq import target_size


@dataclass(frozen=True, slots=True)
class _Search:
    """How closely faces are searched for."""

    side: int
    """Pixels of the longer side of what is searched."""
    step: float
    neighbours: int
    least: float
    """Of the longer side: smaller faces are not searched for."""


POSTED = _Search(256, 1.15, 1, 0.08)
"""For a post: at 320 pixels it takes half as much again. A box that is no face costs a few comparisons; a face that is
missed is never found (with 2 neighbours 16 of 100, with 1 10)."""
REGISTERED = _Search(640, 1.08, 4, 0.06)
"""For a photo to be registered: a box around no face would never be found, and might be mistaken."""
MOST = 6
"""Faces of a picture, the largest ones."""


@lru_cache(1)
def load() -> Any:
    """The cascade; None where OpenCV, or its cascade, is not there: from 5.0 on it has none."""
    try:
        import cv2
        import cv2.data

        cv2.setNumThreads(1)  # as many decoders run as there are processors to use
        cv2.ocl.setUseOpenCL(False)
        cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
    except (ImportError, AttributeError):
        return None
    return None if cascade.empty() else cascade


def can_find() -> bool:
    """Whether faces can be found at all."""
    return load() is not None


def faces_in(image: Image.Image, *, closely: bool = False) -> tuple[Face, ...]:
    """The faces of a picture (RGB or L) in its own pixels, the largest first. `closely`: of one to be registered."""
    if (cascade := load()) is None:
        return ()
    import cv2

    how = REGISTERED if closely else POSTED
    size = target_size(*image.size, how.side)
    small = image.convert("L")
    if size != image.size:
        small = small.resize(size, Image.Resampling.BOX)
    grey = cv2.equalizeHist(np.asarray(small))
    least = max(20, round(how.least * max(size)))
    found = cascade.detectMultiScale(grey, how.step, how.neighbours, minSize=(least, least))
    scale = image.width / size[0]
    faces = [
        Face((x + width / 2) * scale, (y + 0.53 * height) * scale, 1.1 * height * scale)
        for x, y, width, height in np.asarray(found).reshape(-1, 4).tolist()
    ]
    return tuple(sorted(faces, key=lambda face: -face.height)[:MOST])
