"""Frames worth a hash: not flat, not what was kept just before."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Thumbnail = NDArray[np.int16]

_SIDE = 32
FLAT = 4.0
"""Standard deviation in grey levels of the thumbnail; black frames, title cards' backgrounds and deep fades are below.
The hash of such a frame would match anything."""
SAME = 1.5
"""Mean difference in grey levels to the frame kept last, below which the hashes differ by a few bits only."""


class Stills:
    """Remembers the frame that was kept last."""

    def __init__(self) -> None:
        self._kept: Thumbnail | None = None

    def worth(self, image: Image.Image) -> bool:
        """Whether this frame tells more than the ones before it; if so it is the one to compare the next with."""
        small = np.asarray(image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.int16)
        if small.std() < FLAT:
            return False
        if self._kept is not None and np.abs(small - self._kept).mean() < SAME:
            return False
        self._kept = small
        return True
