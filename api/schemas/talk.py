"""Messages between a person and their centre, and what the person is asked about possible copies."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, LongText, Moment, ShortLine, View
from monitor.actions.messages import LONGEST
from monitor.model.facts import PersonsWord


class MessageBody(Body):
    """Plain text."""

    text: Annotated[LongText, StringConstraints(min_length=1, max_length=LONGEST)] = Field(repr=False)
    centre: ShortLine | None = Field(
        None, description="which one was shown as its reader; where another one has the case by now: centre-changed"
    )


class MessageView(View):
    """One message."""

    message_id: str
    mine: bool = Field(description="the caller's side wrote it")
    by: str = Field(description="the advocate and their centre; empty: the person")
    text: str = Field(repr=False)
    written_at: Moment
    read_at: Moment | None = Field(description="when the other side opened it")
    former: str = Field(
        description="to the person: the centre that they wrote it to, where it does not have the case and reads no more"
    )


class TalkView(View):
    """Everything that was written, in order."""

    messages: list[MessageView]
    centre: str = Field(description="who reads what the person writes now; empty: no centre has the case")


class FrameView(View):
    """A picture's outline, and the part of it that fits: left, top, width and height in the same units."""

    width: float
    height: float
    box: tuple[float, float, float, float]
    flag: str = Field(description="an SVG transform that shows how it is turned; empty: it is not")


class QuestionView(View):
    """Is this yours? Told without a link, a word of the post or a picture."""

    sighting_id: str
    platform: str
    source: str
    posted_at: Moment
    found_at: Moment
    label: str = Field(description="the person's own name for the photo that it looks like; may be empty", repr=False)
    own: bool = Field(description="it looks like a photo that the person registered")
    compared: str = Field(description="which part of that photo, in words")
    posted: str = Field(description="which part of the picture in the post, in words")
    facts: list[str] = Field(description="how it matched, in words")
    mine: FrameView | None = Field(description="the photo in outline")
    theirs: FrameView | None = Field(description="the picture in the post in outline")
    asked_at: Moment
    answer: PersonsWord | None
    answered_at: Moment | None


class QuestionList(View):
    """What the person is asked, and answered while nobody decided."""

    questions: list[QuestionView]


class AskingAgain(Body):
    """Without it an answer that stands is not asked over."""

    over: PersonsWord | None = Field(None, description="the answer that was read, where the person is asked again")


class QuestionAnswer(Body):
    """Yes, no, or not sure."""

    answer: PersonsWord
