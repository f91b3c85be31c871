"""Which fingerprints a picture is compared with: a set, ready to be searched. Pure: a query of db fills it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from monitor.fingerprints.cut_outs.codes import CutOut
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, WHOLE_SET
from monitor.fingerprints.regions.codes import WITH_SQUARES, Regions
from monitor.fingerprints.video.clip_points import ClipPoints
from monitor.matching.clip_frames import clip_frames
from monitor.matching.cut_out_index import CutOutIndex
from monitor.matching.index import HashIndex
from monitor.matching.point_index import PointIndex
from monitor.matching.region_index import RegionIndex

WatchedKind = Literal["intimate", "faked", "ordinary"]
Origin = Literal["registered", "confirmed", "beside", "link"]


@dataclass(frozen=True, slots=True)
class Watched:
    """One fingerprint whose owner consents to the source at hand."""

    fingerprint_id: str
    case_id: str
    code: bytes = field(repr=False)
    """32 bytes, see monitor.fingerprints.hashes.values.Hash."""
    kind: WatchedKind
    origin: Origin = "registered"
    """Where it came from: the person's own photo, the confirmed medium of a post, another medium beside it in the
    same post (which nobody decided about), or a link the person entered."""
    phash: bytes | None = field(default=None, repr=False)
    """8 bytes; only of media that we inspected ourselves, never of registered photos."""
    version: str = FINGERPRINT_VERSION
    set_name: str = WHOLE_SET
    regions: Regions | None = field(default=None, repr=False)
    """Codes of its boxes, for the sets slim and full."""
    frames: tuple[tuple[float, bytes], ...] = field(default=(), repr=False)
    """Of a video: seconds and the 32 bytes of each frame after the first."""
    clip: ClipPoints | None = field(default=None, repr=False)
    """Of a video: points of some of its frames."""
    cut_out: CutOut | None = field(default=None, repr=False)
    """Codes around one face, where the person drew a box for that and nothing forbids to compare it here."""


class WatchSet:
    """An immutable set of watched fingerprints with its index. Build one per source and crawl, or swap it whole."""

    def __init__(
        self,
        watched: Iterable[Watched],
        *,
        benign: HashIndex | None = None,
        templates: HashIndex | None = None,
        one_case: bool = False,
    ) -> None:
        """`benign`: hashes of pictures known to be harmless, see `monitor.matching.verdict`. `templates`: codes of
        boxes of template pictures, see `monitor.matching.template_parts`. `one_case`: all of it is one person's,
        whatever their case ids are used for."""
        everything = tuple(watched)
        self.watched = tuple(one for one in everything if one.version == FINGERPRINT_VERSION)
        self.incomparable = tuple(one.fingerprint_id for one in everything if one.version != FINGERPRINT_VERSION)
        """Ids of fingerprints of another version: not compared, because their bits mean something else. Report them."""
        rows = [(number, None if not one.frames else 0.0, one.code) for number, one in enumerate(self.watched)]
        rows += [(number, at, code) for number, one in enumerate(self.watched) for at, code in one.frames]
        self.rows = tuple((number, at) for number, at, _ in rows)
        """For each row of `index` the place in `watched`, and the second of a video (None: a picture)."""
        self.index = HashIndex([self.watched[number].fingerprint_id for number, _, _ in rows], [row[2] for row in rows])
        self.regions = RegionIndex(
            [one.regions for one in self.watched],
            ["" if one_case else one.case_id for one in self.watched],
            templates=templates,
        )
        frames = [
            (number, frame)
            for number, one in enumerate(self.watched)
            if one.clip is not None
            for frame in clip_frames(one.clip, {0.0: one.code, **dict(one.frames)})
        ]
        pictures: list[tuple[int, float | None]] = [(number, None) for number in range(len(self.watched))]
        self.point_rows = (*pictures, *((number, frame.at) for number, frame in frames))
        """For each owner of `points` the place in `watched`, and the second of a video (None: a picture)."""
        self.points = PointIndex([one.regions for one in self.watched], frames=frames, templates=templates)
        self.has_squares = any(one.regions is not None and one.regions.version == WITH_SQUARES for one in self.watched)
        """Whether anything was registered before there were points."""
        self.cut_outs = CutOutIndex([one.cut_out for one in self.watched])
        self.benign = benign if benign is not None and len(benign) else None
        self.templates = templates
        self.codes = {one.fingerprint_id: (one.code, *(code for _, code in one.frames)) for one in self.watched}
        """Each fingerprint's own codes, by its id."""

    def __len__(self) -> int:
        return len(self.watched)
