"""Why a region counts as a copy, in words and numbers: which registered box, which box of the post."""

import numpy as np

from monitor.fingerprints.hashes.values import CODE_BITS, ORIENTATIONS
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.regions.queries import Part
from monitor.matching.geometric_verification import DETAIL_FROM, RegionHit
from monitor.matching.point_index import HIT_WITHIN, LEAST_FITTING, PointHit

_POST = {
    Part.WHOLE: "the whole post",
    Part.TILE: "the same part of the post",
    Part.SQUARE: "a square of the post",
    Part.RECTANGLE: "a rectangle in the post",
    Part.INNER_SQUARE: "a square within a rectangle in the post",
    Part.TURNED: "the post turned back",
    Part.TURNED_SQUARE: "a square of the post turned back",
}
_TURNED_FROM = 3
"""Degrees: points tell a turn to about two."""
_REGISTERED = {"whole": "whole picture", "tile": "part", "part": "upper part", "shape": "part", "square": "square"}


def region_in_words(query: np.void, hit: RegionHit) -> str:
    """The reason of one hit."""
    part = Part(int(query["part"]))
    turned = f" by {abs(int(query['angle']))} degrees" if query["angle"] else ""
    orientation = f", {ORIENTATIONS[int(query['orientation'])]}" if query["orientation"] else ""
    registered = f"{_REGISTERED[hit.box.family]} ({place_in_words(hit.box.box)})"
    post = f"{_POST[part]}{turned} ({place_in_words(tuple(query['box'].tolist()))}){orientation}"
    detail = f"detail {query['detail']} (least {DETAIL_FROM[part]})"
    numbers = f"{hit.distance} of {CODE_BITS} bits differ (limit {hit.limit}), {detail}"
    return f"region: registered {registered} in {post}: {numbers}; {hit.inliers} more boxes fit"


def points_in_words(hit: PointHit) -> str:
    """The reason of points that agree."""
    turned = f" by {abs(hit.degrees)} degrees" if abs(hit.degrees) >= _TURNED_FROM else ""
    orientation = f", {ORIENTATIONS[1]}" if hit.mirrored else ""
    post = f"points of the post turned back{turned}" if turned else "points of the post"
    numbers = (
        f"{hit.distance} of {CODE_BITS} bits differ (limit {HIT_WITHIN}), detail {hit.fitting} (least {LEAST_FITTING})"
    )
    return (
        f"region: registered points ({place_in_words(hit.registered)}) in {post} ({place_in_words(hit.posted)})"
        f"{orientation}: {numbers}; {hit.fitting - 1} more boxes fit"
    )


def place_in_words(box: Box) -> str:
    """A box in words: whole percents."""
    left, top, right, bottom = (round(100 * side) for side in box)
    return f"{left}-{right} % across, {top}-{bottom} % down"
