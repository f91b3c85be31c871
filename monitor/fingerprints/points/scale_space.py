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
_NEIGHBOURS = (
    *((0, 0, 0), (-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)),
    *((0, 1, 1), (0, 1, -1), (0, -1, 1), (0, -1, -1)),
)
"""Of an extremum, in levels, rows and columns: itself, finer, coarser, above, below, left, right, and four corners."""
_EXTREMUM = np.dtype(
    [("scale", "i4"), ("level", "i4"), ("x", "i4"), ("y", "i4"), ("values", "f4", len(_NEIGHBOURS))],
)
"""In pixels of its octave, each of which is `scale` pixels of the plane; `values` at _NEIGHBOURS."""
_NONE = np.empty(0, _EXTREMUM)
_FARTHEST = 0.6
"""Pixels or levels that an extremum may lie beside the pixel that it was found at."""


def blobs(plane: Floats) -> Numbers:
    """float64 (n, 4): across, down, sigma, all in pixels of `plane`, and contrast in grey levels."""
    found = [_NONE]
    level, scale = _blurred(plane, _BLURS[0]), 1
    while min(level.shape) >= LEAST_SIDE:
        levels = [level]
        for blur in _BLURS[1:]:
            levels.append(_blurred(levels[-1], blur))
        steps = np.empty((len(levels) - 1, *level.shape), np.float32)
        for step, (before, after) in zip(steps, pairwise(levels), strict=True):
            cv2.subtract(after, before, dst=step)
        found.append(_extrema(steps, scale))
        # Every second pixel of the level whose blur is twice the first's, from the first on.
        level, scale = np.ascontiguousarray(levels[PER_OCTAVE][::2, ::2]), 2 * scale
    return _refined(np.concatenate(found))


def _blurred(plane: Floats, sigma: float) -> Floats:
    side = 2 * int(np.ceil(3 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(plane, (side, side), sigma), np.float32)


def _extrema(steps: Floats, scale: int) -> NDArray[np.void]:
    """_EXTREMUM: what is above or below all of its 26 neighbours, of `steps` of one octave."""
    count, height, width = steps.shape
    # All levels below one another, so that each call does all of them. What meets at a seam is left out with the rim.
    tall = steps.reshape(-1, width)
    here = tall[height:-height]
    pair = cv2.max(tall[:-height], tall[height:])
    # Between pixels the contrast is larger.
    found = here >= cv2.dilate(cv2.max(pair[:-height], pair[height:]), _AROUND)
    found &= here > 0.8 * LEAST_CONTRAST
    pair = cv2.min(tall[:-height], tall[height:])
    pit = here <= cv2.erode(cv2.min(pair[:-height], pair[height:]), _AROUND)
    pit &= here < -0.8 * LEAST_CONTRAST
    found |= pit
    inside = found.reshape(count - 2, height, width)
    inside[:, [0, -1]] = inside[:, :, [0, -1]] = False
    place = np.flatnonzero(found)
    above, rest = np.divmod(place, height * width)
    table = np.empty(len(place), _EXTREMUM)
    table["scale"], table["level"] = scale, above + 1
    table["y"], table["x"] = np.divmod(rest, width)
    around = np.array(_NEIGHBOURS) @ (height * width, width, 1)
    table["values"] = steps.reshape(-1)[(place + height * width)[:, None] + around]
    return table


def _refined(found: NDArray[np.void]) -> Numbers:
    """Between pixels and levels; what is too weak, or an edge, left out."""
    value, finer, coarser, above, below, left, right, *corners = found["values"].T
    before, after = np.stack([left, above, finer]), np.stack([right, below, coarser])
    bend, slope = before + after - 2 * value, before - after
    # Where a parabola through three values has its vertex, from the middle one, and by how much it is beyond that.
    shift = np.clip(slope / (2 * np.where(bend == 0, np.inf, bend)), -_FARTHEST, _FARTHEST)
    gain = -0.25 * slope * shift
    contrast = np.abs(value + gain[0] + gain[1] + gain[2])
    twist = (corners[0] - corners[1] - corners[2] + corners[3]) / 4
    determinant = bend[0] * bend[1] - twist * twist
    round_enough = (bend[0] + bend[1]) ** 2 * EDGE_RATIO < (EDGE_RATIO + 1) ** 2 * determinant
    kept = round_enough & (determinant > 0) & (contrast >= LEAST_CONTRAST)
    found, shift, contrast = found[kept], shift[:, kept], contrast[kept]
    sigma = FIRST_SIGMA * 2 ** ((found["level"] + shift[2]) / PER_OCTAVE)
    table: Numbers = np.column_stack([found["x"] + shift[0], found["y"] + shift[1], sigma, contrast]).astype(np.float64)
    table[:, :3] *= found["scale"][:, None]
    return table
