"""The person's own address in a notice: what they are asked, and their yes."""

from pydantic import Field

from api.schemas.common import Body, LongText, Moment, View


class AddressQuestion(View):
    """One notice whose route requires the person's own address."""

    notice_id: str
    route: str
    state: str = Field(description="asked, agreed or declined; closed where there is nothing to answer any more")
    recipient: str = Field(repr=False)
    address: str = Field(repr=False, description="as it would stand there")
    language: str = Field(description="of the text: ko or en")
    text: str = Field(repr=False, description="the whole notice, with the address in its place")
    asked_at: Moment
    answered_at: Moment | None


class AddressQuestions(View):
    """The oldest first."""

    questions: list[AddressQuestion]


class AddressYes(Body):
    """The address that the person saw; another one by now is refused."""

    address: LongText = Field(repr=False)
