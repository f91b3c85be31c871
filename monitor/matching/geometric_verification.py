"""Which near boxes count: those near enough by themselves, and those that other boxes of the same picture bear out.

Two boxes far apart in one picture that both fit by chance fit in unlike places: each hit says where the registered
picture would lie in the post, and an inlier must say nearly the same. Tuned on 200 photos in 81 edits, 3.2 million
pairs: none was wrong within these limits, nor within limits 2 bits wider, where counting every hit within 58 bits had
given 13 wrong ones, all of a few things on plain ground.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.regions.box_hashing import MIN_DETAIL
from monitor.fingerprints.regions.boxes import RegisteredBox, SetName
from monitor.fingerprints.regions.queries import Part, QueryRegions

LONE_WITHIN = {
    Part.WHOLE: 58,
    Part.TILE: 38,
    Part.SQUARE: 44,
    Part.RECTANGLE: 46,
    Part.TURNED: 50,
    Part.TURNED_SQUARE: 38,
}
"""Bits of 256 within which a query region of each kind counts by itself. A square within a rectangle never does."""
LONE_WITHIN_SLIM = LONE_WITHIN | {Part.SQUARE: 50}
"""The same where the slim set is registered: a quarter as many boxes, both to be inliers and to fit by chance."""
LIMITS = {
    Part.WHOLE: 58,
    Part.TILE: 52,
    Part.SQUARE: 60,
    Part.RECTANGLE: 58,
    Part.INNER_SQUARE: 54,
    Part.TURNED: 58,
    Part.TURNED_SQUARE: 60,
}
"""Bits within which it counts with inliers."""
INLIER_WITHIN = 62
"""Bits within which any query region is an inlier."""
NEEDED = {Part.INNER_SQUARE: 2}
"""Inliers needed, where one is not enough: a rectangle is a guess, and its squares are often of sky or wall."""
DETAIL_FROM = dict.fromkeys(Part, MIN_DETAIL) | {Part.INNER_SQUARE: 24}
"""The least detail of a query region that counts."""
TILE_ALONE_FROM = 24
"""The least detail of a tile that counts by itself: bare walls and skies fit each other's tiles at 12 to 20. On 28
photos it cost 2 of 100 edits of a region with the slim set and half of one with the full, where a gate for all tiles
cost 11 and 7."""
SAME_PLACE = 0.04
"""Of a registered box's sides: by how much two hits may disagree where it lies."""
SAME_SIZE = 0.06
"""By how much they may disagree on the size, as a natural logarithm of the ratio."""
FARTHER = 0.1
"""Of its sides that an inlier must lie from the box it bears out, or the logarithm by which it must be larger or
smaller: a box that hardly moved fits for the same reason."""
_NEVER = -1
_MOST = 64
"""Nearest hits of a picture that are compared with each other."""

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RegionHit:
    """One query region and one registered box that are near. `owner`: the picture's place in the index."""

    owner: int
    query: int
    box: RegisteredBox
    distance: int
    limit: int = 0
    """Bits within which it counts."""
    inliers: int = 0
    """Other hits of the same picture that put it in the same place."""
    template: bool = False
    """Whether the box shows a template: it counts only where a box that shows none bears it out."""


def verified(hits: list[RegionHit], queries: QueryRegions, set_name: SetName) -> list[RegionHit]:
    """The hits on one picture that count, with limit and inliers, nearest first. `set_name`: what was registered."""
    lone = LONE_WITHIN_SLIM if set_name == "slim" else LONE_WITHIN
    hits = sorted(hits, key=lambda hit: (hit.distance, hit.query))[:_MOST]
    agreeing = _agreeing(hits, queries)
    # A template part is borne out by what is no template, and by nothing else.
    own: Flags = ~np.array([hit.template for hit in hits], np.bool_)
    borne_out = np.any(agreeing & own, axis=1)
    counted = []
    for hit, inliers, borne in zip(hits, agreeing.sum(axis=1).tolist(), borne_out.tolist(), strict=True):
        if hit.template and not borne:
            continue
        part = Part(queries["part"][hit.query])
        # A rectangle is a guess where a whole picture lies: one that fits a square is worth what a square within it is.
        guess = part is Part.RECTANGLE and hit.box.family == "square"
        plain = part is Part.TILE and queries["detail"][hit.query] < TILE_ALONE_FROM
        alone = _NEVER if plain else lone.get(Part.INNER_SQUARE if guess else part, _NEVER)
        if hit.distance <= alone:
            counted.append(replace(hit, limit=alone, inliers=inliers))
        elif hit.distance <= LIMITS[part] and inliers >= NEEDED.get(part, 1):
            counted.append(replace(hit, limit=LIMITS[part], inliers=inliers))
    return counted


def _agreeing(hits: list[RegionHit], queries: QueryRegions) -> Flags:
    """(n, n): whether two hits differ in query region and box, and put the registered picture in the same place."""
    seen = queries[[hit.query for hit in hits]]
    middle, size = _middle_and_size(seen["box"].astype(np.float64))
    own_middle, own_size = _middle_and_size(np.array([hit.box.box for hit in hits], np.float64))
    scale = own_size / size
    moved = np.where(seen["orientation"] == 1, -1.0, 1.0)[:, None] * [1, 0] + [0, 1]
    # Row: the hit that foretells; column: the one that is foretold.
    foretold = own_middle[:, None] + (middle[None] - middle[:, None]) * (scale * moved)[:, None]
    sizes, logarithms = own_size[None], np.log(own_size)
    agree = (np.abs(foretold - own_middle[None]) <= SAME_PLACE * sizes).all(axis=2)
    agree &= (np.abs(np.log(scale)[:, None] - np.log(scale)[None]) <= SAME_SIZE).all(axis=2)
    smaller = np.minimum(sizes, own_size[:, None])
    apart = (np.abs(own_middle[None] - own_middle[:, None]) >= FARTHER * smaller).any(axis=2)
    apart |= (np.abs(logarithms[None] - logarithms[:, None]) >= FARTHER).any(axis=2)
    agree &= apart & (seen["angle"][:, None] == seen["angle"][None])
    agree &= (seen["orientation"][:, None] == seen["orientation"][None]) & (seen["orientation"] < 2)
    agree &= np.array([hit.query for hit in hits])[:, None] != np.array([hit.query for hit in hits])[None]
    both: Flags = agree & agree.T
    return both


def _middle_and_size(boxes: Numbers) -> tuple[Numbers, Numbers]:
    """(n, 2) each: across, down."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
