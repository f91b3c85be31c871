"""Region fingerprints: the registered side's codes of many boxes, as they are kept."""

import base64
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from PIL import Image

from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.hashes.values import CODE_BYTES
from monitor.fingerprints.points.features import POINT, REGISTERED_SIDE, Points, grey_of, points_of
from monitor.fingerprints.regions.box_hashing import MIN_DETAIL, BoxCodes, detail_of, plane_of, shared_boxes
from monitor.fingerprints.regions.boxes import SETS, Box, RegisteredBox, SetName, layout
from monitor.fingerprints.regions.framing import framing_of

REGIONS_VERSION, WITH_SQUARES = "regions-2", "regions-1"
"""Names the boxes, the points, the planes and the gate. What was registered before there were points has squares
instead, and goes on being found by them."""
VERSIONS = (REGIONS_VERSION, WITH_SQUARES)
MOST_POINTS = {"slim": 39, "full": 128}
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
    packed_points: bytes = field(default=b"", repr=False)
    """Records of monitor.fingerprints.points.features.POINT, the strongest first."""
    version: str = REGIONS_VERSION
    area: Box | None = None
    """Of a screenshot registered as it is: where in it the photo lies; None: it is all photo, or nobody knows."""

    def __post_init__(self) -> None:
        if self.set_name not in SETS:
            raise ValueError(f"a set is one of {', '.join(SETS)}")
        if not (0 < self.width <= MOST_PIXELS and 0 < self.height <= MOST_PIXELS):
            raise ValueError(f"a picture's sides lie between 1 and {MOST_PIXELS} pixels")
        if self.version not in VERSIONS:
            raise ValueError(f"regions of the version {REGIONS_VERSION} are needed")
        count = len(self.layout)
        ascending = all(a < b for a, b in zip(self.numbers, self.numbers[1:], strict=False))
        if not ascending or not all(0 <= number < count for number in self.numbers):
            raise ValueError(f"box numbers ascend, from 0 to {count - 1}")
        if len(self.codes) != CODE_BYTES * len(self.numbers):
            raise ValueError(f"every box has a code of {CODE_BYTES} bytes")
        most = 0 if self.version == WITH_SQUARES else MOST_POINTS[self.set_name]
        if len(self.packed_points) % POINT.itemsize or len(self.packed_points) > most * POINT.itemsize:
            raise ValueError(f"there are at most {most} points of {POINT.itemsize} bytes")
        if not self.points["radius"].all():
            raise ValueError("a point has a radius")
        if self.area is not None:
            left, top, right, bottom = self.area
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError("an area lies within the picture: left, top, right, bottom, from 0 to 1")

    @property
    def layout(self) -> tuple[RegisteredBox, ...]:
        """The boxes that `numbers` are places in."""
        return layout(self.set_name, self.width, self.height, squares=self.version == WITH_SQUARES)

    @property
    def points(self) -> Points:
        """A structured array of POINT."""
        return np.frombuffer(self.packed_points, POINT)

    @property
    def table(self) -> BoxCodes:
        """uint8 (boxes, 32)."""
        return np.frombuffer(self.codes, np.uint8).reshape(-1, CODE_BYTES)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads: codes in base64."""
        fields: dict[str, Any] = {
            "version": self.version,
            "set": self.set_name,
            "size": [self.width, self.height],
            "boxes": list(self.numbers),
            "codes": base64.b64encode(self.codes).decode("ascii"),
        }
        if self.area is not None:
            fields["area"] = list(self.area)
        if self.version == REGIONS_VERSION:
            fields["points"] = base64.b64encode(self.packed_points).decode("ascii")
        return fields

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises ValueError for anything that `as_json` does not give."""
        if not isinstance(value, dict) or value.get("version") not in VERSIONS:
            raise ValueError(f"regions of the version {REGIONS_VERSION} are needed")
        try:
            width, height = value["size"]
            numbers, codes = tuple(value["boxes"]), base64.b64decode(value["codes"], validate=True)
            points = base64.b64decode(value.get("points") or "", validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("regions have a size, boxes and codes") from error
        if not all(type(number) is int for number in (width, height, *numbers)):
            raise ValueError("sizes and box numbers are whole numbers")
        area = _area(value.get("area"))
        return cls(value.get("set", ""), width, height, numbers, codes, points, value["version"], area)


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
    boxes = tuple(box.box for box in layout(set_name, width, height, squares=False))
    found = shared_boxes(plane.shape[1], plane.shape[0], boxes).coefficients(plane)
    telling = np.flatnonzero(detail_of(found) >= MIN_DETAIL)
    points = points_of(grey_of(image, REGISTERED_SIDE), MOST_POINTS[set_name]).points
    codes = codes_of(found[telling]).tobytes()
    framing = framing_of(image)
    area = None if framing is None else framing.area
    return Regions(set_name, width, height, tuple(telling.tolist()), codes, points.tobytes(), area=area)
