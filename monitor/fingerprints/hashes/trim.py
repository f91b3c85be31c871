"""Finding the border around a picture: letterbox, pillarbox or a frame of one colour.

A picture inside a border is far from itself in PDQ (62 bits and more), so it is hashed without the border as well.
The constants are tuned on bars and frames around 67 photos at JPEG quality 30 to 80: 98 % within 60 bits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.hashes.pdq import target_size

Luma = NDArray[np.float32]

MAX_DEVIATION = 2.0
"""Grey levels: a line whose standard deviation is higher shows something. Looser limits eat into dark pictures."""
MAX_STEP = 2.0
"""Grey levels that a line's mean may differ from the outermost line's, so that a smooth sky is no border."""
MAX_SHARE = 0.45
"""Of a side that may be border at one end: what is left in the middle must be a picture."""
MIN_TRIM = 0.01
"""Of the area; thinner borders cost PDQ only a few bits."""
SEARCH_OUT, SEARCH_IN = 2, 7
"""Shrunken lines around the rough edge within which the sharp one lies; compression smears up to a block inwards."""
_OUTER = 2
"""Pixels of the stripes along the edges that are examined first."""


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels: left and top inside, right and bottom outside, as Pillow counts them."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        """Pixels inside."""
        return (self.right - self.left) * (self.bottom - self.top)


def find_border(image: Image.Image) -> Box | None:
    """What is left of `image` (RGB or L) inside its border, or None when it has none worth trimming."""
    if not _may_have_border(image):
        return None
    small = image.convert("L").resize(target_size(*image.size), Image.Resampling.BOX)
    grey: Luma = np.asarray(small, np.float32)
    rough = _inside(grey)
    if rough.area == 0 or rough.area > (1 - MIN_TRIM) * grey.size:
        return None
    across, down = image.width / small.width, image.height / small.height
    full = Box(
        int(rough.left * across),
        int(rough.top * down),
        min(image.width, round(rough.right * across)),
        min(image.height, round(rough.bottom * down)),
    )
    left, right = _sharpen(image.crop((0, full.top, image.width, full.bottom)), full.left, full.right, across)
    turned = image.crop((full.left, 0, full.right, image.height)).transpose(Image.Transpose.TRANSPOSE)
    top, bottom = _sharpen(turned, full.top, full.bottom, down)
    return Box(left, top, right, bottom)


def _may_have_border(image: Image.Image) -> bool:
    """Whether one of the four outermost stripes is nearly flat: most pictures are told so at a tenth of the cost."""
    width, height = image.size
    rows = [(0, 0, width, _OUTER), (0, height - _OUTER, width, height)]
    columns = [(0, 0, _OUTER, height), (width - _OUTER, 0, width, height)]
    for boxes, axis in ((rows, 0), (columns, 1)):
        for box in boxes:
            line = np.asarray(image.crop(box).convert("L"), np.float32).mean(axis=axis)
            if line.std() < 2 * MAX_DEVIATION:
                return True
    return False


def _inside(grey: Luma) -> Box:
    """The box inside the border of float32 (h, w). Bars first, then pillars between them, then bars between those."""
    height, width = grey.shape
    top, below = _ends(grey)
    left, beyond = _ends(grey[top : height - below].T)
    more_top, more_below = _ends(grey[top : height - below, left : width - beyond])
    return Box(left, top + more_top, width - beyond, height - below - more_below)


def _ends(lines: Luma) -> tuple[int, int]:
    """How many border lines there are at the start and at the end of float32 (n, length)."""
    return _run(lines), _run(lines[::-1])


def _run(lines: Luma) -> int:
    """How many of the first lines are flat and of one colour."""
    first = lines[: int(len(lines) * MAX_SHARE)]
    if first.size == 0:
        return 0
    mean = first.mean(axis=1)
    border = (first.std(axis=1) < MAX_DEVIATION) & (np.abs(mean - mean[0]) < MAX_STEP)
    return len(first) if border.all() else int(border.argmin())


def _sharpen(image: Image.Image, left: int, right: int, scale: float) -> tuple[int, int]:
    """The left and right edge of the content at full size: where neighbouring columns differ most, near the rough one.

    `scale`: pixels of `image` to one shrunken line, in which the two sides of an edge are blurred into one.
    """
    width = image.width
    out, into = int(SEARCH_OUT * scale), int(SEARCH_IN * scale) + 1
    if left > 0:
        left = _steepest(image, max(0, left - out), min(width, left + into))
    if right < width:
        right = _steepest(image, max(0, right - into), min(width, right + out))
    return left, max(right, left + 1)


def _steepest(image: Image.Image, start: int, end: int) -> int:
    """The column between `start` and `end` that differs most from the one before it."""
    columns: Luma = np.asarray(image.crop((start, 0, end, image.height)).convert("L"), np.float32)
    jumps = np.abs(np.diff(columns, axis=1)).mean(axis=0)
    return start + 1 + int(jumps.argmax()) if jumps.size else start
