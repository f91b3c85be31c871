"""Hashing many boxes of one picture: the grey plane, cosine coefficients of any box, PDQ-like codes.

PDQ's code of a box: average the box into 64 x 64 cells by area, take 16 x 16 cosine coefficients, tell which exceed
their median. Averaging and cosines are linear and separable, so a box is `A @ plane @ B.T` with a 16-row matrix a side;
boxes with the same top and bottom share the first product. Edges may fall between pixels.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.hashes.pdq import COEFFICIENTS, COSINES, SIDE, target_size
from monitor.fingerprints.regions.boxes import Box

Floats = NDArray[np.float32]
BoxCodes = NDArray[np.uint8]

PLANE_SIDE = 256
"""Pixels of the longer side of the grey plane: recall was the same as at 512, at a quarter of the work."""
MIN_CONTRAST = 8.0
"""Grey levels of standard deviation, of what the 16 x 16 coefficients hold. Flatter boxes collide at any distance."""
MIN_DETAIL = 12
"""Median size of the coefficients. A box that shows one edge has most of them near zero: its code is chance."""

_SUMS: NDArray[np.float64] = np.concatenate([np.zeros((COEFFICIENTS, 1)), np.cumsum(COSINES, axis=1)], axis=1)
_MIRROR: Floats = np.array([(-1.0) ** (j + 1) for j in range(COEFFICIENTS)], np.float32)


def plane_of(image: Image.Image) -> Floats:
    """The luma of a picture (RGB or L), its longer side at most PLANE_SIDE pixels, area-averaged: float32 (h, w)."""
    if (size := target_size(*image.size, PLANE_SIDE)) != image.size:
        image = image.resize(size, Image.Resampling.BOX)
    return np.asarray(image.convert("L"), np.float32)


def _axis(n: int, ranges: NDArray[np.float64]) -> Floats:
    """(m, 16, n): cosine coefficients of 64 area-averaged cells of each of m ranges (start, end) of n samples."""
    start, end = ranges[:, :1], ranges[:, 1:]
    cells = np.clip((np.arange(n + 1) - start) * (SIDE / (end - start)), 0, SIDE)
    whole = np.minimum(cells.astype(np.intp), SIDE - 1)
    integral = _SUMS[:, whole] + COSINES[:, whole] * (cells - whole)
    return np.ascontiguousarray(np.diff(integral, axis=2).transpose(1, 0, 2), np.float32)


class Boxes:
    """Boxes of planes of one size, with their matrices: made once for boxes that many pictures share."""

    def __init__(self, width: int, height: int, boxes: Sequence[Box]) -> None:
        """`width` and `height` of the plane, in pixels."""
        table = np.array(boxes, np.float64).reshape(-1, 4)
        rows, self._row = np.unique(np.round(table[:, [1, 3]] * height, 3), axis=0, return_inverse=True)
        columns, column = np.unique(np.round(table[:, [0, 2]] * width, 3), axis=0, return_inverse=True)
        self._rows = _axis(height, rows).reshape(-1, height)
        across = _axis(width, columns)
        self._groups = []
        for number in range(len(rows)):
            members = np.flatnonzero(self._row.ravel() == number)
            self._groups.append((members, np.ascontiguousarray(across[column.ravel()[members]].reshape(-1, width).T)))
        self._count = len(table)

    def coefficients(self, plane: Floats) -> Floats:
        """float32 (boxes, 16, 16) of a plane of that size."""
        found = np.empty((self._count, COEFFICIENTS, COEFFICIENTS), np.float32)
        bands = (self._rows @ plane).reshape(len(self._groups), COEFFICIENTS, -1)
        for band, (members, across) in zip(bands, self._groups, strict=True):
            found[members] = (band @ across).reshape(COEFFICIENTS, len(members), COEFFICIENTS).transpose(1, 0, 2)
        return found


@lru_cache(64)
def shared_boxes(width: int, height: int, boxes: tuple[Box, ...]) -> Boxes:
    """Boxes kept for the next plane of that size."""
    return Boxes(width, height, boxes)


def turned_coefficients(found: Floats, orientation: int) -> Floats:
    """The coefficients of the boxes turned back: see monitor.fingerprints.hashes.values.ORIENTATIONS."""
    if orientation & 4:
        found = found.transpose(0, 2, 1)
    if orientation & 1:
        found = found * _MIRROR
    if orientation & 2:
        found = found * _MIRROR[:, None]
    return found


def detail_of(found: Floats) -> NDArray[np.uint8]:
    """uint8 (boxes,): the median size of the coefficients, at most 255; 0 where the contrast is below MIN_CONTRAST."""
    flat = found.reshape(-1, COEFFICIENTS**2)
    contrast = np.sqrt(np.einsum("ij,ij->i", flat, flat)) / SIDE
    size = np.abs(flat)
    median = np.partition(size, 127, axis=1)[:, 127]
    return np.where(contrast >= MIN_CONTRAST, np.minimum(median, 255), 0).astype(np.uint8)
