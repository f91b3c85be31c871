"""Points of a picture with their codes: what both sides find by themselves, so that no lattice has to meet another.

A point's code is made as a box's (monitor.fingerprints.regions.box_hashing): 16 x 16 cosine coefficients of what
surrounds it, each above or below their median; only that what is coded is turned as the point is. A copy that is
turned, cut to a third, squeezed, photographed from a screen or one of fifteen in a grid has enough of the same points.
"""

import struct
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.hashes.pdq import COEFFICIENTS, codes_of, target_size
from monitor.fingerprints.hashes.values import CODE_BYTES
from monitor.fingerprints.points.patches import CODED_CELLS, CODED_SIGMAS, orientations, patches, pyramid
from monitor.fingerprints.points.scale_space import Numbers, blobs
from monitor.fingerprints.regions.box_hashing import Floats

cv2.setNumThreads(1)  # a decoder may make none, and has one core

Points = NDArray[np.void]
"""A structured array of POINT."""
POINT: Final = np.dtype(
    [("across", "<u2"), ("down", "<u2"), ("radius", "<u2"), ("angle", "<u2"), ("code", "u1", CODE_BYTES)]
)
"""`across`, `down` and `radius` in 65536ths of the picture's longer side, `angle` in 65536ths of a turn, clockwise as
seen."""
WHOLE_SIDE = 1 << 16

REGISTERED_SIDE, QUERY_SIDE, SHEET_SIDE = 512, 768, 1280
"""Pixels of the longer side of the plane in which points are found: of a registered photo, of a post's or a frame of
its video, and of a sheet of many pictures."""
MOST_QUERY, MOST_SHEET, MOST_FRAME, MOST_SMALL_FRAME = 320, 640, 160, 320
"""Of a post's picture, of a sheet, of a frame, and of one in which a small picture is likely to stand."""
MOST_MIRRORED = 160
"""Points of a post that are compared mirrored too, the strongest."""
LEAST_SPREAD = 6.0
"""Grey levels of standard deviation of what is coded."""
_COUNTS = struct.Struct("<HH")
_CELL = 0.3
"""Of a point's radius: of points of one size in one cell so large the strongest is kept."""

_COSINES: Floats = np.array(
    [
        [np.sqrt(2 / CODED_CELLS) * np.cos(np.pi / (2 * CODED_CELLS) * i * (2 * j + 1)) for j in range(CODED_CELLS)]
        for i in range(1, COEFFICIENTS + 1)
    ],
    np.float32,
)
_FLIPPED: Floats = np.array([(-1.0) ** (i + 1) for i in range(COEFFICIENTS)], np.float32)[:, None]
"""Signs of the coefficients when what is coded is seen in a mirror that lies along its angle."""


@dataclass(frozen=True, slots=True)
class FoundPoints:
    """Points of one picture, the strongest first, and the codes of the first of them as a mirror shows them."""

    points: Points
    mirrored: NDArray[np.uint8]
    """uint8 (m, 32)."""


NO_POINTS = FoundPoints(np.zeros(0, POINT), np.zeros((0, 32), np.uint8))


def pack_points(found: FoundPoints) -> bytes:
    """As `unpack_points` reads it."""
    return _COUNTS.pack(len(found.points), len(found.mirrored)) + found.points.tobytes() + found.mirrored.tobytes()


def unpack_points(data: bytes) -> FoundPoints:
    """The points in `data`, checked; none in b"". Raises ValueError for anything that is none."""
    if not data:
        return NO_POINTS
    if len(data) < _COUNTS.size:
        raise ValueError("not points")
    count, mirrored = _COUNTS.unpack_from(data)
    middle = _COUNTS.size + count * POINT.itemsize
    if mirrored > count or len(data) != middle + mirrored * CODE_BYTES:
        raise ValueError("not points")
    points = np.frombuffer(data[_COUNTS.size : middle], POINT)
    return FoundPoints(points, np.frombuffer(data[middle:], np.uint8).reshape(-1, CODE_BYTES))


def grey_of(image: Image.Image, side: int) -> Floats:
    """The luma of a picture (RGB or L), its longer side at most `side` pixels, area-averaged: float32 (h, w)."""
    # Of a large picture no second copy is made, neither of its colours nor of its luma.
    if (times := max(image.size) // (2 * side)) > 1:
        image = image.reduce(times)
    pixels = np.asarray(image)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if image.mode == "RGB" else pixels
    size = target_size(*image.size, side)
    smaller = grey if size == image.size else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return smaller.astype(np.float32)


def points_of(plane: Floats, most: int, mirrored: int = 0) -> FoundPoints:
    """At most `most` points of a plane, and the first `mirrored` of them in a mirror."""
    if min(plane.shape) < 32:
        return NO_POINTS
    levels = pyramid(plane)
    found = blobs(levels[1])
    # From pixels of the half plane, whose middles lie between two of the plane's.
    found[:, :2] = 2 * found[:, :2] + 0.5
    found[:, 2] *= 2
    found = _strongest(found, most)
    if not len(found):
        return NO_POINTS
    which, angles = orientations(levels, found)
    found, angles = found[which[:most]], angles[:most]
    around = patches(levels, found, angles, cells=CODED_CELLS, sigmas=CODED_SIGMAS)
    telling = _spread(around) >= LEAST_SPREAD
    found, angles, around = found[telling], angles[telling], around[telling]
    coefficients = np.asarray(_COSINES @ around @ _COSINES.T, np.float32)
    points = np.zeros(len(found), POINT)
    longer = max(plane.shape)
    for name, values in (
        ("across", found[:, 0] + 0.5),
        ("down", found[:, 1] + 0.5),
        ("radius", CODED_SIGMAS * found[:, 2]),
    ):
        points[name] = np.clip(np.round(values / longer * WHOLE_SIDE), 0, WHOLE_SIDE - 1)
    points["angle"] = np.round(angles / (2 * np.pi) * WHOLE_SIDE).astype(np.int64) % WHOLE_SIDE
    points["code"] = codes_of(coefficients)
    return FoundPoints(points, codes_of(coefficients[:mirrored] * _FLIPPED))


def _spread(around: Floats) -> Floats:
    """float32 (n,): the standard deviation of each of n patches."""
    cells = around.reshape(len(around), -1)
    middle = cells.mean(axis=1)
    squares = np.einsum("ij,ij->i", cells, cells) / cells.shape[1]
    spread: Floats = np.sqrt(np.maximum(squares - middle * middle, 0))
    return spread


def _strongest(found: Numbers, most: int) -> Numbers:
    """The strongest of each size and place, strongest first: large ones before small ones of the same contrast."""
    size = np.round(2 * np.log2(found[:, 2]))
    side = 2 ** (size / 2) * CODED_SIGMAS * _CELL
    across, down = found[:, 0] // side, found[:, 1] // side
    # One number a cell: no plane is so large, and none of these is below -1.
    cells = ((size + 1) * WHOLE_SIDE + across + 1) * WHOLE_SIDE + down + 1
    order = np.argsort(-found[:, 3] * np.sqrt(found[:, 2]), kind="stable")
    _, first = np.unique(cells[order], return_index=True)
    return found[order[np.sort(first)[:most]]]
