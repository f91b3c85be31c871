"""The first walk through a video: what its packets tell without being decoded."""

from dataclasses import dataclass, field
from typing import Any

import av.error
from av.packet import Packet

from monitor.fingerprints.video.sampling import MAX_SECONDS

_MAX_PACKETS = 200_000


@dataclass(slots=True)
class PacketScan:
    """When packets are shown. `start` in the stream's ticks, `tick` in seconds, the rest in seconds from the start."""

    start: int
    tick: float
    keys: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    announced: float = 0.0
    """Seconds, as the header says; 0 when it does not."""
    partial: bool = False
    """Whether something was damaged or left out."""

    def time(self, packet: "Packet[Any]") -> float | None:
        """When a packet is shown; None when it does not say."""
        moment = packet.pts if packet.pts is not None else packet.dts
        return None if moment is None else (moment - self.start) * self.tick

    @property
    def length(self) -> float:
        """Seconds, at most MAX_SECONDS."""
        if len(self.times) < 2:
            return 0.0
        return min(MAX_SECONDS, self.times[-1] + (self.times[-1] - self.times[0]) / (len(self.times) - 1))


def scan_packets(container: Any, stream: Any) -> PacketScan:
    """The times of the packets of the first MAX_SECONDS."""
    scan = PacketScan(0, float(stream.time_base or 0) or 1.0, announced=_announced(container, stream))
    shown: list[tuple[int, bool]] = []
    try:
        for packet in container.demux(stream):
            moment = packet.pts if packet.pts is not None else packet.dts
            if moment is None or packet.is_discard:
                continue
            if packet.is_corrupt:
                scan.partial = True
                continue
            shown.append((moment, packet.is_keyframe))
            if (moment - shown[0][0]) * scan.tick > MAX_SECONDS or len(shown) >= _MAX_PACKETS:
                scan.partial = True
                break
    except av.error.FFmpegError:
        scan.partial = True
    if shown:
        scan.start = min(moment for moment, _ in shown)
        seconds = sorted(((moment - scan.start) * scan.tick, key) for moment, key in shown)
        scan.times = [at for at, _ in seconds if at <= MAX_SECONDS]
        scan.keys = [at for at, key in seconds if key and at <= MAX_SECONDS]
        if not scan.keys or scan.keys[0] > scan.times[0]:
            scan.keys.insert(0, scan.times[0])
    return scan


def _announced(container: Any, stream: Any) -> float:
    """Seconds, as the header says; 0 when it does not."""
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / 1_000_000)
