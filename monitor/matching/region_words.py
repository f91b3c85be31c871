"""Why a region counts as a copy, in words and numbers: which registered box, which box of the post."""

import numpy as np

from monitor.fingerprints.boxes import Box
from monitor.fingerprints.looks import Part
from monitor.fingerprints.plane import MIN_DETAIL
from monitor.fingerprints.values import CODE_BITS, ORIENTATIONS
from monitor.matching.region_index import DETAIL_FROM, LIMITS, RegionHit

_POST = {
    Part.WHOLE: "the whole post",
    Part.TILE: "the same part of the post",
    Part.SQUARE: "a square of the post",
    Part.RECTANGLE: "a rectangle in the post",
    Part.INNER_SQUARE: "a square within a rectangle in the post",
    Part.TURNED: "the post turned back",
    Part.TURNED_SQUARE: "a square of the post turned back",
}
_REGISTERED = {"whole": "whole picture", "tile": "part", "part": "upper part", "square": "square"}


def region_in_words(look: np.void, hit: RegionHit, others: int) -> str:
    """The reason of one hit; `others`: how many other boxes of the same picture fit."""
    part = Part(int(look["part"]))
    turned = f" by {abs(int(look['angle']))} degrees" if look["angle"] else ""
    orientation = f", {ORIENTATIONS[int(look['orientation'])]}" if look["orientation"] else ""
    least = DETAIL_FROM.get(part, MIN_DETAIL)
    registered = f"{_REGISTERED[hit.box.family]} ({_place(hit.box.box)})"
    post = f"{_POST[part]}{turned} ({_place(tuple(look['box'].tolist()))}){orientation}"
    numbers = (
        f"{hit.distance} of {CODE_BITS} bits differ (limit {LIMITS[part]}), detail {look['detail']} (least {least})"
    )
    return f"region: registered {registered} in {post}: {numbers}; {others} more boxes fit"


def _place(box: Box) -> str:
    left, top, right, bottom = (round(100 * side) for side in box)
    return f"{left}-{right} % across, {top}-{bottom} % down"
