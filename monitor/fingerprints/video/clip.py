"""A video's bytes to the frames worth a hash, in order: key frames and one a second, upright, as a browser shows them.

Two walks through the file. The first only reads the packets' times, which costs milliseconds and tells the length and
the key frames. The second decodes no more than the wanted times need: from the key frame before to the time
itself, without the frames that no other refers to. Everything happens on one thread, in memory; sound is left alone.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from av import VideoFrame
from PIL import Image

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.truncation import is_cut
from monitor.fingerprints.containers.video_container import av_errors_translated, decoder, open_container
from monitor.fingerprints.video.frame_decoding import TICK, Decoding
from monitor.fingerprints.video.frame_pixels import Shots
from monitor.fingerprints.video.frame_selection import Frame, worth_a_hash
from monitor.fingerprints.video.packet_scan import scan_packets
from monitor.fingerprints.video.sampling import STEP, every, sample_times

_SHORT = 0.75
"""Seconds that may be missing at the end before a video counts as partial: containers round."""


class Clip:
    """A video or a GIF. Iterating gives its frames; `seconds`, `size` and `partial` are final after that."""

    def __init__(self, data: bytes, kind: str, step: float = STEP) -> None:
        """Reads the times of all packets. `kind` as file_types.sniff says; `step`: seconds between samples.

        Raises NotInspected: see containers.opened.
        """
        self._data, self._kind, self._step = data, kind, step
        self.size = (0, 0)
        """Width and height of the first frame as shown."""
        with open_container(data, kind) as (container, stream):
            self._scan = scan = scan_packets(container, stream)
        if not scan.times:
            raise NotInspected("broken")
        self.seconds = max(scan.announced, scan.length)
        """How long it is, as far as it says."""
        scan.partial |= is_cut(data, kind) or self.seconds > scan.length + _SHORT

    @property
    def partial(self) -> bool:
        """Whether not all of it was decoded: damaged, cut off or too long."""
        return self._scan.partial

    @property
    def pictures(self) -> int:
        """How many pictures it holds, as far as was read."""
        return len(self._scan.times)

    def __iter__(self) -> Iterator[Frame]:
        """The frames worth a hash; at least one, even if that is flat. Raises NotInspected("broken") when there is
        none at all, and what `opened` raises."""
        return worth_a_hash(self._sampled())

    def _sampled(self) -> Iterator[Frame]:
        scan = self._scan
        wanted = every(scan.times) if self._kind == "GIF" else sample_times(scan.keys, scan.length, self._step)
        with open_container(self._data, self._kind) as (container, stream):
            with av_errors_translated():
                context = decoder(stream)
                shots = Shots(_pixel_ratio(stream))
            if self._kind == "GIF":
                scan.keys = scan.keys[:1]  # each picture builds on the one before
            upcoming = 0
            for frame in Decoding(context, scan, wanted).frames(container.demux(stream)):
                at = (frame.pts - scan.start) * scan.tick if frame.pts is not None else 0.0
                if upcoming >= len(wanted) or at < wanted[upcoming] - TICK:
                    continue
                while upcoming < len(wanted) and wanted[upcoming] <= at + TICK:
                    upcoming += 1
                with av_errors_translated():
                    if self.size == (0, 0):
                        self.size = shots.size(frame)
                    image = shots.picture(frame)
                yield Frame(round(max(0.0, at), 3), image, partial(_grey, shots, frame))


def _grey(shots: Shots, frame: VideoFrame, side: int) -> Image.Image:
    with av_errors_translated():
        return shots.grey(frame, side)


def _pixel_ratio(stream: Any) -> float:
    ratio = stream.sample_aspect_ratio
    return float(ratio) if ratio else 1.0
