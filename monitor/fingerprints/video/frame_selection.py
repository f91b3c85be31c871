"""Frames worth a hash: not flat, not what was kept just before."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.core.errors import NotInspected

Thumbnail = NDArray[np.int16]

_SIDE = 32
FLAT = 4.0
"""Standard deviation in grey levels of the thumbnail; black frames, title cards' backgrounds and deep fades are below.
The hash of such a frame would match anything."""
SAME = 1.5
"""Mean difference in grey levels to the frame kept last, below which the hashes differ by a few bits only."""


class Frame(NamedTuple):
    """`at`: seconds from the start; `image`: RGB, upright, at most 512 pixels a side; `closer`: the same in grey, of at
    most so many pixels a side, to be asked before the next frame is."""

    at: float
    image: Image.Image
    closer: Callable[[int], Image.Image]


def worth_a_hash(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames that tell more than the ones before them; where all are flat, the first.

    Raises NotInspected("broken") when there is none at all.
    """
    last: Thumbnail | None = None
    spare: Frame | None = None
    for frame in frames:
        small = np.asarray(frame.image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.int16)
        if small.std() >= FLAT and (last is None or np.abs(small - last).mean() >= SAME):
            last = small
            yield frame
        else:
            spare = spare or frame
    if last is not None:
        return
    if spare is None:
        raise NotInspected("broken")
    yield spare
