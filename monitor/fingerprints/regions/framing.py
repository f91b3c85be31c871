"""Is a picture a screenshot, and where in it is the photo? Pure arithmetic over grey pixels; the browser has a twin.

A screen is mostly ground: cells of one flat colour, or of a soft gradient in a story. The photo is the block in which
cells are not, with long straight edges on all sides. `api/static/pdq/framing.mjs` does the same on the person's device
and must be changed with this file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.hashes.pdq import target_size
from monitor.fingerprints.regions.box_hashing import Floats
from monitor.fingerprints.regions.boxes import WHOLE, Box

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

PLANE_SIDE = 384
"""Pixels of the longer side: a gap of two pixels between the tiles of a gallery is still seen."""
CELL = 6
"""Pixels of a cell's side."""
FLAT, SMOOTH = 5.0, 14.0
"""Grey levels between the lightest and the darkest pixel of a cell of one colour, and of one of a gradient."""
_SHADE = 4
"""Grey levels that count as one colour."""
MODAL = 0.03
"""Share of all cells that a colour must have to be a ground."""
BUSY = 0.5
"""Share of cells that are no ground: a block is a photo where more are, and a page of words where fewer are."""
WORDS = 0.25
"""What a cell that shows a ground and something on it counts for a block, where one of a photo counts 1 - BUSY: lines
of words stand above and below a photo in one column, and would be taken for part of it."""
EDGE, STRAIGHT = 5.0, 0.45
"""Grey levels across an edge, and the share of a side that must have them."""
CALM, QUIET = 2.5, 0.85
"""Grey levels between neighbours of one line just outside of an edge, and the share of them that must be so near."""
EDGES = 2
"""Sides of a photo that must be such an edge: the others may be the picture's own border."""
_BEYOND = 2
"""Lines outside of an edge that must be calm."""
AREA = (0.06, 0.94)
"""Of the picture: what is smaller is an icon, what is larger leaves nothing to cut off."""
OUTSIDE = {FLAT: 0.62, SMOOTH: 0.72}
"""Share of the cells around the block that must be ground."""
LEAST_SIDE = 0.12
"""Of the picture's sides."""
TILE_SIDE = 0.08
"""Of the picture's sides: the least tile of a gallery."""
MOST_TILES = 24
PARTED, EVEN = 0.6, 0.2
"""The share of a line between tiles that is seen, and by how much of their side tiles may differ."""


class FramingKind(StrEnum):
    """What a picture seems to be."""

    SCREENSHOT = "screenshot"
    CHAT = "chat"
    STORY = "story"
    GALLERY = "gallery"
    LETTERBOX = "letterbox"


@dataclass(frozen=True, slots=True)
class Framing:
    """A photo within a frame. `area`: all that is photo; `boxes`: what to cut out, of a gallery each of its tiles."""

    kind: FramingKind
    area: Box
    boxes: tuple[Box, ...]


def framing_of(image: Image.Image) -> Framing | None:
    """The photo within a screenshot, chat, story, gallery or letterbox (RGB or L, as it is shown); else None."""
    if (size := target_size(*image.size, PLANE_SIDE)) != image.size:
        image = image.resize(size, Image.Resampling.BOX)
    return framing_within(np.asarray(image.convert("L"), np.float32))


def framing_within(plane: Floats) -> Framing | None:
    """The same of grey levels, float32 (h, w)."""
    height, width = plane.shape
    if min(height, width) < 16 * CELL:
        return None
    low, high, mean = _cells(plane)
    flat = high - low <= FLAT
    grounds = _grounds(mean, flat)
    modal, smooth = flat & grounds(mean), high - low <= SMOOTH
    weights = np.where(modal, -BUSY, np.where(~flat & (grounds(low) | grounds(high)), WORDS, 1 - BUSY))
    for limit, ground, counted in ((FLAT, modal, weights), (SMOOTH, smooth, np.where(smooth, -BUSY, 1 - BUSY))):
        block = _densest(counted)
        found = None if block is None else _snapped(plane, block)
        if found is None or not _is_framed(ground, found, limit):
            continue
        left, top, right, bottom = found
        area: Box = (left / width, top / height, right / width, bottom / height)
        tiles = _tiles(plane, found)
        return Framing(_kind(ground, area, found, limit, tiles, height / width), area, tiles or (area,))
    return None


def _cells(plane: Floats) -> tuple[Floats, Floats, Floats]:
    """Least, greatest and mean grey of each cell; what is left over at the right and below belongs to none."""
    rows, columns = plane.shape[0] // CELL, plane.shape[1] // CELL
    cells = plane[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
    return cells.min(axis=(1, 3)), cells.max(axis=(1, 3)), cells.mean(axis=(1, 3))


def _grounds(mean: Floats, flat: Flags) -> Callable[[Floats], Flags]:
    """Tells which greys are the colour of many flat cells, one of which lies at the picture's border: the dark half of
    a photo is no ground."""
    rim = np.ones_like(flat)
    rim[1:-1, 1:-1] = False
    often, at_rim = _alike(mean[flat]) >= MODAL * mean.size, _alike(mean[flat & rim]) > 0
    found = often & at_rim
    return lambda greys: found[(greys / _SHADE).astype(np.intp)]


def _alike(greys: Floats) -> NDArray[np.intp]:
    """By shade how many of these have it."""
    counts = np.bincount((greys / _SHADE).astype(np.intp), minlength=256 // _SHADE + 2)
    # A colour may lie on the border of two shades.
    many: NDArray[np.intp] = counts + np.concatenate([[0], counts[:-1]]) + np.concatenate([counts[1:], [0]])
    return many


def _densest(weights: Numbers) -> tuple[int, int, int, int] | None:
    """The block of cells (left, top, right, bottom) that weighs most; None where none weighs more than nothing."""
    rows, columns = weights.shape
    sums = np.zeros((rows + 1, columns), np.float64)
    sums[1:] = np.cumsum(weights, axis=0)
    best, block = 0.0, None
    for top in range(rows):
        for bottom in range(top + 1, rows + 1):
            line = np.concatenate([[0.0], np.cumsum(sums[bottom] - sums[top])])
            gains = line - np.minimum.accumulate(line)
            right = int(gains.argmax())
            if gains[right] > best + 1e-9:
                left = int(line[: right + 1].argmin())
                best, block = float(gains[right]), (left, top, right, bottom)
    return block


def _snapped(plane: Floats, block: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
    """The block in pixels, each side moved to the next straight edge outside, or to the picture's border where there is
    none; None where fewer than two sides have one."""
    left, top, right, bottom = (CELL * side for side in block)
    height, width = plane.shape
    across = np.ascontiguousarray(plane.T)
    for _ in range(2):
        ends = _side(plane, top, left, right, back=True), _side(plane, bottom, left, right, back=False)
        top, bottom = ends[0] or 0, ends[1] or height
        sides = _side(across, left, top, bottom, back=True), _side(across, right, top, bottom, back=False)
        left, right = sides[0] or 0, sides[1] or width
    return (left, top, right, bottom) if sum(one is not None for one in (*ends, *sides)) >= EDGES else None


def _side(plane: Floats, at: int, start: int, end: int, *, back: bool) -> int | None:
    """The row nearest to `at`, from a little inside outwards, that parts the photo from calm ground, between columns
    `start` and `end`; None where there is none before the picture's border."""
    height = len(plane)
    if end - start < CELL:
        return None
    # Turned so that outwards is always down.
    span = (plane[::-1] if back else plane)[:, start:end]
    place = height - at if back else at
    sharp = np.abs(span[2:] - span[:-2]) > EDGE
    calm = np.abs(np.diff(span, axis=1)) <= CALM
    edge, quiet = sharp.mean(axis=1), calm.mean(axis=1)
    for row in range(max(place - 2 * CELL, 2), height - _BEYOND):
        # The edge lies between rows row - 1 and row + 1; of two neighbours the sharper one is taken.
        here, next_ = edge[row - 1], edge[row] if row < len(edge) else 0.0
        if here >= STRAIGHT and here >= next_ and quiet[row + 1 : row + 1 + _BEYOND].min() >= QUIET:
            return height - row if back else row
    return None


def _is_framed(ground: Flags, block: tuple[int, int, int, int], limit: float) -> bool:
    """Whether the block is a photo, and what lies around it is ground with some words."""
    rows, columns = ground.shape
    left, top, right, bottom = (side / CELL for side in block)
    share = (right - left) * (bottom - top) / (rows * columns)
    if not AREA[0] <= share <= AREA[1] or right - left < LEAST_SIDE * columns or bottom - top < LEAST_SIDE * rows:
        return False
    inside = np.zeros_like(ground)
    inside[int(np.ceil(top)) : int(bottom), int(np.ceil(left)) : int(right)] = True
    around = np.ones_like(ground)
    around[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = False
    if not inside.any() or not around.any():
        return False
    return float((~ground)[inside].mean()) >= BUSY * 0.6 and float(ground[around].mean()) >= OUTSIDE[limit]


def _tiles(plane: Floats, block: tuple[int, int, int, int]) -> tuple[Box, ...]:
    """Of a gallery the pictures in it, in the order of reading; none where no line parts the block."""
    left, top, right, bottom = block
    height, width = plane.shape
    inner = plane[top:bottom, left:right]
    rows = [top, *(top + at for at in _seams(inner, TILE_SIDE * height)), bottom]
    columns = [left, *(left + at for at in _seams(np.ascontiguousarray(inner.T), TILE_SIDE * width)), right]
    count = (len(rows) - 1) * (len(columns) - 1)
    if not 2 <= count <= MOST_TILES:
        return ()
    return tuple(
        (x / width, y / height, x_end / width, y_end / height)
        for y, y_end in pairwise(rows)
        for x, x_end in pairwise(columns)
    )


def _seams(plane: Floats, apart: float) -> list[int]:
    """Rows of thin lines from side to side, lighter or darker than what lies on both sides, that part it evenly."""
    over, under = plane[2:-2] - plane[:-4], plane[2:-2] - plane[4:]
    shares = np.maximum(((over > EDGE) & (under > EDGE)).mean(axis=1), ((over < -EDGE) & (under < -EDGE)).mean(axis=1))
    found: list[int] = []
    for row in np.argsort(-shares, kind="stable").tolist():
        at = row + 2
        if shares[row] < PARTED:
            break
        if all(abs(at - other) >= apart for other in (0, len(plane), *found)):
            found.append(at)
    sizes = np.diff([0, *sorted(found), len(plane)])
    return sorted(found) if sizes.max() - sizes.min() <= EVEN * sizes.max() else []


def _kind(
    ground: Flags,
    area: Box,
    block: tuple[int, int, int, int],
    limit: float,
    tiles: tuple[Box, ...],
    ratio: float,
) -> FramingKind:
    if tiles:
        return FramingKind.GALLERY
    left, top, right, bottom = (side / CELL for side in block)
    around = np.ones_like(ground)
    around[max(0, int(top) - 1) : int(np.ceil(bottom)) + 1, max(0, int(left) - 1) : int(np.ceil(right)) + 1] = False
    words = float((~ground)[around].mean()) if around.any() else 0.0
    wide = area[2] - area[0] > 0.97
    high = area[3] - area[1] > 0.97
    if words < 0.03 and (wide or high or limit == FLAT):
        return FramingKind.LETTERBOX
    if limit == SMOOTH and 1.5 <= ratio <= 2.5:
        return FramingKind.STORY
    return FramingKind.SCREENSHOT if wide or not 1.2 <= ratio <= 2.6 else FramingKind.CHAT


def share_within(box: Box, area: Box = WHOLE) -> float:
    """The share of `box` that lies within `area`."""
    width = max(0.0, min(box[2], area[2]) - max(box[0], area[0]))
    height = max(0.0, min(box[3], area[3]) - max(box[1], area[1]))
    return width * height / ((box[2] - box[0]) * (box[3] - box[1]))
