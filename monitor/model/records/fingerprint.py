"""A fingerprint as it is sealed: the hashes of one picture or video, and the person's name for it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from monitor.fingerprints.regions.codes import VERSIONS, Regions
from monitor.model.records.hash_fields import Frames, PdqHex, PhashHex, Quality
from monitor.model.records.record import Record, RecordPart


class StoredRegions(RecordPart):
    """What `Regions.as_json` gave. Its own version says how the rest is read, so only that is checked here."""

    model_config = ConfigDict(extra="allow")

    version: str

    @property
    def comparable(self) -> bool:
        """False when they are of another version: their boxes mean something else."""
        return self.version in VERSIONS

    def read(self) -> Regions:
        """Raises ValueError for anything that `Regions.as_json` does not give."""
        return Regions.from_json({"version": self.version, **(self.model_extra or {})})


class FingerprintRecord(Record):
    """Of a registered picture or video, or of a medium that joined the case's watch."""

    PLACE: ClassVar[str] = "fingerprint:{}"

    pdq: PdqHex
    """Of a video: its first frame's."""
    quality: Quality
    phash: PhashHex | None
    """Only of media that we inspected ourselves, never of registered photos."""
    label: str
    """The person's own name for the picture."""
    regions: StoredRegions | None = None
    frames: Frames | None = None
    """Of a video, after the first frame. Older rows have neither regions nor frames."""

    @classmethod
    def of(
        cls,
        shown: Sequence[tuple[float, str]],
        *,
        quality: int,
        phash: str | None = None,
        label: str = "",
        regions: Regions | None = None,
    ) -> Self:
        """`shown`: second and 64 hexadecimal digits, of a picture one, of a video each frame."""
        (_, pdq), *frames = shown
        stored: Any = None if regions is None else StoredRegions(**regions.as_json())
        return cls(pdq=pdq, quality=quality, phash=phash, label=label, regions=stored, frames=tuple(frames))

    @property
    def codes(self) -> list[str]:
        """Each frame's 64 hexadecimal digits, the first frame's first; of a picture its own."""
        return [self.pdq, *(code for _, code in self.frames or ())]
