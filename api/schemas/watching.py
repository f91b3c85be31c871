"""What a person asks to be watched: fingerprints, links they know, consents."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, Moment, ShortLine, View
from monitor.cases.facts import PictureKind
from monitor.cases.state import Purpose
from monitor.fingerprints.values import FINGERPRINT_VERSION, WHOLE_SET
from monitor.platforms.base import PlatformName

_SHORT = StringConstraints(min_length=1, max_length=16)


class FingerprintBody(Body):
    """A hash made on the person's device. Never the picture."""

    pdq: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")] = Field(
        description="64 hexadecimal digits", repr=False
    )
    quality: int = Field(strict=True, ge=0, le=100)
    kind: PictureKind
    version: Annotated[Line, _SHORT] = FINGERPRINT_VERSION
    set: Annotated[Line, _SHORT] = WHOLE_SET
    label: ShortLine = Field("", description="the person's own name for the picture", repr=False)


class FingerprintView(View):
    """A fingerprint without its hash."""

    fingerprint_id: str
    kind: str
    origin: str = Field(
        description="registered by the person, or taken from a confirmed post, from beside it in the same post, or "
        "from an entered link"
    )
    version: str
    set: str
    quality: int | None
    label: str
    added_at: Moment
    paused_since: Moment | None = Field(
        description="since when it is not compared, because it fitted too many posts in an hour: an advocate looks at "
        "it. A picture with more in it helps; null: it is compared"
    )


class FingerprintList(View):
    """All that are in use."""

    fingerprints: list[FingerprintView]


class LinkBody(Body):
    """A link that the person knows."""

    url: Annotated[Line, StringConstraints(min_length=1, max_length=2048, strip_whitespace=True)] = Field(repr=False)
    kind: PictureKind


class LinkEntered(View):
    """What becomes of it. `routed`: recorded, and never read."""

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
    expires_at: Moment
    withdrawn_at: Moment | None
    live: bool
    renewal: bool = Field(description="it ends within seven days: ask the person again")
    read_at: Moment | None = Field(
        description="when the source was last read without an error; silence is no all-clear"
    )
    unavailable: str | None = Field(description="why it could not be read the last time")


class ConsentList(View):
    """Every consent of the case, withdrawn and ended ones too."""

    consents: list[ConsentView]


class ConsentWithdrawn(View):
    """How many notices were stopped with it."""

    stopped_notices: int
