"""Codes of boxes around a face: its surroundings are cut out, shrunk to one size, and hashed like all other boxes."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.cut_outs.boxes import Face
from monitor.fingerprints.regions.box_hashing import Boxes, Floats

LEAST_DETAIL = 8
"""Of a box that is compared (see box_hashing.MIN_DETAIL): faces are smoother than what else photos show, and at 12 one
portrait of thirty had no box; none was mistaken for it."""
PLANE_SIDE = 160
"""Pixels of the plane's sides: that of the surroundings, whatever their size and shape."""
Jitter = tuple[tuple[float, float, float], ...]


def coefficients_around(image: Image.Image, face: Face, jitter: Jitter) -> Floats:
    """float32 (jitter, 16, 16) of boxes around `face` in a picture (RGB or L)."""
    boxes = np.array([face.coded(*one) for one in jitter])
    left, top = np.floor(boxes[:, :2].min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(boxes[:, 2:].max(axis=0)).astype(int).tolist()
    part = image.crop((left, top, right, bottom)).convert("L")
    plane = np.asarray(part.resize((PLANE_SIDE, PLANE_SIDE), Image.Resampling.BOX), np.float32)
    within = (boxes - [left, top, left, top]) / [right - left, bottom - top, right - left, bottom - top]
    return Boxes(PLANE_SIDE, PLANE_SIDE, [tuple(box) for box in within.tolist()]).coefficients(plane)


def lie_within(face: Face, jitter: Jitter, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which of the boxes lie within a picture of `size`; one pixel beyond its edge counts as within."""
    boxes = np.array([face.coded(*one) for one in jitter])
    beyond = np.concatenate([boxes[:, :2] < -1, boxes[:, 2:] > np.array(size) + 1], axis=1)
    inside: NDArray[np.bool_] = np.logical_not(beyond.any(axis=1))
    return inside
