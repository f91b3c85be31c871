"""The second walk through a video: which packets to decode, which to skip, and when to stop."""

import time
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import av.error
from av import VideoFrame
from av.packet import Packet

from monitor.fingerprints.video.packet_scan import PacketScan

PATIENCE = 20.0
"""Real seconds after which only key frames are decoded."""
LIMIT = 40.0
"""Real seconds after which the rest of a video is left out; the result then is partial."""
TICK = 1e-4
"""Seconds: times closer than this are one."""

_MAX_ERRORS = 200
"""Damaged packets after which the rest is given up."""
_SLACK = 0.25
"""Seconds decoded beyond a wanted time: the first frame after it may be one that is left out."""
_LEFT_OUT = {"h264": "NONREF", "hevc": "NONREF"}
"""Codecs whose decoder can leave out what no other frame refers to without harm."""


class Decoding:
    """Decodes what the wanted times need. Notes in `scan.partial` what was damaged or left out."""

    def __init__(self, context: Any, scan: PacketScan, wanted: list[float]) -> None:
        """`context`: a decoder that no packet went through yet; `wanted`: seconds, in order."""
        self._context, self._scan, self._wanted = context, scan, wanted
        self._started = time.monotonic()
        self._left_out = _LEFT_OUT.get(context.name, "DEFAULT")
        self._errors = 0

    def frames(self, packets: Iterator["Packet[Any]"]) -> Iterator[VideoFrame]:
        """Decoded frames in the order they are shown, fit ones only."""
        scan, until, key, skipped, leads = self._scan, 0.0, 0.0, False, False
        last = self._wanted[-1] if self._wanted else 0.0
        try:
            for packet in packets:
                at = scan.time(packet)
                if packet.size == 0 or self._out_of(LIMIT):
                    break
                if packet.is_corrupt or at is None:
                    self._scan.partial = True
                    continue
                if packet.is_keyframe and at >= key:
                    if at > last + TICK:
                        break
                    key, until = at, self._until(at)
                    leads = skipped
                    skipped = False
                elif at > until + _SLACK or (at < key and leads):
                    # Behind the last wanted time before the next key frame, or built on frames left out there.
                    skipped = True
                    if self._left_out == "DEFAULT":
                        continue
                self._context.skip_frame = "NONKEY" if skipped and not packet.is_keyframe else self._left_out
                yield from self._decoded(packet)
        except av.error.FFmpegError:
            self._scan.partial = True
        if self._out_of(LIMIT):
            self._scan.partial = True
        yield from self._decoded(None)

    def _until(self, key: float) -> float:
        """The last wanted time before the key frame that follows `key`."""
        if self._out_of(PATIENCE):
            return key
        keys = self._scan.keys
        after = bisect_right(keys, key + TICK)
        end = keys[after] if after < len(keys) else float("inf")
        before = bisect_right(self._wanted, end - TICK)
        return max(key, self._wanted[before - 1]) if before else key

    def _decoded(self, packet: "Packet[Any] | None") -> list[VideoFrame]:
        try:
            found = self._context.decode(packet)
        except (av.error.MemoryError, MemoryError):
            raise MemoryError from None
        except (av.error.EOFError, av.error.BlockingIOError):
            return []
        except (av.error.FFmpegError, ValueError):
            self._scan.partial = True
            self._errors += 1
            if self._errors > _MAX_ERRORS:
                raise av.error.InvalidDataError(0, "too many damaged packets") from None
            return []
        fit = [frame for frame in found if not frame.is_corrupt]
        if len(fit) < len(found):
            self._scan.partial = True
        return fit

    def _out_of(self, seconds: float) -> bool:
        return time.monotonic() - self._started > seconds
