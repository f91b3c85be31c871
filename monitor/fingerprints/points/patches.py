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
    around = _around(cells)
    columns = (np.column_stack([cosine, -sine, x]).astype(np.float32) @ around).reshape(-1, cells, cells)
    rows = (np.column_stack([sine, cosine, y]).astype(np.float32) @ around).reshape(-1, cells, cells)
    found = np.empty((len(points), cells, cells), np.float32)
    for number, level in enumerate(levels):
        mine = np.flatnonzero(level_of == number)
        if len(mine):
            places = columns[mine].reshape(-1, cells), rows[mine].reshape(-1, cells)
            taken = cv2.remap(level, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            found[mine] = taken.reshape(-1, cells, cells)
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
    around = patches(levels, points, np.zeros(len(points)), cells=_ORIENTED_CELLS, sigmas=ORIENTED_SIGMAS)
    across = around[:, 1:-1, 2:] - around[:, 1:-1, :-2]
    down = around[:, 2:, 1:-1] - around[:, :-2, 1:-1]
    size = np.sqrt(across * across + down * down) * _WEIGHTS
    angle = np.arctan2(down, across) * np.float32(_BINS / (2 * np.pi))
    bin_below = np.floor(angle)
    above = angle - bin_below
    first = np.arange(len(points))[:, None, None] * _BINS
    below = bin_below.astype(np.intp) % _BINS
    counts = np.bincount((first + below).ravel(), (size * (1 - above)).ravel(), _BINS * len(points))
    counts += np.bincount((first + (below + 1) % _BINS).ravel(), (size * above).ravel(), _BINS * len(points))
    bins = counts.reshape(-1, _BINS)
    bins = (
        6 * bins + 4 * (np.roll(bins, 1, 1) + np.roll(bins, -1, 1)) + (np.roll(bins, 2, 1) + np.roll(bins, -2, 1))
    ) / 16
    left, right = np.roll(bins, 1, 1), np.roll(bins, -1, 1)
    peaks = (bins > left) & (bins >= right) & (bins >= SECOND_PEAK * bins.max(axis=1, keepdims=True))
    which, peak = np.nonzero(peaks)
    bend = left[which, peak] + right[which, peak] - 2 * bins[which, peak]
    between = (left[which, peak] - right[which, peak]) / (2 * bend)
    order = np.lexsort((-bins[which, peak], which))
    which, peak, between = which[order], peak[order], between[order]
    begins = np.concatenate([[True], which[1:] != which[:-1]])
    rank = np.arange(len(which)) - np.maximum.accumulate(np.where(begins, np.arange(len(which)), 0))
    kept = rank < 2
    return which[kept], (peak + between)[kept] * (2 * np.pi / _BINS)
