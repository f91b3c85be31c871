"""Cut-outs of the registered side: codes of boxes around one face, as they are kept."""

import base64
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from PIL import Image

from monitor.fingerprints.cut_outs.boxes import JITTER, face_within
from monitor.fingerprints.cut_outs.coding import LEAST_DETAIL, coefficients_around, lie_within
from monitor.fingerprints.cut_outs.faces import faces_in
from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.hashes.values import CODE_BYTES
from monitor.fingerprints.regions.box_hashing import BoxCodes, detail_of
from monitor.fingerprints.regions.boxes import Box

CUT_OUT_VERSION = "cutout-1"
"""Names the boxes and how they are coded. Codes of different versions are never compared."""
LEAST_CODES = 25
"""Of 125: where fewer boxes lie within the picture and tell enough, a cut-out would find little and mistake much."""
LEAST_SIDE = 24
"""Pixels of a drawn box: what is smaller has no face to be told from others."""

Drawn = Box | Literal["auto"]
"""A box in pixels of the picture as it is shown: left, top, width and height; auto: around its largest face."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """BoxCodes of one face of a registered picture. `numbers`: places in JITTER, ascending."""

    box: Box
    """What was drawn: left, top, right, bottom, from 0 to 1 of the picture."""
    numbers: tuple[int, ...]
    codes: bytes = field(repr=False)
    """32 bytes a number."""

    def __post_init__(self) -> None:
        left, top, right, bottom = self.box
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("a box lies within the picture, from 0 to 1")
        ascending = all(a < b for a, b in zip(self.numbers, self.numbers[1:], strict=False))
        if not ascending or not all(0 <= number < len(JITTER) for number in self.numbers):
            raise ValueError(f"box numbers ascend, from 0 to {len(JITTER) - 1}")
        if len(self.numbers) < LEAST_CODES:
            raise ValueError(f"at least {LEAST_CODES} boxes are needed")
        if len(self.codes) != CODE_BYTES * len(self.numbers):
            raise ValueError(f"every box has a code of {CODE_BYTES} bytes")

    @property
    def table(self) -> BoxCodes:
        """uint8 (boxes, 32)."""
        return np.frombuffer(self.codes, np.uint8).reshape(-1, CODE_BYTES)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads: codes in base64."""
        return {
            "version": CUT_OUT_VERSION,
            "box": list(self.box),
            "boxes": list(self.numbers),
            "codes": base64.b64encode(self.codes).decode("ascii"),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises ValueError for anything that `as_json` does not give."""
        if not isinstance(value, dict) or value.get("version") != CUT_OUT_VERSION:
            raise ValueError(f"a cut-out of the version {CUT_OUT_VERSION} is needed")
        try:
            left, top, right, bottom = value["box"]
            numbers, codes = tuple(value["boxes"]), base64.b64decode(value["codes"], validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("a cut-out has a box, boxes and codes") from error
        box = (left, top, right, bottom)
        if not all(type(side) in (int, float) for side in box) or not all(type(one) is int for one in numbers):
            raise ValueError("a cut-out's box has four numbers, and its boxes are whole numbers")
        return cls((float(left), float(top), float(right), float(bottom)), numbers, codes)


def register_cut_out(image: Image.Image, drawn: Drawn, *, size: tuple[int, int] | None = None) -> CutOut | None:
    """The cut-out of a picture (RGB or L) as it is shown; None where there is no face, or the box shows too little.

    `size`: width and height before any shrinking, when `image` was shrunk: a drawn box is told in those pixels.
    """
    width, height = size or image.size
    scale = image.width / width
    if drawn == "auto":
        if not (found := faces_in(image, closely=True)):
            return None
        left, top, right, bottom = (side / scale for side in found[0].box)
    else:
        left, top, right, bottom = drawn[0], drawn[1], drawn[0] + drawn[2], drawn[1] + drawn[3]
    left, top = max(0.0, left), max(0.0, top)
    right, bottom = min(float(width), right), min(float(height), bottom)
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        return None
    face = face_within((left * scale, top * scale, right * scale, bottom * scale))
    found_at = coefficients_around(image, face, JITTER)
    telling = np.flatnonzero((detail_of(found_at) >= LEAST_DETAIL) & lie_within(face, JITTER, image.size))
    if len(telling) < LEAST_CODES:
        return None
    box = (round(left / width, 5), round(top / height, 5), round(right / width, 5), round(bottom / height, 5))
    return CutOut(box, tuple(telling.tolist()), codes_of(found_at[telling]).tobytes())
