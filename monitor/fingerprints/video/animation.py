"""Animated WebP, PNG and AVIF through Pillow: every picture of them, evenly thinned when there are many."""

import time
from collections.abc import Iterator

from PIL import Image

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.guards import BROKEN, open_guarded
from monitor.fingerprints.containers.video_container import MAX_FRAME_PIXELS
from monitor.fingerprints.hashes.normalise import is_turned, shown
from monitor.fingerprints.hashes.pdq import LONG_SIDE, target_size
from monitor.fingerprints.video.frame_decoding import LIMIT
from monitor.fingerprints.video.frame_selection import Frame, worth_a_hash
from monitor.fingerprints.video.sampling import MAX_FRAMES, MAX_SECONDS

_DEFAULT_MS = 100.0
"""Milliseconds a picture is shown where the file does not say; browsers do the same."""


class Animation:
    """Iterating gives its frames; `seconds` and `partial` are final after that."""

    def __init__(self, data: bytes) -> None:
        """Reads the header. Raises NotInspected: see guards.open_guarded; too-many-pixels, for each picture of an
        animation is kept whole beside the one before it."""
        self._image = open_guarded(data)
        self.size = self._image.size[::-1] if is_turned(self._image) else self._image.size
        """Width and height as shown."""
        self.format = self._image.format or ""
        self.seconds = 0.0
        """How long it is, as far as it was read."""
        self.partial = False
        """Whether not all of it was decoded: damaged or too long."""
        try:
            self.pictures = int(getattr(self._image, "n_frames", 1))
            """How many pictures it holds."""
        except BROKEN as error:
            raise NotInspected("broken") from error
        if self.pictures > 1 and self.size[0] * self.size[1] > MAX_FRAME_PIXELS:
            raise NotInspected("too-many-pixels")

    def __iter__(self) -> Iterator[Frame]:
        """The frames worth a hash; at least one. Raises NotInspected("broken") when not even the first is whole."""
        return worth_a_hash(self._sampled())

    def _sampled(self) -> Iterator[Frame]:
        started = time.monotonic()
        with self._image as image:
            for index in range(self.pictures):
                if self.seconds > MAX_SECONDS or time.monotonic() - started > LIMIT:
                    self.partial = True
                    return
                try:
                    image.seek(index)
                    image.load()
                    wanted = index * MAX_FRAMES // self.pictures != (index - 1) * MAX_FRAMES // self.pictures
                    frame = _frame(round(self.seconds, 3), image) if wanted else None
                except BROKEN:
                    self.partial = True
                    return
                if frame is not None:
                    yield frame
                self.seconds += _milliseconds(image) / 1000


def _frame(at: float, image: Image.Image) -> Frame:
    """The present picture by the server rule."""
    whole = shown(image.copy())
    return Frame(at, _shrunk(whole, LONG_SIDE), lambda side: _shrunk(whole, side).convert("L"))


def _shrunk(whole: Image.Image, side: int) -> Image.Image:
    size = target_size(*whole.size, side)
    return whole if size == whole.size else whole.resize(size, Image.Resampling.BOX)


def _milliseconds(image: Image.Image) -> float:
    duration = image.info.get("duration")
    return float(duration) if isinstance(duration, int | float) and duration > 0 else _DEFAULT_MS
