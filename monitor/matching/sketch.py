"""Two outlined frames, the case's picture and the post's, with what fits shaded in each: numbers for an SVG.

No picture is shown, and only what the stored reason says is drawn; whoever does not see it reads the same in words.
"""

from dataclasses import dataclass

from monitor.fingerprints.hashes.values import ORIENTATIONS
from monitor.fingerprints.regions.boxes import WHOLE, Box
from monitor.matching.reason_patterns import CUT_OUT, REGION, SIDES, VIEW

SIDE = 96
"""Units: the longer side of a frame."""
_NARROWEST = 0.3
"""Width to height, or the other way round: a strip is drawn wider than it is, to be seen at all."""
_FLAG = 30
"""Units that a flag needs; in a smaller box it is smaller."""
_BORDER: Box = (0.1, 0.1, 0.9, 0.9)
"""How wide a border was is not kept."""


@dataclass(frozen=True, slots=True)
class SketchFrame:
    """A picture's outline and the shaded box in it: left, top, width and height in units."""

    width: float
    height: float
    box: tuple[float, float, float, float]
    flag: str = ""
    """How a flag in the box's middle is turned, as an SVG transform; empty where nothing is turned."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What fits what."""

    compared: SketchFrame
    posted: SketchFrame


def sketch(how: str, width: int, height: int) -> Sketch | None:
    """The sketch of a reason; None where no pictures were compared. `width` and `height`: of the post, in pixels.

    The case's picture is drawn in the proportions that it has if nothing was stretched: they are not kept openly.
    """
    if region := REGION.match(how) or CUT_OUT.match(how):
        box, post = (_box(region.groupdict(), prefix) for prefix in ("", "post_"))
        turn = region["turn"]
    elif view := VIEW.match(how):
        box, post = WHOLE, WHOLE if view["place"] == "whole picture" else _BORDER
        turn = view["turn"]
    else:
        return None
    number = ORIENTATIONS.index(turn) if turn in ORIENTATIONS else 0
    ratio = width / height if width > 0 and height > 0 else 1.0
    seen = ratio * _ratio(post)
    own = (1 / seen if number & 4 else seen) / _ratio(box)
    if CUT_OUT.match(how):
        own = 1.0  # a face's box says nothing about the shape of the photo that it was drawn on
    upright = "matrix(1 0 0 1 {x} {y})" if number else ""
    return Sketch(_frame(own, box, upright), _frame(ratio, post, _flag(number) if number else ""))


def _box(values: dict[str, str], prefix: str) -> Box:
    left, top, right, bottom = (int(values[prefix + side]) / 100 for side in SIDES)
    return left, top, right, bottom


def _ratio(box: Box) -> float:
    return (box[2] - box[0]) / max(0.01, box[3] - box[1]) or 0.01


def _frame(ratio: float, box: Box, flag: str) -> SketchFrame:
    ratio = min(max(ratio, _NARROWEST), 1 / _NARROWEST)
    width, height = (SIDE, SIDE / ratio) if ratio > 1 else (SIDE * ratio, SIDE)
    left, top, right, bottom = box
    shaded = (left * width, top * height, (right - left) * width, (bottom - top) * height)
    size = min(1.0, min(shaded[2:]) / _FLAG)
    middle = {"x": round((left + right) / 2 * width, 1), "y": round((top + bottom) / 2 * height, 1)}
    return SketchFrame(
        round(width, 1),
        round(height, 1),
        tuple(round(side, 1) for side in shaded),  # type: ignore[arg-type]  # four
        f"{flag.format(**middle)} scale({size:.2f})" if flag else "",
    )


def _flag(number: int) -> str:
    """What was done to the picture in the post: the reverse of turning it back (see ORIENTATIONS)."""
    across, down = -1 if number & 1 else 1, -1 if number & 2 else 1
    return f"matrix(0 {across} {down} 0 {{x}} {{y}})" if number & 4 else f"matrix({across} 0 0 {down} {{x}} {{y}})"
