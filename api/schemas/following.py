"""Items, deadlines, and re-uploads that are reported with no other decision."""

from pydantic import Field

from api.schemas.common import Body, Moment, View


class ItemView(View):
    """The picture of which a sighting is a copy, by the confirmed post's own hashes."""

    item_id: str | None = Field(description="null: nobody confirmed it, and it is no re-upload of what was")
    first: bool = Field(description="this sighting is the item's first copy")
    copies: int
    first_notice_id: str | None = Field(description="the first notice about any copy that left")
    first_sent_at: Moment | None
    removed_before: list["PastRemoval"] = Field(description="receipts of this copy that are history: it came back")


class PastRemoval(View):
    """A removal that did not last."""

    removed_at: Moment
    came_back_at: Moment


class ResendingWanted(Body):
    """Switch it on or off: the person's switch, or an advocate's, by who asks."""

    on: bool = Field(strict=True)


class ResendingView(View):
    """Whether identical re-uploads of a case are reported with no other decision. It takes both switches."""

    person: bool
    advocate: bool
    on: bool
    most_a_day: int = Field(description="copies of a case in 24 hours; what is more waits for a decision")


class ResentNotice(View):
    """A notice about such a copy."""

    notice_id: str
    route: str
    state: str


class ResentView(View):
    """A re-upload that was reported with no other decision."""

    sighting_id: str
    case_id: str
    item_id: str
    at: Moment
    notices: list[ResentNotice]


class ResentList(View):
    """The latest first."""

    resent: list[ResentView]
    total: int


class ClockView(View):
    """A clock that runs: of a notice, of what was filed by hand, of the duty to tell the police, or of what a platform
    keeps for them."""

    notice_id: str | None = Field(description="null: it is about a filing or a duty; see sighting_id")
    sighting_id: str | None = Field(description="null: it is about what a platform keeps for the police; see case_id")
    case_id: str
    route: str = Field(description="or the step that was filed, or is to be; of what is kept, the platform")
    kind: str = Field(description="answer, block-expiry, preservation, duty, file-by")
    ends_at: Moment
    remind_at: Moment
    advocate_id: str = Field(description="who is in charge; empty: nobody of the case's centre")
    mine: bool


class ClockList(View):
    """One's own first, then what ends first."""

    clocks: list[ClockView]


class NoticeClockView(View):
    """A clock of one notice."""

    kind: str = Field(description="answer, block-expiry, preservation")
    ends_at: Moment
    remind_at: Moment
    reminded_at: Moment | None
    advocate_id: str = Field(description="who is in charge")


class NoticeClockList(View):
    """What ends first before others."""

    clocks: list[NoticeClockView]
