"""A video's bytes to the frames worth a hash, in order: key frames and one a second, upright, as a browser shows them.

Two walks through the file. The first only reads the packets' times, which costs milliseconds and tells the length and
the key frames. The second decodes no more than the wanted moments need: from the key frame before to the moment
itself, without the frames that no other refers to. Everything happens on one thread, in memory; sound is left alone.
"""

import time
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import av.error
from av import VideoFrame
from av.packet import Packet
from PIL import Image

from monitor.errors import NotInspected
from monitor.fingerprints.containers import decoder, opened, translated
from monitor.fingerprints.moments import MAX_SECONDS, every, moments
from monitor.fingerprints.shots import Shots
from monitor.fingerprints.stills import Stills
from monitor.fingerprints.whole import is_cut

__all__ = ["Clip", "Frame", "frames"]

PATIENCE = 20.0
"""Real seconds after which only key frames are decoded."""
LIMIT = 40.0
"""Real seconds after which the rest of a video is left out; the result then is partial."""

_MAX_PACKETS = 200_000
_MAX_ERRORS = 200
"""Damaged packets after which the rest is given up."""
_SLACK = 0.25
"""Seconds decoded beyond a moment: the first frame after it may be one that is left out."""
_TICK = 1e-4
_SHORT = 0.75
"""Seconds that may be missing at the end before a video counts as partial: containers round."""
_LEFT_OUT = {"h264": "NONREF", "hevc": "NONREF"}
"""Codecs whose decoder can leave out what no other frame refers to without harm."""


class Frame(NamedTuple):
    """`at`: seconds from the start; `image`: RGB, upright, at most 512 pixels a side."""

    at: float
    image: Image.Image


@dataclass(slots=True)
class Survey:
    """What the packets of a video tell without decoding: times in the stream's ticks and in seconds from the start."""

    start: int
    tick: float
    keys: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    partial: bool = False

    @property
    def length(self) -> float:
        """Seconds, at most MAX_SECONDS."""
        if len(self.times) < 2:
            return 0.0
        return min(MAX_SECONDS, self.times[-1] + (self.times[-1] - self.times[0]) / (len(self.times) - 1))


class Clip:
    """A video or a GIF. Iterating gives its frames; `seconds`, `size` and `partial` are final after that."""

    def __init__(self, data: bytes, kind: str) -> None:
        """Reads the times of all packets. `kind` as kinds.sniff says. Raises NotInspected: see containers.opened."""
        self._data, self._kind = data, kind
        self._started = time.monotonic()
        self.size = (0, 0)
        """Width and height of the first frame as shown."""
        with opened(data, kind) as (container, stream):
            announced = _announced(container, stream)
            self._survey = survey = _survey(container, stream)
        if not survey.times:
            raise NotInspected("broken")
        self.seconds = announced if announced > survey.length else survey.length
        """How long it is, as far as it says."""
        self.partial = survey.partial or is_cut(data, kind) or self.seconds > survey.length + _SHORT
        """Whether not all of it was looked at: damaged, cut off or too long."""

    @property
    def pictures(self) -> int:
        """How many pictures it holds, as far as was read."""
        return len(self._survey.times)

    def __iter__(self) -> Iterator[Frame]:
        """The frames worth a hash; at least one, even if that is flat. Raises NotInspected("broken") when there is
        none at all, and what `opened` raises."""
        stills = Stills()
        kept, spare = 0, None
        for frame in self._looked_at():
            if stills.worth(frame.image):
                kept += 1
                yield frame
            elif spare is None:
                spare = frame
        if kept == 0:
            if spare is None:
                raise NotInspected("broken")
            yield spare

    def _looked_at(self) -> Iterator[Frame]:
        survey = self._survey
        wanted = every(survey.times) if self._kind == "GIF" else moments(survey.keys, survey.length)
        with opened(self._data, self._kind) as (container, stream):
            with translated():
                context = decoder(stream)
                shots = Shots(_pixel_ratio(stream))
            if self._kind == "GIF":
                survey.keys = survey.keys[:1]  # each picture builds on the one before
            found = iter(_Decoding(self, context, survey, wanted).frames(container.demux(stream)))
            upcoming = 0
            for frame in found:
                at = (frame.pts - survey.start) * survey.tick if frame.pts is not None else 0.0
                if upcoming >= len(wanted) or at < wanted[upcoming] - _TICK:
                    continue
                while upcoming < len(wanted) and wanted[upcoming] <= at + _TICK:
                    upcoming += 1
                with translated():
                    if self.size == (0, 0):
                        self.size = shots.size(frame)
                    image = shots.picture(frame)
                yield Frame(round(max(0.0, at), 3), image)

    def out_of(self, seconds: float) -> bool:
        """Whether so many real seconds have passed since the start."""
        return time.monotonic() - self._started > seconds


class _Decoding:
    """The second walk: which packets to decode, which to skip."""

    def __init__(self, clip: Clip, context: Any, survey: Survey, wanted: list[float]) -> None:
        self._clip, self._context, self._survey, self._wanted = clip, context, survey, wanted
        self._left_out = _LEFT_OUT.get(context.name, "DEFAULT")
        self._errors = 0

    def frames(self, packets: Iterator["Packet[Any]"]) -> Iterator[VideoFrame]:
        """Decoded frames in the order they are shown, fit ones only."""
        survey, until, key, skipped = self._survey, 0.0, 0.0, False
        last = self._wanted[-1] if self._wanted else 0.0
        try:
            for packet in packets:
                at = _time(packet, survey)
                if at is None or self._clip.out_of(LIMIT):
                    break
                if packet.is_corrupt:
                    self._clip.partial = True
                    continue
                if packet.is_keyframe and at >= key:
                    if at > last + _TICK:
                        break
                    key, until = at, self._until(at)
                    leads = skipped
                    skipped = False
                elif at > until + _SLACK or (at < key and leads):
                    # Behind the last wanted moment before the next key frame, or built on frames left out there.
                    skipped = True
                    if self._left_out == "DEFAULT":
                        continue
                self._context.skip_frame = "NONKEY" if skipped and not packet.is_keyframe else self._left_out
                yield from self._decoded(packet)
        except av.error.FFmpegError:
            self._clip.partial = True
        if self._clip.out_of(LIMIT):
            self._clip.partial = True
        yield from self._decoded(None)

    def _until(self, key: float) -> float:
        """The last wanted moment before the key frame that follows `key`."""
        if self._clip.out_of(PATIENCE):
            return key
        keys = self._survey.keys
        after = bisect_right(keys, key + _TICK)
        end = keys[after] if after < len(keys) else float("inf")
        before = bisect_right(self._wanted, end - _TICK)
        return max(key, self._wanted[before - 1]) if before else key

    def _decoded(self, packet: "Packet[Any] | None") -> list[VideoFrame]:
        try:
            found = self._context.decode(packet)
        except (av.error.MemoryError, MemoryError):
            raise MemoryError from None
        except (av.error.EOFError, av.error.BlockingIOError):
            return []
        except (av.error.FFmpegError, ValueError):
            self._clip.partial = True
            self._errors += 1
            if self._errors > _MAX_ERRORS:
                raise av.error.InvalidDataError(0, "too many damaged packets") from None
            return []
        fit = [frame for frame in found if not frame.is_corrupt]
        if len(fit) < len(found):
            self._clip.partial = True
        return fit


def frames(data: bytes) -> Iterator[Frame]:
    """The frames worth a hash of an MP4, MOV, WebM or GIF. Raises NotInspected with its reason."""
    from monitor.fingerprints.kinds import sniff

    return iter(Clip(data, sniff(data) or ""))


def _survey(container: Any, stream: Any) -> Survey:
    """The times of the packets of the first MAX_SECONDS."""
    survey = Survey(0, float(stream.time_base or 0) or 1.0)
    shown: list[tuple[int, bool]] = []
    try:
        for packet in container.demux(stream):
            moment = packet.pts if packet.pts is not None else packet.dts
            if moment is None or packet.is_discard:
                continue
            if packet.is_corrupt:
                survey.partial = True
                continue
            shown.append((moment, packet.is_keyframe))
            if (moment - shown[0][0]) * survey.tick > MAX_SECONDS or len(shown) >= _MAX_PACKETS:
                survey.partial = True
                break
    except av.error.FFmpegError:
        survey.partial = True
    if shown:
        survey.start = min(moment for moment, _ in shown)
        seconds = sorted(((moment - survey.start) * survey.tick, key) for moment, key in shown)
        survey.times = [at for at, _ in seconds if at <= MAX_SECONDS]
        survey.keys = [at for at, key in seconds if key and at <= MAX_SECONDS]
        if not survey.keys or survey.keys[0] > survey.times[0]:
            survey.keys.insert(0, survey.times[0])
    return survey


def _time(packet: "Packet[Any]", survey: Survey) -> float | None:
    """Seconds from the start; None for the empty packet at the end."""
    moment = packet.pts if packet.pts is not None else packet.dts
    return None if moment is None else (moment - survey.start) * survey.tick


def _announced(container: Any, stream: Any) -> float:
    """Seconds, as the header says; 0 when it does not."""
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / 1_000_000)


def _pixel_ratio(stream: Any) -> float:
    ratio = stream.sample_aspect_ratio
    return float(ratio) if ratio else 1.0
