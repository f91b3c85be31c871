"""What a person asks to be watched: fingerprints, links they know, consents."""

from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.schemas.common import Body, Line, Moment, ShortLine, View
from api.schemas.entered import EnteredBy
from monitor.fingerprints.cut_outs.boxes import JITTER
from monitor.fingerprints.cut_outs.codes import LEAST_CODES, CutOut
from monitor.fingerprints.hashes.values import (
    CODE_BYTES,
    FINGERPRINT_VERSION,
    LEAST_ONES,
    MOST_FRAMES,
    MOST_ONES,
    WHOLE_SET,
    is_of_a_picture,
)
from monitor.fingerprints.points.features import POINT
from monitor.fingerprints.regions.box_hashing import BoxCodes
from monitor.fingerprints.regions.boxes import MOST_BOXES
from monitor.fingerprints.regions.codes import MOST_PIXELS, MOST_POINTS, Regions
from monitor.fingerprints.video.clip_points import MOST_FRAME_POINTS, MOST_POINT_FRAMES, ClipPoints
from monitor.model.facts import AgeGroup, PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName

_SHORT = StringConstraints(min_length=1, max_length=16)
_MOST_BOXES = max(MOST_BOXES.values())
LONGEST_CODES = -(-_MOST_BOXES * CODE_BYTES // 3) * 4
LONGEST_POINTS = -(-max(MOST_POINTS.values()) * POINT.itemsize // 3) * 4
"""Characters of base64."""
LONGEST_FRAME_POINTS = -(-MOST_FRAME_POINTS * POINT.itemsize // 3) * 4

_Side = Annotated[int, Field(strict=True, ge=1, le=MOST_PIXELS)]
_Number = Annotated[int, Field(strict=True, ge=0, lt=_MOST_BOXES)]


_JitterNumber = Annotated[int, Field(strict=True, ge=0, lt=len(JITTER))]
LONGEST_CUT_OUT = -(-len(JITTER) * CODE_BYTES // 3) * 4
"""Characters of base64."""


def _of_boxes(table: BoxCodes) -> None:
    ones = np.bitwise_count(table).sum(axis=1, dtype=np.int64)
    if ((ones < LEAST_ONES) | (ones > MOST_ONES)).any():
        raise ValueError(f"no box has such a code: {LEAST_ONES} to {MOST_ONES} of its 256 bits are set")


def _of_a_picture(code: str) -> str:
    if not is_of_a_picture(bytes.fromhex(code)):
        raise ValueError(f"no picture has this code: {LEAST_ONES} to {MOST_ONES} of its 256 bits are set")
    return code


_Code = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$"), AfterValidator(_of_a_picture)]


class RegionsBody(Body):
    """Hashes of parts of the picture: which boxes are laid, and why, says monitor.fingerprints.regions.boxes."""

    version: Annotated[Line, _SHORT]
    set: Annotated[Line, _SHORT]
    size: Annotated[list[_Side], Field(min_length=2, max_length=2)] = Field(description="width and height, in pixels")
    boxes: Annotated[list[_Number], Field(max_length=_MOST_BOXES)] = Field(
        description="numbers of the boxes that tell enough, ascending", repr=False
    )
    codes: Annotated[str, StringConstraints(max_length=LONGEST_CODES, pattern=r"^[A-Za-z0-9+/]*={0,2}$")] = Field(
        description="32 bytes a box, in base64", repr=False
    )
    points: Annotated[str, StringConstraints(max_length=LONGEST_POINTS, pattern=r"^[A-Za-z0-9+/]*={0,2}$")] = Field(
        "",
        description="40 bytes a point, in base64, the strongest first: across, down and radius in 65536ths of the "
        "longer side and the angle in 65536ths of a turn (2 bytes each, the lower first), then 32 bytes of code",
        repr=False,
    )
    area: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=4, max_length=4)] | None = Field(
        None, description="of a screenshot as it is: where in it the photo lies: left, top, right, bottom, from 0 to 1"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        regions = self.value()
        _of_boxes(np.concatenate([regions.table, regions.points["code"]]))
        return self

    def value(self) -> Regions:
        """Raises ValueError that says what is wrong, and never what was sent."""
        return Regions.from_json(self.model_dump())


class CutOutBody(Body):
    """Codes around one's own face: monitor.fingerprints.cut_outs.boxes says where the boxes lie."""

    version: Annotated[Line, _SHORT]
    box: Annotated[list[float], Field(min_length=4, max_length=4)] = Field(
        description="what was drawn: left, top, right and bottom, from 0 to 1 of the photo", repr=False
    )
    boxes: Annotated[list[_JitterNumber], Field(min_length=LEAST_CODES, max_length=len(JITTER))] = Field(
        description="numbers of the boxes that tell enough, ascending", repr=False
    )
    codes: Annotated[str, StringConstraints(max_length=LONGEST_CUT_OUT, pattern=r"^[A-Za-z0-9+/]*={0,2}$")] = Field(
        description="32 bytes a box, in base64", repr=False
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        _of_boxes(self.value().table)
        return self

    def value(self) -> CutOut:
        """Raises ValueError that says what is wrong, and never what was sent."""
        return CutOut.from_json(self.model_dump())


class FrameBody(Body):
    """One frame of a short video."""

    at: float = Field(strict=True, ge=0, le=3600, description="seconds from its start")
    pdq: _Code = Field(description="64 hexadecimal digits", repr=False)


class ClipFrameBody(Body):
    """Points of one frame of a short video."""

    at: float = Field(strict=True, ge=0, le=3600, description="seconds from its start, as in `frames`; 0: the first")
    points: Annotated[str, StringConstraints(max_length=LONGEST_FRAME_POINTS, pattern=r"^[A-Za-z0-9+/]*={0,2}$")] = (
        Field(description="as those of `regions`", repr=False)
    )


class ClipBody(Body):
    """Points of some frames of a short video: by them cropped, framed and pasted copies are found."""

    version: Annotated[Line, _SHORT]
    size: Annotated[list[_Side], Field(min_length=2, max_length=2)] = Field(description="width and height, in pixels")
    frames: Annotated[list[ClipFrameBody], Field(min_length=1, max_length=MOST_POINT_FRAMES)] = Field(repr=False)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        _of_boxes(np.array(self.value().points["code"]))
        return self

    def value(self) -> ClipPoints:
        """Raises ValueError that says what is wrong, and never what was sent."""
        return ClipPoints.from_json(self.model_dump())


class FingerprintBody(Body):
    """A hash made on the person's device. Never the picture."""

    pdq: _Code = Field(description="64 hexadecimal digits", repr=False)
    quality: int = Field(strict=True, ge=0, le=100)
    kind: PictureKind
    version: Annotated[Line, _SHORT] = FINGERPRINT_VERSION
    set: Annotated[Line, _SHORT] = Field(WHOLE_SET, description="whole, slim or full; frames of a video")
    regions: RegionsBody | None = Field(None, description="needed for slim and full", repr=False)
    frames: Annotated[list[FrameBody], Field(max_length=MOST_FRAMES)] = Field(
        default_factory=list, description="of a short video, those after the first, whose hash is `pdq`", repr=False
    )
    clip: ClipBody | None = Field(None, description="of a short video, points of some of its frames", repr=False)
    cut_out: CutOutBody | None = Field(
        None,
        description="experimental: a box around the person's own face in this photo, drawn by themselves; refused "
        "where the operator recorded no legal basis",
        repr=False,
    )
    label: ShortLine = Field("", description="the person's own name for the picture", repr=False)
    age_group: AgeGroup | None = Field(None, description="when this picture was taken; null: as answered for all")


class PictureAge(Body):
    """How old the person was in this picture; unsure counts as minor."""

    age_group: AgeGroup | None = Field(description="null: the intake's answer for all pictures counts")


class PictureLabel(Body):
    """The person's own name for a picture."""

    label: ShortLine = Field(description="kept sealed with the picture's hashes; empty: none", repr=False)


class FingerprintView(View):
    """A fingerprint without its hash."""

    fingerprint_id: str
    kind: str
    age_group: str | None = Field(description="when it was taken; null: as answered for all pictures")
    counts_as: str | None = Field(
        description="what counts for its copies instead: another picture that looks the same was said to be, or "
        "perhaps to be, a minor's; null: what was told of this one"
    )
    origin: str = Field(
        description="registered by the person, or taken from a confirmed post, from beside it in the same post, or "
        "from an entered link"
    )
    version: str
    set: str
    frames: int = Field(description="of a registered video, how many the person gave; 0: a picture")
    cut_out: bool = Field(description="whether the person drew a box around their face in it")
    quality: int | None
    label: str
    added_at: Moment
    entered_by: EnteredBy | None = Field(description="the advocate who entered it for the person; null: the person")
    paused_since: Moment | None = Field(
        description="for an advocate: since when it is not compared, because it fitted too many posts in an hour or is "
        "one that many people use; null: it is compared. Always null for the person: how much it fitted tells of "
        "copies that were not released"
    )


class FingerprintList(View):
    """All that are in use."""

    fingerprints: list[FingerprintView]


class LinkBody(Body):
    """A link that the person knows. `room`: it may be the title of a closed room in place of an address."""

    url: Annotated[Line, StringConstraints(min_length=1, max_length=2048, strip_whitespace=True)] = Field(repr=False)
    kind: PictureKind
    room: bool = Field(False, strict=True)


class LinkTick(Body):
    """Whether the person has done what can be done there."""

    done: bool = Field(strict=True)


class LinkEntered(View):
    """What becomes of it. `routed`: recorded, and never read; `done`: routed, and ticked off by the person."""

    link_id: str
    state: str
    reason: str | None


class LinkView(LinkEntered):
    """A link that was entered."""

    url: str = Field(repr=False)
    kind: str
    platform: str | None
    public: bool
    entered_at: Moment
    entered_by: EnteredBy | None = Field(description="the advocate who entered it for the person; null: the person")
    waits_for: str | None = Field(
        description="of an entered one that is read here: vouching, go-on (the person paused everything), work (it is "
        "stopped), platform (it is not read here now) or turn; else null"
    )
    help: str | None = Field(description="the part of /elsewhere that tells what can be done there; null: read here")
    read_at: Moment | None


class LinkList(View):
    """All that were entered."""

    links: list[LinkView]


class ConsentBody(Body):
    """The person's yes to a public source, for each purpose apart."""

    platform: PlatformName
    source: Annotated[Line, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)] = Field(
        description="@name or its link", repr=False
    )
    purposes: list[Purpose] = Field(min_length=1, max_length=4)
    days: float | None = Field(None, ge=0.001, le=365, strict=True, description="default 90")


class ConsentView(View):
    """One purpose at one source, with its end."""

    consent_id: str
    platform: str
    source: str
    source_id: str
    purpose: str
    given_at: Moment
    entered_by: EnteredBy | None = Field(description="the advocate who entered it for the person; null: the person")
    expires_at: Moment
    withdrawn_at: Moment | None
    live: bool
    renewal: bool = Field(description="it ends within seven days: ask the person again")
    read_at: Moment | None = Field(
        description="when the source was last read for this case without an error; silence is no all-clear. Null "
        "before vouching, and whatever others have read there"
    )
    unavailable: str | None = Field(description="why it could not be read for this case the last time")
    not_inspected: int = Field(
        description="pictures and videos of this source that could not be inspected for this case, or only in part: a "
        "copy may be among them"
    )


class ConsentList(View):
    """Every consent of the case, withdrawn and ended ones too."""

    consents: list[ConsentView]


class AllWithdrawn(View):
    """What ended, and how many notices were stopped with it, of those that the caller sees."""

    withdrawn: int = Field(description="places that the person had named, whatever they had said yes to there")
    listed: bool = Field(description="the yes to their centre's list ended too")
    stopped_notices: int


class ConsentWithdrawn(View):
    """How many notices were stopped with it, of those that the caller sees."""

    stopped_notices: int
