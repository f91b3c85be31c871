"""The query side: which boxes of a post's picture are hashed, to be compared with registered boxes.

- tiles in their places, mirrored too: compared with the same tile only;
- the whole in 8 orientations and a lattice of squares: any crop, in any shape;
- rectangles that may hold a picture, the pictures beside a seam, and squares within the large ones;
- the picture turned by 5 and 10 degrees either way.
"""

from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.regions.box_hashing import (
    MIN_DETAIL,
    Boxes,
    Floats,
    detail_of,
    plane_of,
    shared_boxes,
    turned_coefficients,
)
from monitor.fingerprints.regions.boxes import SQUARE_SIDE, TILES, WHOLE, Box, lattice
from monitor.fingerprints.regions.rectangles import found_rectangles
from monitor.fingerprints.regions.seams import beside_seams

ANGLES = (-10, -5, 5, 10)
"""Degrees, counter-clockwise as Pillow turns. 2 degrees cost few bits without turning back."""
LATTICE, INNER_LATTICE, TURNED_LATTICE = 6, 5, 5
INNER_AREA = 0.25
"""Of the picture: squares are laid only within rectangles at least so large."""
INNER_MOST = 5
"""Rectangles within which squares are laid, the best supported ones: each costs 25 searches."""
_SAME = 0.02
"""Of a side: rectangles nearer to each other than that are one."""
SQUARES_AT = 5
"""Degrees: zooming into a picture that was turned further loses too much of it for its squares to be found."""
TURNED_SIDE = 0.7
"""Of the shorter side: turned by 5 degrees, a square of it in the middle shows no corner of nothing."""


class Part(IntEnum):
    """What kind of box of the post a code is of."""

    WHOLE = 0
    TILE = 1
    SQUARE = 2
    RECTANGLE = 3
    INNER_SQUARE = 4
    TURNED = 5
    TURNED_SQUARE = 6


QUERY_REGION = np.dtype(
    [
        ("part", "u1"),
        ("orientation", "u1"),
        ("tile", "u1"),
        ("detail", "u1"),
        ("angle", "i1"),
        ("box", "<f4", 4),
        ("code", "u1", 32),
    ]
)
"""One query region: `orientation` as in values.ORIENTATIONS; `tile` the number in TILES, or 255; `box` within the
post's picture (turned by `angle`)."""
QueryRegions = NDArray[np.void]
"""A structured array of QUERY_REGION."""
NO_TILE = 255


def unpack_queries(data: bytes) -> QueryRegions:
    """The query regions in `data`, checked. Raises ValueError for anything that is none."""
    queries: QueryRegions = np.frombuffer(data, QUERY_REGION)
    tiles = queries["tile"][queries["part"] == Part.TILE]
    if (queries["part"] >= len(Part)).any() or (queries["orientation"] > 7).any() or (tiles >= len(TILES)).any():
        raise ValueError("not query regions")
    return queries


_UPRIGHT_ONLY = (Part.INNER_SQUARE, Part.TURNED_SQUARE)
"""A mirrored crop within a collage, or a mirrored crop that was turned, is rare, and each costs a search."""


def query_regions_of(image: Image.Image) -> QueryRegions:
    """All query regions of a picture (RGB or L) as it is shown; boxes too plain to tell anything are left out."""
    return queries_and_frames_of(image)[0]


def queries_and_frames_of(image: Image.Image, *, squares: bool = True) -> tuple[QueryRegions, bool]:
    """The same, and whether small pictures are likely to stand within it.

    `squares`: whether anything that may be compared has registered squares. What has points instead is found by them
    where it is cut or turned, so squares and the picture turned back are left out then.
    """
    plane = plane_of(image)
    height, width = plane.shape
    boxes, parts, tiles = _fixed(width, height, squares=squares)
    found = [_query(shared_boxes(width, height, boxes).coefficients(plane), boxes, parts, tiles)]
    framed, holds_small = _framed(plane, squares=squares)
    if framed:
        boxes, parts = tuple(box for box, _ in framed), tuple(part for _, part in framed)
        found.append(_query(Boxes(width, height, boxes).coefficients(plane), boxes, parts))
    if squares:
        found += _turned(plane)
    return np.concatenate(found), holds_small


def frame_queries_of(image: Image.Image, *, squares: bool = True) -> tuple[QueryRegions, bool]:
    """The query regions of a frame of a video, and whether small pictures are likely to stand within it: tiles, whole,
    squares and rectangles. Videos have many frames, and what is turned or cut within a rectangle has its points."""
    plane = plane_of(image)
    boxes, parts, tiles = _fixed(plane.shape[1], plane.shape[0], squares=squares)
    fixed = _query(shared_boxes(plane.shape[1], plane.shape[0], boxes).coefficients(plane), boxes, parts, tiles)
    frames, holds_small = found_rectangles(plane)
    if not frames:
        return fixed, holds_small
    found = Boxes(plane.shape[1], plane.shape[0], frames).coefficients(plane)
    return np.concatenate([fixed, _query(found, frames, (Part.RECTANGLE,) * len(frames))]), holds_small


@lru_cache(256)
def _fixed(width: int, height: int, *, squares: bool) -> tuple[tuple[Box, ...], tuple[Part, ...], tuple[int, ...]]:
    laid = lattice(width, height, WHOLE, SQUARE_SIDE, LATTICE) if squares else ()
    boxes = (WHOLE, *TILES, *laid)
    parts = (Part.WHOLE, *(Part.TILE,) * len(TILES), *(Part.SQUARE,) * len(laid))
    return boxes, parts, (NO_TILE, *range(len(TILES)), *(NO_TILE,) * len(laid))


def _framed(plane: Floats, *, squares: bool) -> tuple[list[tuple[Box, Part]], bool]:
    height, width = plane.shape
    frames, holds_small = found_rectangles(plane)
    for box in beside_seams(plane):
        if all(max(abs(a - b) for a, b in zip(box, other, strict=True)) > _SAME for other in frames):
            frames = (*frames, box)
    large = [frame for frame in frames if (frame[2] - frame[0]) * (frame[3] - frame[1]) >= INNER_AREA]
    found = [(frame, Part.RECTANGLE) for frame in frames]
    for frame in large[: INNER_MOST if squares else 0]:
        found += [(square, Part.INNER_SQUARE) for square in lattice(width, height, frame, SQUARE_SIDE, INNER_LATTICE)]
    return found, holds_small


def _turned(plane: Floats) -> list[QueryRegions]:
    grey = Image.fromarray(plane.astype(np.uint8))
    found = []
    for angle in ANGLES:
        upright = np.asarray(grey.rotate(angle, Image.Resampling.BILINEAR), np.float32)
        boxes = _within_turned(grey.width, grey.height, abs(angle))
        parts = (Part.TURNED, *(Part.TURNED_SQUARE,) * (len(boxes) - 1))
        queries = _query(shared_boxes(grey.width, grey.height, boxes).coefficients(upright), boxes, parts)
        queries["angle"] = angle
        found.append(queries)
    return found


@lru_cache(256)
def _within_turned(width: int, height: int, degrees: int) -> tuple[Box, ...]:
    """The picture that was enlarged to hold its turned self, then squares that hold no corner of nothing."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    spread = cosine * cosine - sine * sine
    across = max(0.2, (width * cosine - height * sine) / spread / width)
    down = max(0.2, (height * cosine - width * sine) / spread / height)
    whole = ((1 - across) / 2, (1 - down) / 2, (1 + across) / 2, (1 + down) / 2)
    if degrees != SQUARES_AT:
        return (whole,)
    return whole, *lattice(width, height, (0.06, 0.06, 0.94, 0.94), TURNED_SIDE, TURNED_LATTICE)


def _query(found: Floats, boxes: tuple[Box, ...], parts: tuple[Part, ...], tiles: tuple[int, ...] = ()) -> QueryRegions:
    """The query regions of boxes: upright and mirrored, the whole in all orientations. A mirrored tile is numbered
    as the registered tile that it shows."""
    base = np.zeros(len(boxes), QUERY_REGION)
    base["part"], base["box"], base["tile"] = parts, boxes, tiles or NO_TILE
    base["detail"] = detail_of(found)
    telling = base["detail"] >= MIN_DETAIL
    base, found = base[telling], found[telling]
    flipped = base.copy()
    flipped["orientation"] = 1
    flipped["tile"] = _MIRRORED_TILE[base["tile"]]
    whole = base["part"] == Part.WHOLE
    both_ways = ~np.isin(base["part"], _UPRIGHT_ONLY)
    more = [base, flipped[both_ways]]
    codes = [codes_of(found), codes_of(turned_coefficients(found[both_ways], 1))]
    for orientation in range(2, 8):
        view = base[whole]
        view["orientation"] = orientation
        more.append(view)
        codes.append(codes_of(turned_coefficients(found[whole], orientation)))
    queries = np.concatenate(more)
    queries["code"] = np.concatenate(codes)
    # A mirrored tile without a twin has nothing to be compared with.
    kept: QueryRegions = queries[(queries["part"] != Part.TILE) | (queries["tile"] != NO_TILE)]
    return kept


def _mirrored_tiles() -> NDArray[np.uint8]:
    twins = np.full(256, NO_TILE, np.uint8)
    places = {tuple(round(side, 6) for side in box): number for number, box in enumerate(TILES)}
    for number, (left, top, right, bottom) in enumerate(TILES):
        twins[number] = places.get(tuple(round(side, 6) for side in (1 - right, top, 1 - left, bottom)), NO_TILE)
    return twins


_MIRRORED_TILE = _mirrored_tiles()
