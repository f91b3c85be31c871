"""Reports about whole channels and accounts, and the parts of a joint one."""

from typing import Annotated

from pydantic import Field

from api.schemas.common import Body, LongText, Moment, ShortLine, View
from monitor.model.place_reports import PlaceRoute

Ids = Annotated[list[Annotated[str, Field(pattern="^[a-z2-7]{26}$")]], Field(max_length=200)]


class PlaceReportBody(Body):
    """What to prepare."""

    route: PlaceRoute
    language: str = Field("en", pattern="^(en|ko)$")


class PlaceReportView(View):
    """A report, for the centre that wrote it."""

    report_id: str
    source_id: str
    route: str
    language: str
    state: str
    reason: str | None
    created_at: Moment
    sent_at: Moment | None


class PlaceReportList(View):
    """The newest first."""

    reports: list[PlaceReportView]


class PartView(View):
    """One person's part, for the centre: never their words."""

    case_id: str
    part_id: str | None = Field(description="null: not asked")
    state: str | None
    minor: bool = Field(description="their copies there count as a minor's: not asked here")
    withdrawn: bool = Field(description="they took back their consent to this source: neither asked nor in the text")
    in_text: bool = Field(description="their part stands in the text as it is now")


class ShownTextView(View):
    """A text of a joint report that was read here, and reads otherwise by now: it may have been sent."""

    digest: str
    shown_at: Moment
    parts: int
    case_ids: list[str] = Field(description="of those in it whose cases the centre sees now")


class PlaceReportDetail(PlaceReportView):
    """With what is sent, where to, and of a joint one whom it may hold."""

    text: str = Field(
        description="as it would leave now, or as it left; empty where nothing may leave (`kept_back`), and of a joint "
        "one before two agreed",
        repr=False,
    )
    recipient: str
    kept_back: str | None = Field(description="why nothing may leave now; null: it may, or it left")
    digest: str = Field(
        description="SHA-256 over text and recipient: sending and noting take it, and refuse when it has changed. "
        "Where nothing may leave now: of what was written before, for whoever sent that already"
    )
    parts: list[PartView]
    shown_before: list[ShownTextView] = Field(
        description="of a joint one that was not noted as sent: what was read here before, the newest first. Whoever "
        "had sent one of these notes it by its digest, whatever somebody said in between"
    )


class PartsToAsk(Body):
    """Whom to ask."""

    case_ids: Ids


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PlaceSending(Body):
    """It is sent as it was shown, or not at all."""

    digest: Digest | None = Field(None, description="of what was looked at; without it, what reads now is sent")


class PlaceSubmission(Body):
    """A person sent it."""

    digest: Digest | None = Field(
        None,
        description="of the text that was sent; without it, only the parts are compared. Of a joint one that was shown "
        "here it says which parts were in it",
    )
    reference: ShortLine = Field("", description="what the platform answered, if anything")
    parts: Ids = Field([], description="of a joint one: the parts that stood in the text that was sent")


class PlaceSettling(Body):
    """Whether a report in doubt arrived."""

    arrived: bool


class JointPartView(View):
    """What the person is asked, or was. Neither the place nor anybody else is named."""

    part_id: str
    state: str
    asked_by: str
    organisation: str
    asked_at: Moment
    answered_at: Moment | None
    left_before: bool = Field(
        description="the centre had read it before the person said something else, and sent that; noted only then"
    )


class JointPartList(View):
    """The oldest first."""

    parts: list[JointPartView]


class JointAnswer(Body):
    """The person agrees, in their own name."""

    signature: ShortLine = Field(repr=False)
    statement: LongText = Field("", description="in their own words, as much as they want", repr=False)
