"""What a centre tells persons of itself."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, Moment, Text, View
from monitor.model.opening_hours import DAY, DAYS, MOST_PARTS
from monitor.model.records.centre_profile import LONGEST_NAME, LONGEST_WAY, LONGEST_WORDS

_Name = Annotated[Line, StringConstraints(max_length=LONGEST_NAME, strip_whitespace=True)]
_Way = Annotated[Line, StringConstraints(max_length=LONGEST_WAY, strip_whitespace=True)]
_Words = Annotated[Text, StringConstraints(max_length=LONGEST_WORDS, strip_whitespace=True)]


class HoursBody(Body):
    """One span of one weekday."""

    day: int = Field(strict=True, ge=0, lt=len(DAYS), description="0: Monday")
    opens: int = Field(strict=True, ge=0, lt=DAY, description="minutes from midnight in the centre's own zone")
    closes: int = Field(strict=True, ge=1, le=2 * DAY, description="above 1440: on the next day")


class ProfileBody(Body):
    """How a person reaches the centre, and what it asks. Vouching needs no identity document: don't ask for one."""

    name_ko: _Name
    name_en: _Name
    asks_ko: _Words = Field(description="what the centre asks before it vouches, in Korean")
    asks_en: _Words
    phone: _Way = ""
    text: _Way = Field("", description="a number for text messages")
    chat: _Way = Field("", description="a link that begins with https://, or a name to look for")
    hours: list[HoursBody] = Field(default_factory=list, max_length=MOST_PARTS)
    zone: _Way = Field("Asia/Seoul", description="of the hours, such as Asia/Seoul")
    note_ko: _Words = Field("", description="what else matters of the hours, such as holidays")
    note_en: _Words = ""
    languages: list[_Way] = Field(min_length=1, max_length=30, description="ISO 639-1, such as ko")


class ProfileView(ProfileBody):
    """As it is kept."""


class OwnProfile(View):
    """The centre's own profile; null: nobody wrote one yet."""

    profile: ProfileView | None
    version: int = Field(description="0: none yet")
    changed_at: Moment | None
    changed_by: str | None = Field(description="the advocate's name")


class CentreCard(View):
    """A centre as everybody is told of it."""

    organisation: str
    contact: str = Field(description="as the operator wrote it, where the centre wrote nothing; may be empty")
    profile: ProfileView | None
    is_open: bool | None = Field(description="now; null: it did not say when it is open")
    until: Moment | None = Field(description="when that changes; null: never, or nobody knows")
    always: bool = Field(description="day and night")


class CentreCards(View):
    """Every centre that works here, by name."""

    centres: list[CentreCard]


class CodeBody(Body):
    """A helpline's one-time code, as letters or as six words."""

    code: Annotated[Line, StringConstraints(min_length=1, max_length=120)] = Field(repr=False)


class SelfNoticeView(View):
    """A text to copy for one link that the person entered. Nothing of it is sent from here."""

    link_id: str
    url: str = Field(repr=False)
    address: str = Field(description="an e-mail address, or a form", repr=False)
    subject: str
    body: str = Field(repr=False)
    minor: bool = Field(description="the person may have been under age: the text holds the link alone")


class SelfNotices(View):
    """One for each link to a platform that is known here."""

    notices: list[SelfNoticeView]
