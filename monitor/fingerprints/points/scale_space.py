"""Where a picture has something that can be found again: blobs, at the size that they have.

The difference of Gaussians of Lowe ("Distinctive Image Features from Scale-Invariant Keypoints", 2004), laid out so
that a browser can do the same: octaves of five levels, extrema among 26 neighbours, places and sizes between pixels by
a parabola each way. What is found in a picture is found in its copy too, however that is turned, enlarged or cut.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.regions.box_hashing import Floats

Numbers = NDArray[np.float64]

PER_OCTAVE = 3
"""Sizes looked for between a size and its double."""
FIRST_SIGMA = 1.2
"""Pixels of blur of the first level; CAMERA_SIGMA of it is taken for granted."""
CAMERA_SIGMA = 0.5
LEAST_CONTRAST = 1.7
"""Grey levels between two neighbouring levels, at the extremum."""
EDGE_RATIO = 12.0
"""Of the curvatures: where one is so many times the other lies an edge, which is found anywhere along itself."""
LEAST_SIDE = 12
"""Pixels of the last octave's shorter side."""

_SIGMAS = [FIRST_SIGMA * 2 ** (level / PER_OCTAVE) for level in range(PER_OCTAVE + 3)]
_BLURS = [
    float(np.sqrt(after**2 - before**2)) for before, after in zip([CAMERA_SIGMA, *_SIGMAS], _SIGMAS, strict=False)
]
_AROUND = np.ones((3, 3), np.uint8)
_FARTHEST = 0.6
"""Pixels or levels that an extremum may lie beside the pixel that it was found at."""


def blobs(plane: Floats) -> Numbers:
    """float64 (n, 4): across, down, sigma, all in pixels of `plane`, and contrast in grey levels."""
    found = [np.empty((0, 4))]
    level, scale = _blurred(plane, _BLURS[0]), 1
    while min(level.shape) >= LEAST_SIDE:
        levels = [level]
        for blur in _BLURS[1:]:
            levels.append(_blurred(levels[-1], blur))
        found.append(_extrema(levels, scale))
        # Every second pixel of the level whose blur is twice the first's, from the first on.
        level, scale = np.ascontiguousarray(levels[PER_OCTAVE][::2, ::2]), 2 * scale
    return np.concatenate(found)


def _blurred(plane: Floats, sigma: float) -> Floats:
    side = 2 * int(np.ceil(3 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(plane, (side, side), sigma), np.float32)


def _extrema(levels: list[Floats], scale: int) -> Numbers:
    steps = [after - before for before, after in pairwise(levels)]
    found = []
    for level in range(1, PER_OCTAVE + 1):
        finer, here, coarser = steps[level - 1 : level + 2]
        highest = cv2.dilate(cv2.max(cv2.max(finer, here), coarser), _AROUND)
        lowest = cv2.erode(cv2.min(cv2.min(finer, here), coarser), _AROUND)
        # Between pixels the contrast is larger.
        peak = (here >= highest) & (here > 0.8 * LEAST_CONTRAST)
        pit = (here <= lowest) & (here < -0.8 * LEAST_CONTRAST)
        place = np.flatnonzero(peak | pit)
        y, x = np.divmod(place, here.shape[1])
        inside = (x > 0) & (y > 0) & (x < here.shape[1] - 1) & (y < here.shape[0] - 1)
        found.append(_refined(finer, here, coarser, x[inside], y[inside], level))
    table = np.concatenate(found)
    table[:, :3] *= scale
    return table


def _refined(
    finer: Floats, here: Floats, coarser: Floats, x: NDArray[np.intp], y: NDArray[np.intp], level: int
) -> Numbers:
    """Between pixels and levels; what is too weak, or an edge, left out."""
    value, left, right, above, below = here[y, x], here[y, x - 1], here[y, x + 1], here[y - 1, x], here[y + 1, x]
    bend_x, bend_y = left + right - 2 * value, above + below - 2 * value
    twist = (here[y + 1, x + 1] - here[y + 1, x - 1] - here[y - 1, x + 1] + here[y - 1, x - 1]) / 4
    shift_x, gain_x = _vertex(left, value, right)
    shift_y, gain_y = _vertex(above, value, below)
    shift_level, gain_level = _vertex(finer[y, x], value, coarser[y, x])
    contrast = np.abs(value + gain_x + gain_y + gain_level)
    determinant = bend_x * bend_y - twist * twist
    round_enough = (bend_x + bend_y) ** 2 * EDGE_RATIO < (EDGE_RATIO + 1) ** 2 * determinant
    kept = round_enough & (determinant > 0) & (contrast >= LEAST_CONTRAST)
    sigma = FIRST_SIGMA * 2 ** ((level + shift_level) / PER_OCTAVE)
    table: Numbers = np.column_stack([x + shift_x, y + shift_y, sigma, contrast])[kept].astype(np.float64)
    return table


def _vertex(before: Floats, middle: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Where a parabola through three values has its vertex, from the middle one, and by how much it is beyond that."""
    bend = before + after - 2 * middle
    shift = np.clip((before - after) / (2 * np.where(bend == 0, np.inf, bend)), -_FARTHEST, _FARTHEST)
    return shift, -0.25 * (before - after) * shift
