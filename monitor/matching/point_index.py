"""Registered points of many pictures, ready to be compared with the points of a post's picture.

Two points far apart that fit by chance fit in unlike places: each hit says where the registered picture would lie in
the post, how large and how turned, and the others must say nearly the same. Only as many as that count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.points.features import WHOLE_SIDE, FoundPoints, Points
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.regions.codes import Regions
from monitor.matching.region_scan import coarse_first, padded, scan_all

HIT_WITHIN, COARSE_WITHIN = 80, 22
"""Bits of 256, and of the 64 coarsest, within which two points may be the same."""
SAME_PLACE, DRIFT = 0.35, 0.08
"""By how much two hits may disagree where a point lies: of its radius, and of the distance between the two."""
SAME_SIZE = 0.35
"""By how much they may disagree on the size, as a natural logarithm of the ratio."""
SAME_TURN = np.radians(15.0)
LEAST_FITTING = 3
"""Points that must say the same."""
_MOST = 96
"""Nearest hits of a picture that are compared with each other."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PointHit:
    """Points of the post that put a registered picture in one place. `owner`: the picture's place in the index."""

    owner: int
    fitting: int
    """Points that agree."""
    distance: int
    """Bits of the nearest of them."""
    degrees: int
    """By how much the picture is turned in the post, clockwise as seen, from -180 to 180."""
    mirrored: bool
    registered: Box
    """What the points that agree cover of the registered picture, and of the post's."""
    posted: Box


class PointIndex:
    """An immutable snapshot. 40 bytes a point, and 8 for its coarse word."""

    def __init__(self, pictures: Sequence[Regions | None]) -> None:
        """Pictures without points keep their place and match nothing."""
        tables = [one.points if one is not None else None for one in pictures]
        self._points = [table for table in tables if table is not None and len(table)]
        owners = [
            np.full(len(table), owner, np.int32)
            for owner, table in enumerate(tables)
            if table is not None and len(table)
        ]
        self._sides = [(one.width, one.height) if one is not None else (1, 1) for one in pictures]
        every = np.concatenate(self._points) if self._points else np.zeros(0, np.dtype([("code", "u1", 32)]))
        self._owner = np.concatenate([np.empty(0, np.int32), *owners])
        self._words = coarse_first(np.ascontiguousarray(every["code"]).reshape(-1, 32))
        self._coarse = padded(self._words)
        self._places = places_of(every) if self._points else np.empty((0, 4))

    def __len__(self) -> int:
        """Points."""
        return len(self._owner)

    def hits(self, found: FoundPoints, width: int, height: int) -> list[PointHit]:
        """The registered pictures that enough points agree on, the best first. `width` and `height`: of the post."""
        if not len(self) or not len(found.points):
            return []
        codes = np.concatenate([found.points["code"], found.mirrored])
        near = scan_all(self._coarse, self._words, coarse_first(codes), HIT_WITHIN, COARSE_WITHIN).astype(np.int64)
        owner = self._owner[near[:, 1]]
        often = np.flatnonzero(np.bincount(owner) >= LEAST_FITTING) if len(near) else np.empty(0, np.int64)
        places, hits = places_of(found.points), []
        for one in often.tolist():
            mine = near[owner == one]
            mine = mine[np.argsort(mine[:, 2], kind="stable")[:_MOST]]
            mirrored = mine[:, 0] >= len(found.points)
            hit = _agreed(self._places[mine[:, 1]], places[mine[:, 0] - mirrored * len(found.points)], mine, mirrored)
            if hit is not None:
                hits.append(self._told(one, *hit, mirrored=mirrored, bits=mine[:, 2], post=(width, height)))
        return sorted(hits, key=lambda hit: (-hit.fitting, hit.distance, hit.owner))

    def _told(
        self,
        owner: int,
        inliers: NDArray[np.intp],
        fitting: int,
        registered: Numbers,
        posted: Numbers,
        *,
        mirrored: NDArray[np.bool_],
        bits: NDArray[np.int64],
        post: tuple[int, int],
    ) -> PointHit:
        first = inliers[0]
        turn = posted[first, 3] + registered[first, 3] if mirrored[first] else posted[first, 3] - registered[first, 3]
        return PointHit(
            owner,
            fitting,
            int(bits[inliers].min()),
            round((np.degrees(turn) + 180) % 360 - 180),
            bool(mirrored[first]),
            _covered(registered[inliers], *self._sides[owner]),
            _covered(posted[inliers], *post),
        )


def places_of(points: Points) -> Numbers:
    """float64 (n, 4): across, down and radius in shares of the longer side, angle in radians."""
    table = np.column_stack([points[name] for name in ("across", "down", "radius", "angle")]).astype(np.float64)
    table = table / WHOLE_SIDE
    table[:, 3] *= 2 * np.pi
    return table


def _agreed(
    registered: Numbers, posted: Numbers, near: NDArray[np.int64], mirrored: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], int, Numbers, Numbers] | None:
    """The most hits that put the registered picture in one place (the one that foretells them first), and how many
    different points they are; None where they are too few."""
    scale = posted[:, 2] / registered[:, 2]
    side = np.where(mirrored, -1.0, 1.0)
    turn = posted[:, 3] - side * registered[:, 3]
    cosine, sine = np.cos(turn) * scale, np.sin(turn) * scale
    apart = registered[None, :, :2] - registered[:, None, :2]
    # What is mirrored is so along the point's angle: down becomes up before it is turned.
    across, down = apart[..., 0], apart[..., 1] * side[:, None]
    x = posted[:, None, 0] + cosine[:, None] * across - sine[:, None] * down
    y = posted[:, None, 1] + sine[:, None] * across + cosine[:, None] * down
    away = np.hypot(x - posted[None, :, 0], y - posted[None, :, 1])
    agree = away <= SAME_PLACE * posted[None, :, 2] + DRIFT * np.hypot(across, down) * scale[:, None]
    agree &= np.abs(np.log(scale)[None] - np.log(scale)[:, None]) <= SAME_SIZE
    agree &= np.abs((turn[None] - turn[:, None] + np.pi) % (2 * np.pi) - np.pi) <= SAME_TURN
    agree &= mirrored[None] == mirrored[:, None]
    best, fitting = -1, LEAST_FITTING - 1
    for one in np.argsort(-agree.sum(axis=1), kind="stable")[:8].tolist():
        count = min(_different(registered[agree[one]]), _different(posted[agree[one]]))
        if count > fitting:
            best, fitting = one, count
    if best < 0:
        return None
    others = np.flatnonzero(agree[best])
    return np.concatenate([[best], others[others != best]]), fitting, registered, posted


def _different(places: Numbers) -> int:
    """How many points these are: one with two orientations is one."""
    return len({(across, down) for across, down in places[:, :2].tolist()})


def _covered(places: Numbers, width: int, height: int) -> Box:
    """The box around points with their surroundings, in shares of the picture's sides."""
    longer = max(width, height)
    low = (places[:, :2] - places[:, 2:3]).min(axis=0) * longer
    high = (places[:, :2] + places[:, 2:3]).max(axis=0) * longer
    left, top = (low / (width, height)).clip(0, 1).tolist()
    right, bottom = (high / (width, height)).clip(0, 1).tolist()
    return left, top, right, bottom
