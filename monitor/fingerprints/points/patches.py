"""The surroundings of points, cut out turned and sized as the points are."""

from functools import lru_cache

import cv2
import numpy as np

from monitor.fingerprints.points.scale_space import Numbers
from monitor.fingerprints.regions.box_hashing import Floats

ORIENTED_SIGMAS, CODED_SIGMAS = 4.5, 6.0
"""Half a side of what an orientation is told from, and of what is coded."""
CODED_CELLS = 32
"""Cells a side of what is coded."""
SECOND_PEAK = 0.8
"""Of the highest peak: from there on a point has a second orientation."""
_ORIENTED_CELLS = 18
_BINS = 36

_axis = np.exp(-((np.arange(_ORIENTED_CELLS - 2) - (_ORIENTED_CELLS - 3) / 2) ** 2) / (2 * 5.0**2))
_WEIGHTS = (_axis[:, None] * _axis).astype(np.float32)


def halved(plane: Floats) -> Floats:
    """Half as wide and high, area-averaged."""
    height, width = plane.shape
    size = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def pyramid(plane: Floats) -> list[Floats]:
    """The plane, and each half of it."""
    levels = [plane]
    while min(levels[-1].shape) >= 2 * LEAST_LEVEL:
        levels.append(halved(levels[-1]))
    return levels


LEAST_LEVEL = 4
"""Pixels of the smallest level's shorter side."""


def patches(levels: list[Floats], points: Numbers, angles: Numbers, *, cells: int, sigmas: float) -> Floats:
    """float32 (n, cells, cells) around `points` (as `blobs` gives them, in pixels of levels[0]), each turned by its
    angle (radians, clockwise as seen) and taken from the level at which a cell is one to two pixels."""
    step = 2 * sigmas * points[:, 2] / cells
    level_of = np.clip(np.floor(np.log2(step)), 0, len(levels) - 1).astype(np.intp)
    share = 0.5**level_of
    # A pixel's middle lies half a pixel from its edge, on each level.
    x, y = (points[:, 0] + 0.5) * share - 0.5, (points[:, 1] + 0.5) * share - 0.5
    cosine, sine = np.cos(angles) * step * share, np.sin(angles) * step * share
    # Level by level, each in one piece.
    order = np.argsort(level_of, kind="stable")
    around = _around(cells)
    columns = (np.column_stack([cosine, -sine, x])[order].astype(np.float32) @ around).reshape(-1, cells)
    rows = (np.column_stack([sine, cosine, y])[order].astype(np.float32) @ around).reshape(-1, cells)
    taken = np.empty((len(points) * cells, cells), np.float32)
    ends = cells * np.cumsum(np.bincount(level_of, minlength=len(levels)))
    for level, start, end in zip(levels, (0, *ends), ends, strict=False):
        if end > start:
            mine = slice(start, end)
            border = cv2.BORDER_REFLECT
            cv2.remap(level, columns[mine], rows[mine], cv2.INTER_LINEAR, dst=taken[mine], borderMode=border)
    found = np.empty((len(points), cells, cells), np.float32)
    found[order] = taken.reshape(found.shape)
    return found


@lru_cache
def _around(cells: int) -> Floats:
    """float32 (3, cells * cells): across, down and 1 of each cell, row by row, from the middle on."""
    place = np.arange(cells) - (cells - 1) / 2
    down, across = np.meshgrid(place, place, indexing="ij")
    return np.stack([across.ravel(), down.ravel(), np.ones(cells * cells)]).astype(np.float32)


def orientations(levels: list[Floats], points: Numbers) -> tuple[np.ndarray, Numbers]:
    """Which way the grey rises around each point: (which point, angle in radians), by point; a point where it does so
    in two ways is there twice, the stronger first."""
    count = len(points)
    around = patches(levels, points, np.zeros(count), cells=_ORIENTED_CELLS, sigmas=ORIENTED_SIGMAS)
    across = (around[:, 1:-1, 2:] - around[:, 1:-1, :-2]).reshape(count, -1)
    down = (around[:, 2:, 1:-1] - around[:, :-2, 1:-1]).reshape(count, -1)
    size, angle = cv2.cartToPolar(across, down)
    size *= _WEIGHTS.ravel()
    angle *= np.float32(_BINS / (2 * np.pi))
    below = angle.astype(np.intp)
    above = size * (angle - below)
    size -= above
    # Two bins more than there are: a whole turn, and the one above it, are the first and the second.
    wide = _BINS + 2
    below += wide * np.arange(count)[:, None]
    counts = np.bincount(below.ravel(), size.ravel(), wide * count)
    below += 1
    counts += np.bincount(below.ravel(), above.ravel(), wide * count)
    counts = counts.reshape(count, wide)
    counts[:, :2] += counts[:, _BINS:]
    # Three bins on, at either end, from the other.
    counts = np.concatenate([counts[:, _BINS - 3 : _BINS], counts[:, :_BINS], counts[:, :3]], axis=1)
    smooth = 6 * counts[:, 2:-2] + 4 * (counts[:, 1:-3] + counts[:, 3:-1]) + counts[:, :-4] + counts[:, 4:]
    left, bins, right = smooth[:, :-2], smooth[:, 1:-1], smooth[:, 2:]
    peaks = (bins > left) & (bins >= right) & (bins >= SECOND_PEAK * bins.max(axis=1, keepdims=True))
    which, peak = np.nonzero(peaks)
    before, here, after = left[which, peak], bins[which, peak], right[which, peak]
    between = (before - after) / (2 * (before + after - 2 * here))
    order = np.lexsort((-here, which))
    which, peak, between = which[order], peak[order], between[order]
    begins = np.concatenate([[True], which[1:] != which[:-1]])
    rank = np.arange(len(which)) - np.maximum.accumulate(np.where(begins, np.arange(len(which)), 0))
    kept = rank < 2
    return which[kept], (peak + between)[kept] * (2 * np.pi / _BINS)
