"""What a query region at a picture leaves behind: hashes and a few plain facts, never pixels."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from monitor.fingerprints.cut_outs.codes import CutOut
    from monitor.fingerprints.regions.codes import Regions
    from monitor.fingerprints.video.clip_points import ClipPoints

FINGERPRINT_VERSION = "pdq-1"
"""Names how the code was made: the server rule, area 512, true PDQ. Codes of different versions are never compared."""

WHOLE_SET = "whole"
"""Name of the set of boxes that were hashed: the whole picture only."""

FRAMES_SET = "frames"
"""Name of the set of a registered video: the whole picture of each of its frames."""
MOST_FRAMES = 300
"""Frames of a registered video."""

CODE_BYTES = 32
CODE_BITS = 256
LONGEST_SECONDS = 86_400.0
"""A day: no file is taken at its word beyond that. What is hashed ends at video.sampling.MAX_SECONDS anyway."""
MIN_QUALITY = 50
"""PDQ's own advice: below 50 of 100 a picture has too little structure for its hash to mean anything."""

ORIENTATIONS = (
    "upright",
    "mirrored",
    "upside down and mirrored",
    "rotated 180",
    "mirrored and rotated 90 left",
    "rotated 90 left",
    "rotated 90 right",
    "mirrored and rotated 90 right",
)
"""How the post's picture was turned, by orientation number (bit 0: left-right, bit 1: top-bottom, bit 2: transposed).

The view of orientation k is the hash of the picture turned back: with t = k & 4, transposed first (rows become
columns) when t is set, then flipped left-right when k & 1, then top-bottom when k & 2.
"""


def believable(seconds: float) -> float:
    """What a file claims about its time, within 0 and LONGEST_SECONDS; 0 when that is no number."""
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_SECONDS)


ViewName = Literal["whole", "trimmed"]


@dataclass(frozen=True, slots=True)
class Hash:
    """A PDQ hash. `code`: 32 bytes, most significant bit first, in pdqhash's and Meta's order; `quality`: 0 to 100."""

    code: bytes
    quality: int

    def __post_init__(self) -> None:
        if len(self.code) != CODE_BYTES:
            raise ValueError(f"a PDQ code has {CODE_BYTES} bytes, this one has {len(self.code)}")
        if not 0 <= self.quality <= 100:
            raise ValueError("a PDQ quality lies between 0 and 100")

    def __repr__(self) -> str:
        # A hash must never reach a log.
        return f"Hash(..., quality={self.quality})"

    @property
    def hex(self) -> str:
        """The 64 hexadecimal digits that other PDQ tools print."""
        return self.code.hex()


LEAST_ONES, MOST_ONES = 96, 160
"""Bits that are set in the code of any picture with structure: half of the coefficients lie above their median, but for
ties, which only flat pictures have many of."""


def is_of_a_picture(code: bytes) -> bool:
    """False for a code that no picture of enough quality has, such as zeros alone."""
    return LEAST_ONES <= int.from_bytes(code).bit_count() <= MOST_ONES


def parse_code(text: str) -> bytes:
    """The 32 bytes of 64 hexadecimal digits. Raises ValueError otherwise."""
    if len(text) != 2 * CODE_BYTES or not text.isascii() or not text.isalnum():
        raise ValueError("a PDQ code is 64 hexadecimal digits")
    return bytes.fromhex(text)


@dataclass(frozen=True, slots=True)
class PictureView:
    """One view of the picture: the whole or without its border, turned as ORIENTATIONS says."""

    name: ViewName
    orientation: int
    hash: Hash


@dataclass(frozen=True, slots=True)
class FrameViews:
    """One frame of a video or animation. `at`: seconds from its start; `views` as a picture has them."""

    at: float
    views: tuple[PictureView, ...]
    queries: bytes = field(default=b"", repr=False)
    """As HashedMedium.queries."""
    points: bytes = field(default=b"", repr=False)
    """As HashedMedium.points."""
    faces: bytes = field(default=b"", repr=False)
    """As HashedMedium.faces."""


@dataclass(frozen=True, slots=True)
class HashedMedium:
    """Everything kept of one picture or video.

    `width` and `height` in pixels as it is shown (upright, before any shrinking)."""

    width: int
    height: int
    format: str
    """What the content is, in Pillow's words: JPEG, PNG, ..."""
    sha256: str
    """Of the file's bytes, 64 hexadecimal digits."""
    views: tuple[PictureView, ...]
    """8 orientations of the whole picture, then 8 of the trimmed one if it has a border."""
    phash: bytes
    """imagehash's 64-bit pHash of the upright picture, 8 bytes: the second opinion on identical copies."""
    kind: Literal["image", "video"] = "image"
    """An animation of more than one picture is a video; its `views` and `phash` are those of the first frame kept."""
    seconds: float = 0.0
    """Length of a video."""
    partial: bool = False
    """Whether not all of a video was inspected: it is damaged, cut off or too long."""
    frames: tuple[FrameViews, ...] = ()
    """Of a video, in order: those that tell more than the ones before them."""
    queries: bytes = field(default=b"", repr=False)
    """Records of monitor.fingerprints.regions.queries.QUERY_REGION: boxes that are compared with registered ones."""
    points: bytes = field(default=b"", repr=False)
    """What monitor.fingerprints.points.features.pack_points gives: points that are compared with registered ones."""
    regions: "Regions | None" = field(default=None, repr=False)
    """Of a picture that is to be registered: the codes of its boxes, in the set that was asked for."""
    clip: "ClipPoints | None" = field(default=None, repr=False)
    """Of a video that others will be compared with: points of some of its frames."""

    size: int = 0
    """Bytes of the file; 0 where nobody knows any more."""
    variant: str = ""
    """Which of the forms that a platform keeps was hashed, in its words."""

    faces: bytes = field(default=b"", repr=False)
    """Records of monitor.fingerprints.cut_outs.queries.FACE_QUERY, only where some fingerprint at hand has a cut-out.
    Compared and let go of: `packing.keep` leaves them out."""
    cut_out: "CutOut | None" = field(default=None, repr=False)
    """Of a picture that is to be registered: the codes around one face, where that was asked for."""

    @property
    def stills(self) -> "tuple[FrameViews, ...]":
        """What there is to compare: a video's frames, or the picture as its one frame."""
        return self.frames or (FrameViews(0.0, self.views, self.queries, self.points, self.faces),)

    @property
    def whole(self) -> Hash:
        """The hash of the whole upright picture."""
        return self.views[0].hash
