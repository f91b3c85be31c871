"""What somebody enters before they opened a case, as their own page sends and shows it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.cases import Language
from api.schemas.common import Body, Line, LongText, Moment, ShortLine, View
from api.schemas.watching import ConsentBody, FingerprintBody, LinkBody
from monitor.model.facts import AgeGroup, PictureKind, SenderRole, Timing
from monitor.model.guardians import Guardian

Step = Literal["", "step-agree", "step-you", "step-pictures", "step-places", "step-notice", "step-open"]
_Country = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2})?$", to_upper=True)]
_Unfinished = Annotated[dict[Literal["source", "url"], Annotated[Line, StringConstraints(max_length=2048)]], Field()]


class AgreementBody(Body):
    """What must be said before anything is kept."""

    version: Annotated[Line, StringConstraints(min_length=1, max_length=16)] = Field(
        description="of the privacy notice that was read"
    )
    under_age: bool = Field(strict=True, description="too young, in their country, to agree alone")
    guardian: Guardian = Guardian.NOT_NEEDED


class AnswersBody(Body):
    """The answers so far. Empty: not told yet."""

    agreement: AgreementBody
    language: Language
    step: Step = ""
    age_group: AgeGroup | None = None
    country: _Country = ""
    sender_role: SenderRole = SenderRole.PERSON
    signature: ShortLine = Field("", repr=False)
    mandate_reference: ShortLine = Field("", repr=False)
    good_faith_facts: LongText = Field("", repr=False)
    content_identification: LongText = Field("", repr=False)
    contact: ShortLine = Field("", repr=False)
    permission_to_send: bool = Field(False, strict=True)
    timing: Timing = Timing.NOW
    police_until: date | None = None
    code: Annotated[Line, StringConstraints(max_length=120, strip_whitespace=True)] = Field("", repr=False)
    any_centre: bool = Field(False, strict=True)
    unfinished: _Unfinished = Field(default_factory=dict, repr=False, description="typed, and not added yet")


AnswerName = Literal[
    "agreement",
    "language",
    "step",
    "age_group",
    "country",
    "sender_role",
    "signature",
    "mandate_reference",
    "good_faith_facts",
    "content_identification",
    "contact",
    "permission_to_send",
    "timing",
    "police_until",
    "code",
    "any_centre",
    "unfinished",
]


class AnswersToKeep(AnswersBody):
    """The answers as they stand on one page, and which of them were given there."""

    changed: frozenset[AnswerName] | None = Field(
        None, description="the others stay as another window left them; null: all of them count"
    )


class PictureBody(FingerprintBody):
    """As a case takes it."""


class PictureChange(Body):
    """A correction of what was told of a picture. Fields that are not sent stay."""

    kind: PictureKind | None = None
    age_group: AgeGroup | None = Field(None, description="null: as answered for all")
    label: ShortLine | None = Field(None, description="the person's own name for it; empty: none", repr=False)
    cut_out: None = Field(None, description="sent as null, the box around the face is taken back")


class PlaceBody(ConsentBody):
    """As a case takes it."""


class DraftLinkBody(LinkBody):
    """As a case takes it."""


class OpenBody(Body):
    """Open the case with what was reviewed."""

    key: Annotated[Line, StringConstraints(min_length=1, max_length=64)] = Field(
        description="of the draft as it was reviewed"
    )
    empty: bool = Field(False, strict=True, description="a case without a picture, place or link is meant")


class TypedBackBody(Body):
    """The passphrase, as the person typed it from their own note."""

    passphrase: Annotated[Line, StringConstraints(min_length=1, max_length=300)] = Field(repr=False)


class ItemKept(View):
    """A picture, place or link of a draft."""

    id: str
    replaced: str = Field(default="", description="the id of the same one in whose place it stands now")


class PictureKept(ItemKept):
    """A picture of a draft, without its hash."""

    kind: str
    set: str
    frames: int = Field(description="of a video; 0: a picture")
    cut_out: bool
    label: str
    age_group: str | None


class PlaceKept(ItemKept):
    """A place of a draft."""

    platform: str
    source: str
    purposes: list[str]
    days: float | None


class LinkKept(ItemKept):
    """A link of a draft."""

    url: str = Field(repr=False)
    kind: str


class LeftOut(View):
    """What could not be kept."""

    what: str = Field(description="picture, place, link; cut-out: the picture was kept without the box")
    number: int = Field(description="which of those")
    code: str


class OpenedView(View):
    """The keys, shown until they were typed back."""

    case_id: str
    passphrase: str = Field(repr=False)
    state: str
    left_out: list[LeftOut]


class DraftView(View):
    """What this browser has entered."""

    state: Literal["none", "begun", "opened"]
    key: str = Field(default="", description="names the draft as it stands, for opening it")
    draft: str = Field(default="", description="which one it is: the page says it with each request")
    expires_at: Moment | None = None
    answers: AnswersBody | None = Field(default=None, repr=False)
    pictures: list[PictureKept] = Field(default_factory=list)
    places: list[PlaceKept] = Field(default_factory=list)
    links: list[LinkKept] = Field(default_factory=list)
    opened: OpenedView | None = Field(default=None, repr=False)


class Kept(View):
    """The answers are kept."""

    expires_at: Moment
    draft: str = Field(description="which one it is: the page says it with each request")
    anew: bool = Field(description="a draft was begun with them: what was entered before, if anything, is not in it")
    answers: AnswersBody = Field(description="all of them, with those of another window", repr=False)
