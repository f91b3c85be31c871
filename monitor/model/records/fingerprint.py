"""A fingerprint as it is sealed: the hashes of one picture or video, and the person's name for it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from monitor.fingerprints.cut_outs.codes import CUT_OUT_VERSION, CutOut
from monitor.fingerprints.regions.codes import VERSIONS, Regions
from monitor.fingerprints.video.clip_points import CLIP_VERSION, ClipPoints
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


class StoredCutOut(RecordPart):
    """What `CutOut.as_json` gave; as StoredRegions."""

    model_config = ConfigDict(extra="allow")

    version: str

    @property
    def comparable(self) -> bool:
        """False when it is of another version."""
        return self.version == CUT_OUT_VERSION

    def read(self) -> CutOut:
        """Raises ValueError for anything that `CutOut.as_json` does not give."""
        return CutOut.from_json({"version": self.version, **(self.model_extra or {})})


class StoredClip(RecordPart):
    """What `ClipPoints.as_json` gave; as StoredRegions."""

    model_config = ConfigDict(extra="allow")

    version: str

    @property
    def comparable(self) -> bool:
        """False when it is of another version."""
        return self.version == CLIP_VERSION

    def read(self) -> ClipPoints:
        """Raises ValueError for anything that `ClipPoints.as_json` does not give."""
        return ClipPoints.from_json({"version": self.version, **(self.model_extra or {})})


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
    clip: StoredClip | None = None
    """Of a video: points of some of its frames. Older rows have none."""
    cut_out: StoredCutOut | None = None
    """Codes around one face; only where the person drew a box for that."""

    @classmethod
    def of(
        cls,
        shown: Sequence[tuple[float, str]],
        *,
        quality: int,
        phash: str | None = None,
        label: str = "",
        regions: Regions | StoredRegions | None = None,
        clip: ClipPoints | None = None,
        cut_out: CutOut | StoredCutOut | None = None,
    ) -> Self:
        """`shown`: second and 64 hexadecimal digits, of a picture one, of a video each frame."""
        (_, pdq), *frames = shown
        stored: Any = StoredRegions(**regions.as_json()) if isinstance(regions, Regions) else regions
        drawn: Any = StoredCutOut(**cut_out.as_json()) if isinstance(cut_out, CutOut) else cut_out
        moving: Any = None if clip is None else StoredClip(**clip.as_json())
        return cls(
            pdq=pdq,
            quality=quality,
            phash=phash,
            label=label,
            regions=stored,
            frames=tuple(frames),
            clip=moving,
            cut_out=drawn,
        )

    @property
    def codes(self) -> list[str]:
        """Each frame's 64 hexadecimal digits, the first frame's first; of a picture its own."""
        return [self.pdq, *(code for _, code in self.frames or ())]
