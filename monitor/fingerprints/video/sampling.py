"""At which times a video is sampled: at key frames, and others so that no gap is longer than a step. Pure."""

from collections.abc import Sequence

MAX_FRAMES = 300
"""Frames sampled of one video. One longer than four minutes is sampled more sparsely, evenly over its length."""
MAX_SECONDS = 600.0
"""Of a longer video the first ten minutes are sampled, and the result says that it is partial."""
STEP = 1.0
"""Seconds between two samples where no key frame comes first."""
CLOSE_STEP = 0.5
"""The same for a video that others will be compared with: a copy is sampled at other times, and of two samples a
second one is near. Of a copy that pans, 96 % of the frames are then within 31 bits instead of 87 %."""

MOST_CLOSE_FRAMES = 100
"""Frames of a video that are looked at as closely as a sheet of pictures, spread over its length: each costs as much as
three others."""
_EVEN = MAX_FRAMES * 4 // 5
"""Frames kept for the even steps; the rest is for key frames that come sooner."""
_CLOSE = 0.25
"""Seconds, and share of a step: a key frame this close to a time before or after it stands for that time."""


def sample_times(keys: Sequence[float], length: float, step: float = STEP) -> list[float]:
    """The wanted seconds in order, at most MAX_FRAMES. `keys`: when the key frames are shown, in order; `length` and
    `step` in seconds. A key frame within half a step of an even one replaces it: key frames cost least to decode."""
    step = max(step, length / _EVEN)
    spare = MAX_FRAMES - _EVEN
    wanted: list[float] = []
    extra = 0
    due = 0.0
    ends = [*keys[1:], length] if keys else []
    for key, end in zip(keys, ends, strict=True):
        early = key < due - step / 2
        if not early or (key - wanted[-1] >= _CLOSE and extra < 5 + spare * key / max(length, step)):
            extra += early
            wanted.append(key)
            due = key + step
        while due < end - _CLOSE * step:
            wanted.append(due)
            due += step
    return _thinned(wanted)


def every(times: Sequence[float]) -> list[float]:
    """The times of an animation: each of its frames, or as many as are allowed, evenly."""
    return _thinned(list(times))


def _thinned(times: list[float]) -> list[float]:
    if len(times) <= MAX_FRAMES:
        return times
    return [times[index * len(times) // MAX_FRAMES] for index in range(MAX_FRAMES)]


class Spaced:
    """Of moments that come in order, some that lie at least `step` seconds apart."""

    def __init__(self, step: float) -> None:
        self._step, self._from = step, 0.0

    def takes(self, at: float) -> bool:
        """Whether this moment is one of them."""
        if at < self._from:
            return False
        self._from = at + self._step
        return True


def closely_seen(seconds: float) -> Spaced:
    """The frames of a video of that length that may be looked at as closely as a sheet of pictures."""
    return Spaced(seconds / MOST_CLOSE_FRAMES)
