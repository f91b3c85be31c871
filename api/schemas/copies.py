"""Confirmed copies, each in its one state, and what people filed about them."""

from pydantic import AwareDatetime, Field

from api.schemas.common import Body, LongText, Moment, ShortLine, View
from monitor.model.copies import Closing, FilingAnswer


class CopyView(View):
    """A confirmed copy and how it stands. Where it is stays out while its case is on hold, or is being erased."""

    sighting_id: str
    case_id: str
    platform: str | None
    source: str | None
    post_id: str | None
    kind: str | None
    minor: bool = Field(description="under age when pictured, or not sure")
    state: str = Field(
        description="overdue, in-doubt, waiting, not-allowed, ready, escalated, sent, erasing, closed or removed"
    )
    why: str = Field(description="a code")
    mover: str = Field(description="who can change it: advocate, person, lead, recipient or nobody")
    since: Moment
    next_at: Moment | None = Field(description="when a clock runs out")
    notice_id: str | None
    filing_id: str | None


class CopyList(View):
    """A page, the worst first; `counts` says how many are in each state."""

    copies: list[CopyView]
    counts: dict[str, int]
    total: int


class StepView(View):
    """A step that a person can file, with everything that they need."""

    step: str
    title: str
    notice_id: str | None
    prepared_at: Moment
    channel: str
    address: str = Field(repr=False)
    subject: str = Field(repr=False)
    body: str = Field(repr=False)
    missing: list[str]
    doubts: list[str] = Field(description="facts about this way that no source confirms")
    filed: bool
    file_by: Moment | None = Field(description="until when its recipient takes it; null: any time")


class FilingView(View):
    """A step that a person filed, its own clock, and the answer."""

    filing_id: str
    step: str
    title: str
    number: int = Field(description="1 for the first filing of this step about this copy")
    notice_id: str | None
    filed_at: Moment
    filed_by: str = Field(description="the name under which the advocate works")
    deadline_at: Moment | None
    reference: str = Field(repr=False)
    note: str = Field(repr=False)
    subject: str = Field(repr=False)
    body: str = Field(repr=False)
    answer: str | None
    answered_at: Moment | None
    answer_text: str = Field(repr=False)


class CopyWhole(View):
    """A confirmed copy with all that was done and can be done about it."""

    copy_: CopyView = Field(alias="copy")
    url: str = Field(repr=False)
    steps: list[StepView]
    filings: list[FilingView]
    closed_for: str | None
    can_prepare: list[str] = Field(description="notices that were sent, of which the next step can be prepared now")


class FilingBody(Body):
    """A person filed this step."""

    step: str = Field(max_length=32)
    reference: ShortLine = Field("", repr=False, description="empty where the recipient gave none")
    note: LongText = Field("", repr=False)
    filed_at: AwareDatetime | None = Field(None, description="null: just now")
    whole_case: bool = Field(
        False, strict=True, description="for every open copy of the case of which this step was not filed yet"
    )


class AnswerBody(Body):
    """What the recipient answered."""

    answer: FilingAnswer
    text: LongText = Field("", repr=False)
    answered_at: AwareDatetime | None = Field(None, description="null: just now")


class ClosingBody(Body):
    """Why nothing more is done about a copy."""

    reason: Closing


class NextStepsBody(Body):
    """The notice of which the next steps are prepared."""

    notice_id: str = Field(max_length=32)
