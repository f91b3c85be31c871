"""What the watch needs of a medium that was inspected here: its hash, and a video's frames."""

from dataclasses import dataclass, field
from typing import Self

from monitor.fingerprints.hashes.values import MIN_QUALITY, HashedMedium


@dataclass(frozen=True, slots=True)
class MediumHashes:
    """Hexadecimal digits: 64 of a PDQ hash, 16 of a pHash."""

    pdq: str = field(repr=False)
    """Of a video: its first frame's."""
    quality: int
    phash: str = field(repr=False)
    frames: tuple[tuple[float, str], ...] = field(default=(), repr=False)
    """Of a video, after the first: seconds from its start and the hash, where it has enough quality."""

    @classmethod
    def of(cls, hashed: HashedMedium) -> Self:
        """The whole upright picture and the frames of a video, of everything that was hashed."""
        frames = [(frame.at, frame.views[0].hash) for frame in hashed.frames[1:]]
        return cls(
            pdq=hashed.whole.hex,
            quality=hashed.whole.quality,
            phash=hashed.phash.hex(),
            frames=tuple((at, code.hex) for at, code in frames if code.quality >= MIN_QUALITY),
        )
