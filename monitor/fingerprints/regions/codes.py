"""Region fingerprints: the registered side's codes of many boxes, as they are kept."""

import base64
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from PIL import Image

from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.hashes.values import CODE_BYTES
from monitor.fingerprints.regions.box_hashing import MIN_DETAIL, BoxCodes, detail_of, plane_of, shared_boxes
from monitor.fingerprints.regions.boxes import SETS, Box, SetName, layout
from monitor.fingerprints.regions.framing import framing_of

REGIONS_VERSION = "regions-1"
"""Names the boxes, the plane and the gate. BoxCodes of different versions are never compared."""
MOST_PIXELS = (1 << 16) - 1
"""Of a side; the sides of a longer picture are both scaled down."""


@dataclass(frozen=True, slots=True)
class Regions:
    """BoxCodes of boxes of a registered picture. `numbers`: places in `layout(set_name, width, height)`, ascending."""

    set_name: SetName
    width: int
    height: int
    """Pixels of the registered picture; only their ratio is used."""
    numbers: tuple[int, ...]
    codes: bytes = field(repr=False)
    """32 bytes a number."""
    area: Box | None = None
    """Of a screenshot registered as it is: where in it the photo lies; None: it is all photo, or nobody knows."""

    def __post_init__(self) -> None:
        if self.set_name not in SETS:
            raise ValueError(f"a set is one of {', '.join(SETS)}")
        if not (0 < self.width <= MOST_PIXELS and 0 < self.height <= MOST_PIXELS):
            raise ValueError(f"a picture's sides lie between 1 and {MOST_PIXELS} pixels")
        count = len(layout(self.set_name, self.width, self.height))
        ascending = all(a < b for a, b in zip(self.numbers, self.numbers[1:], strict=False))
        if not ascending or not all(0 <= number < count for number in self.numbers):
            raise ValueError(f"box numbers ascend, from 0 to {count - 1}")
        if len(self.codes) != CODE_BYTES * len(self.numbers):
            raise ValueError(f"every box has a code of {CODE_BYTES} bytes")
        if self.area is not None:
            left, top, right, bottom = self.area
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError("an area lies within the picture: left, top, right, bottom, from 0 to 1")

    @property
    def table(self) -> BoxCodes:
        """uint8 (boxes, 32)."""
        return np.frombuffer(self.codes, np.uint8).reshape(-1, CODE_BYTES)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads: codes in base64."""
        area = {} if self.area is None else {"area": list(self.area)}
        return {
            "version": REGIONS_VERSION,
            "set": self.set_name,
            "size": [self.width, self.height],
            "boxes": list(self.numbers),
            "codes": base64.b64encode(self.codes).decode("ascii"),
            **area,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises ValueError for anything that `as_json` does not give."""
        if not isinstance(value, dict) or value.get("version") != REGIONS_VERSION:
            raise ValueError(f"regions of the version {REGIONS_VERSION} are needed")
        try:
            width, height = value["size"]
            numbers, codes = tuple(value["boxes"]), base64.b64decode(value["codes"], validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("regions have a size, boxes and codes") from error
        if not all(type(number) is int for number in (width, height, *numbers)):
            raise ValueError("sizes and box numbers are whole numbers")
        return cls(value.get("set", ""), width, height, numbers, codes, _area(value.get("area")))


def _area(value: Any) -> Box | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 4 or not all(type(side) in (int, float) for side in value):
        raise ValueError("an area is four numbers")
    left, top, right, bottom = (float(side) for side in value)
    return left, top, right, bottom


def register_regions(image: Image.Image, set_name: SetName, *, size: tuple[int, int] | None = None) -> Regions:
    """Hash the boxes of a picture (RGB or L) as it is shown; boxes too plain to be told from others are left out.

    `size`: width and height before any shrinking, when `image` was shrunk.
    """
    width, height = size or image.size
    if (longer := max(width, height)) > MOST_PIXELS:
        width, height = (max(1, side * MOST_PIXELS // longer) for side in (width, height))
    plane = plane_of(image)
    boxes = tuple(box.box for box in layout(set_name, width, height))
    found = shared_boxes(plane.shape[1], plane.shape[0], boxes).coefficients(plane)
    telling = np.flatnonzero(detail_of(found) >= MIN_DETAIL)
    framing = framing_of(image)
    area = None if framing is None else framing.area
    return Regions(set_name, width, height, tuple(telling.tolist()), codes_of(found[telling]).tobytes(), area)
