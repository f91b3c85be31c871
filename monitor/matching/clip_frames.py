"""Frames of a registered video as pictures to be compared by their points, without what is on screen all the time.

A logo, a channel's name or the bars of an app would find every video that has them. Such a point lies where it lies,
and looks as it looks, in frames that otherwise show something else.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.points.features import POINT, Points
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.video.clip_points import ClipPoints
from monitor.matching.region_scan import coarse_first

UNLIKE_FROM = 90
"""Bits of 256 between the wholes of two frames that show different things."""
SAME_BITS, SAME_PLACE, SAME_SIZE = 70, 0.02, 0.3
"""Bits, shares of the longer side, and the logarithm of the ratio of the radii, within which two points are one."""


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """As monitor.matching.point_index.Pointed."""

    at: float
    points: Points = field(repr=False)
    width: int
    height: int
    area: Box | None = None


def clip_frames(clip: ClipPoints, wholes: dict[float, bytes]) -> list[ClipFrame]:
    """The frames of `clip`. `wholes`: each frame's own code, by its second."""
    tables = [np.frombuffer(packed, POINT) for _, packed in clip.frames]
    codes = [np.frombuffer(wholes.get(at, b""), np.uint8) for at, _ in clip.frames]
    flags = [np.zeros(len(table), np.bool_) for table in tables]
    for one in range(len(tables)):
        for other in range(one):
            if len(codes[one]) == len(codes[other]) > 0 and _bits(codes[one], codes[other]) >= UNLIKE_FROM:
                both = _same(tables[one], tables[other])
                flags[one] |= both.any(axis=1)
                flags[other] |= both.any(axis=0)
    return [
        ClipFrame(at, table[~always], clip.width, clip.height)
        for (at, _), table, always in zip(clip.frames, tables, flags, strict=True)
    ]


def _bits(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int(np.bitwise_count(one ^ other).sum())


def _same(one: Points, other: Points) -> NDArray[np.bool_]:
    """(n, m): which points of both lie in one place and look alike."""
    words, others = coarse_first(np.array(one["code"])), coarse_first(np.array(other["code"]))
    same: NDArray[np.bool_] = np.bitwise_count(words[:, None] ^ others[None]).sum(axis=2) <= SAME_BITS
    for name in ("across", "down"):
        away = np.abs(one[name].astype(np.int64)[:, None] - other[name].astype(np.int64)[None])
        same &= away <= SAME_PLACE * (1 << 16)
    sizes = np.log(one["radius"].astype(np.float64)), np.log(other["radius"].astype(np.float64))
    same &= np.abs(sizes[0][:, None] - sizes[1][None]) <= SAME_SIZE
    return same
