"""Reports of strangers: their picture was registered here by somebody else."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.cases import Language
from api.schemas.common import Body, Line, LongText, Moment, ShortLine, View


class ReportBody(Body):
    """How you can be reached, and what it is about. Never a picture."""

    contact: ShortLine = Field(description="how a centre can reach you", repr=False)
    case_number: Annotated[Line, StringConstraints(max_length=64, strip_whitespace=True)] = Field("", repr=False)
    link: Annotated[Line, StringConstraints(max_length=2048, strip_whitespace=True)] = Field("", repr=False)
    text: LongText = Field("", repr=False)
    organisation: Annotated[Line, StringConstraints(max_length=200, strip_whitespace=True)] = Field(
        "", description="a centre's exact name; else every centre is told"
    )
    language: Language = "ko"


class ReportTaken(View):
    """The same for every report: nothing is said about what is registered."""

    received: bool


class ReportRow(View):
    """A report that waits, without its content."""

    report_id: str
    made_at: Moment
    ends_at: Moment = Field(description="when it is destroyed")
    language: str
    named: bool = Field(description="the reporter named your organisation")


class ReportList(View):
    """A page, the oldest first."""

    reports: list[ReportRow]
    total: int


class ReportWhole(ReportRow):
    """A report; that you read it is recorded."""

    contact: str = Field(repr=False)
    case_number: str = Field(repr=False)
    link: str = Field(repr=False)
    text: str = Field(repr=False)
    ours: bool = Field(description="the case number is one of your organisation's")
