"""Rectangles in a picture that may hold another one: tiles of a collage, the picture in a screenshot, a paste.

A straight edge that is sharper than what lies on its quieter side, and long, is unlikely to be part of a scene. The
longest such run of each row and column is found with a running sum; rectangles are those whose four sides are edges
(or the picture's own) over at least half of their length.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.regions.box_hashing import Floats
from monitor.fingerprints.regions.boxes import Box

Bits = NDArray[np.bool_]

MOST = 8
MIN_AREA, MAX_AREA = 0.08, 0.97
"""Of the picture: smaller rectangles hold too little, larger ones are the picture."""
MIN_SIDE = 0.15
MIN_STEP = 5.0
"""Grey levels between neighbouring pixels."""
SHARPER = 2.0
"""Times the mean step on the quieter side."""
MIN_RUN = 0.12
"""Of the length of a line: shorter runs are no lines."""
MIN_SUPPORT = 0.5
BORDER_SUPPORT = 0.75
"""What a side counts for that is the picture's own border."""
_LINES = 8
SMALL_AREA, SMALL_SUPPORT, SMALL_BORDERS = 0.35, 0.8, 2
"""Of the picture; of each side; sides that are the picture's own: what is likely a small picture within it."""


def rectangles(plane: Floats) -> tuple[Box, ...]:
    """The best-supported rectangles of float32 (h, w), at most MOST, best first."""
    return found_rectangles(plane)[0]


def found_rectangles(plane: Floats) -> tuple[tuple[Box, ...], bool]:
    """The same, and whether one of them is likely a small picture: of a gallery, a contact sheet, or laid into this."""
    height, width = plane.shape
    if min(height, width) < 32:
        return (), False
    across, flat = _lines(plane)
    down, steep = _lines(np.ascontiguousarray(plane.T))
    rows = _cuts(height, across, down)
    columns = _cuts(width, down, across)
    return _best(rows, columns, flat, steep.T)


def _lines(plane: Floats) -> tuple[list[tuple[int, int, int, float]], Bits]:
    """(row, start, end, strength) of the strongest runs of edges between rows, and where edges are: (h - 1, w)."""
    steps = np.abs(np.diff(plane, axis=0))
    edges = (steps > MIN_STEP) & (steps > SHARPER * _quieter_side(steps))
    sums = np.cumsum(np.where(edges, np.float32(1), np.float32(-1)), axis=1)
    sums = np.concatenate([np.zeros((len(sums), 1), np.float32), sums], axis=1)
    lowest = np.minimum.accumulate(sums, axis=1)
    rises = sums - lowest
    ends = rises.argmax(axis=1)
    strengths = rises[np.arange(len(rises)), ends] / plane.shape[1]
    found = []
    for _ in range(_LINES):
        row = int(strengths.argmax())
        if strengths[row] < MIN_RUN:
            break
        end = int(ends[row])
        start = int(np.flatnonzero(sums[row, : end + 1] == lowest[row, end])[-1])
        found.append((row + 1, start, end, float(strengths[row])))
        strengths[max(0, row - 2) : row + 3] = 0
    return found, edges


def _quieter_side(steps: Floats) -> Floats:
    """Mean step over the three rows before or after each row, whichever is smaller."""
    count = len(steps)
    sums = np.concatenate([np.zeros((1, steps.shape[1]), np.float32), np.cumsum(steps, axis=0)])
    row = np.arange(count)

    def mean(start: NDArray[np.intp], end: NDArray[np.intp]) -> Floats:
        start, end = np.clip(start, 0, count), np.clip(end, 0, count)
        means: Floats = (sums[end] - sums[start]) / np.maximum(end - start, 1)[:, None].astype(np.float32)
        return means

    before, after = mean(row - 4, row - 1), mean(row + 2, row + 5)
    before[:2], after[-2:] = after[:2], before[-2:]
    quieter: Floats = np.minimum(before, after)
    return quieter


def _cuts(
    length: int, lines: list[tuple[int, int, int, float]], crossing: list[tuple[int, int, int, float]]
) -> NDArray[np.intp]:
    """Where a rectangle may begin or end: the borders, the lines, and the ends of strong lines across them."""
    ends = {end for _, *both, strength in crossing if strength > 0.25 for end in both}
    inner = {end for end in ends if 0.1 * length < end < 0.9 * length}
    return np.array(sorted({0, length} | {line[0] for line in lines} | inner))


def _best(rows: NDArray[np.intp], columns: NDArray[np.intp], flat: Bits, steep: Bits) -> tuple[tuple[Box, ...], bool]:
    height, width = steep.shape[0], flat.shape[1]
    # How many edge pixels lie on a line before each place; an edge one pixel aside counts.
    on_rows = np.zeros((height + 1, width + 1), np.float32)
    on_rows[1:height, 1:] = np.cumsum(_widened(flat), axis=1)
    on_columns = np.zeros((height + 1, width + 1), np.float32)
    on_columns[1:, 1:width] = np.cumsum(_widened(steep.T).T, axis=0)
    first_row, last_row = np.triu_indices(len(rows), 1)
    first_column, last_column = np.triu_indices(len(columns), 1)
    top, bottom = np.repeat(rows[first_row], len(first_column)), np.repeat(rows[last_row], len(first_column))
    left, right = np.tile(columns[first_column], len(first_row)), np.tile(columns[last_column], len(first_row))
    area = (bottom - top) * (right - left) / (height * width)
    fits = (area >= MIN_AREA) & (area < MAX_AREA)
    fits &= (bottom - top >= MIN_SIDE * height) & (right - left >= MIN_SIDE * width)
    top, bottom, left, right, area = (each[fits] for each in (top, bottom, left, right, area))
    across, down = (right - left).astype(np.float32), (bottom - top).astype(np.float32)
    support = np.stack(
        [
            np.where(top == 0, BORDER_SUPPORT, (on_rows[top, right] - on_rows[top, left]) / across),
            np.where(bottom == height, BORDER_SUPPORT, (on_rows[bottom, right] - on_rows[bottom, left]) / across),
            np.where(left == 0, BORDER_SUPPORT, (on_columns[bottom, left] - on_columns[top, left]) / down),
            np.where(right == width, BORDER_SUPPORT, (on_columns[bottom, right] - on_columns[top, right]) / down),
        ]
    )
    score = np.where(support.min(axis=0) >= MIN_SUPPORT, support.sum(axis=0) + 0.5 * np.sqrt(area), 0)
    borders = (top == 0).astype(int) + (bottom == height) + (left == 0) + (right == width)
    sure = np.where(support == BORDER_SUPPORT, 1, support).min(axis=0) >= SMALL_SUPPORT
    small = sure & (area <= SMALL_AREA) & (borders <= SMALL_BORDERS)
    chosen, holds_small = list[Box](), False
    for number in np.argsort(-score):
        if score[number] == 0 or len(chosen) == MOST:
            break
        box = (left[number] / width, top[number] / height, right[number] / width, bottom[number] / height)
        if all(max(abs(a - b) for a, b in zip(box, other, strict=True)) > 0.02 for other in chosen):
            chosen.append((float(box[0]), float(box[1]), float(box[2]), float(box[3])))
            holds_small |= bool(small[number])
    return tuple(chosen), holds_small


def _widened(edges: Bits) -> Bits:
    wide = edges.copy()
    wide[1:] |= edges[:-1]
    wide[:-1] |= edges[1:]
    return wide
