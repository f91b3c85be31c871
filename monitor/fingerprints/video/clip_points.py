"""Points of a few frames of a registered video: by them its cropped, framed and pasted copies are found.

Of every other frame there is the code of the whole alone. What is on screen whatever is shown, a logo or the bars of an
app, is told by being where it is in frames that otherwise differ, and left out when they are compared
(monitor.matching.clip_points).
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from PIL import Image

from monitor.fingerprints.hashes.values import LONGEST_SECONDS
from monitor.fingerprints.points.features import (
    POINT,
    REGISTERED_SIDE,
    WHOLE_SIDE,
    FoundPoints,
    Points,
    grey_of,
    points_of,
)
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.regions.framing import framing_of, share_within

CLIP_VERSION = "clip-1"
MOST_POINT_FRAMES, MOST_FRAME_POINTS, MOST_CLIP_POINTS = 24, 39, 576
"""Frames of one video that have points, points of each, and of all: 23 kB, which a request can carry beside the
codes of 300 frames."""
POINTS_EVERY = 2.0
"""Seconds between two of them; more in a video of more than 48 seconds."""
_MOST_PIXELS = (1 << 16) - 1
_OWN_FROM = 0.92
"""Of what is coded: a point of which less lies on the photo of a screenshot shows the app around it."""


@dataclass(frozen=True, slots=True)
class ClipPoints:
    """Of some frames: the second, and records of POINT, the strongest first."""

    width: int
    height: int
    """Of the video as it is shown; only their ratio is used."""
    frames: tuple[tuple[float, bytes], ...] = field(repr=False)
    version: str = CLIP_VERSION

    def __post_init__(self) -> None:
        if self.version != CLIP_VERSION:
            raise ValueError(f"points of a video of the version {CLIP_VERSION} are needed")
        if not (0 < self.width <= _MOST_PIXELS and 0 < self.height <= _MOST_PIXELS):
            raise ValueError(f"a video's sides lie between 1 and {_MOST_PIXELS} pixels")
        if len(self.frames) > MOST_POINT_FRAMES:
            raise ValueError(f"at most {MOST_POINT_FRAMES} frames have points")
        times = [at for at, _ in self.frames]
        if not all(0 <= at <= LONGEST_SECONDS for at in times) or sorted(set(times)) != times:
            raise ValueError("frames follow each other, in seconds")
        for _, packed in self.frames:
            if not 0 < len(packed) <= MOST_FRAME_POINTS * POINT.itemsize or len(packed) % POINT.itemsize:
                raise ValueError(f"a frame has 1 to {MOST_FRAME_POINTS} points of {POINT.itemsize} bytes")
        if len(self.points) > MOST_CLIP_POINTS:
            raise ValueError(f"a video has at most {MOST_CLIP_POINTS} points")
        if not self.points["radius"].all():
            raise ValueError("a point has a radius")

    @property
    def points(self) -> Points:
        """Of all frames, one after the other."""
        return np.frombuffer(b"".join(packed for _, packed in self.frames), POINT)

    def only_at(self, times: Sequence[float]) -> Self | None:
        """What is left with the frames at these seconds, the first of which counts as second 0 from now on; None where
        that is nothing."""
        kept = tuple((0.0 if at == times[0] else at, packed) for at, packed in self.frames if at in times)
        return type(self)(self.width, self.height, kept) if kept else None

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads: records in base64."""
        frames = [{"at": at, "points": base64.b64encode(packed).decode("ascii")} for at, packed in self.frames]
        return {"version": self.version, "size": [self.width, self.height], "frames": frames}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises ValueError for anything that `as_json` does not give."""
        if not isinstance(value, dict) or value.get("version") != CLIP_VERSION:
            raise ValueError(f"points of a video of the version {CLIP_VERSION} are needed")
        try:
            width, height = value["size"]
            frames = tuple((one["at"], base64.b64decode(one["points"], validate=True)) for one in value["frames"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("points of a video have a size and frames") from error
        if not all(type(side) is int for side in (width, height)):
            raise ValueError("sizes are whole numbers")
        if not all(type(at) in (int, float) for at, _ in frames):
            raise ValueError("a frame has a second")
        return cls(width, height, tuple((float(at), packed) for at, packed in frames))


class ClipPointsMaker:
    """Takes the telling frames of a video as they come."""

    def __init__(self) -> None:
        self._frames: list[tuple[float, Points]] = []
        self._due = 0.0

    def take(self, at: float, image: Image.Image, length: float) -> None:
        """`image` RGB as it is shown; `length` of the video in seconds, as far as it is known."""
        if at < self._due:
            return
        points = frame_points_of(image)
        if len(points):
            self._frames.append((at, points))
            self._due = at + max(POINTS_EVERY, length / MOST_POINT_FRAMES)

    def made(self, size: tuple[int, int], first: float) -> ClipPoints | None:
        """None where no frame has a point. `first`: when the first telling frame is shown; its code is the video's own,
        which is kept without a time, so it counts as second 0."""
        count = min(len(self._frames), MOST_POINT_FRAMES)
        some = [self._frames[number * len(self._frames) // count] for number in range(count)]
        most = min(MOST_FRAME_POINTS, MOST_CLIP_POINTS // max(1, count))
        frames = [(0.0 if at == first else at, points[:most].tobytes()) for at, points in some]
        longer = max(*size, _MOST_PIXELS)
        width, height = (max(1, side * _MOST_PIXELS // longer) for side in size)
        return ClipPoints(width, height, tuple(frames)) if frames else None


def frame_points_of(image: Image.Image) -> Points:
    """The points of one frame. Of a screen with a photo in it only those of the photo: all screens of one app share
    the others."""
    found: FoundPoints = points_of(grey_of(image, REGISTERED_SIDE), MOST_FRAME_POINTS)
    framing = framing_of(image)
    if framing is None:
        return found.points
    kept: Points = found.points[[_lies_within(point, image.size, framing.area) for point in found.points]]
    return kept


def _lies_within(point: np.void, size: tuple[int, int], area: Box) -> bool:
    across, down = (max(size) / side / WHOLE_SIDE for side in size)
    x, y, radius = (float(point[name]) for name in ("across", "down", "radius"))
    box = ((x - radius) * across, (y - radius) * down, (x + radius) * across, (y + radius) * down)
    return share_within(box, area) >= _OWN_FROM
