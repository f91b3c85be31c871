"""Where two pictures were put side by side: a line across the whole picture at which everything changes.

An edge within a scene runs along part of a line, and its surroundings change too. At a seam the two sides have nothing
to do with each other, so the mean step across the line is a multiple of those near it, though it may be small in
places: that tells seams which hold no straight edge long enough for monitor.fingerprints.regions.rectangles.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from monitor.fingerprints.regions.box_hashing import Floats
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.regions.rectangles import MIN_AREA

MOST = 2
"""Seams either way."""
SHARPER = 2.0
"""Times the median step of the lines near it."""
MARGIN = 0.12
"""Of the side: what is left beyond a seam must hold a picture."""
_GAP, _NEAR = 2, 5
"""Lines on each side that a soft seam spreads over, and lines beyond that it is compared with."""


def beside_seams(plane: Floats) -> tuple[Box, ...]:
    """What lies on both sides of each seam of float32 (h, w), the clearest first; the quarters of two that cross."""
    rows, columns = _seams(plane), _seams(plane.T)
    boxes: list[Box] = []
    for at in columns:
        boxes += [(0.0, 0.0, at, 1.0), (at, 0.0, 1.0, 1.0)]
    for at in rows:
        boxes += [(0.0, 0.0, 1.0, at), (0.0, at, 1.0, 1.0)]
    for x, y in zip(columns[:1], rows[:1], strict=False):
        boxes += [(0.0, 0.0, x, y), (x, 0.0, 1.0, y), (0.0, y, x, 1.0), (x, y, 1.0, 1.0)]
    return tuple(box for box in boxes if (box[2] - box[0]) * (box[3] - box[1]) >= MIN_AREA)


def _seams(plane: Floats) -> list[float]:
    """Where rows part, from 0 to 1, the clearest first."""
    if min(plane.shape) < 32:
        return []
    steps = np.abs(np.diff(plane, axis=0)).mean(axis=1)
    reach = _GAP + _NEAR
    windows = sliding_window_view(np.pad(steps, reach, mode="reflect"), 2 * reach + 1)
    near = np.concatenate([windows[:, :_NEAR], windows[:, -_NEAR:]], axis=1)
    clear = steps / np.maximum(np.median(near, axis=1), 1)
    margin = int(MARGIN * len(clear))
    clear[:margin] = clear[len(clear) - margin :] = 0
    found = []
    for _ in range(MOST):
        at = int(clear.argmax())
        if clear[at] < SHARPER:
            break
        found.append((at + 1) / (len(clear) + 1))
        clear[max(0, at - _GAP - 2) : at + _GAP + 3] = 0
    return found
