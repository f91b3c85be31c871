"""What a centre tells persons of itself."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, Moment, Text, View
from monitor.actions.centre_list import MOST_PLACES
from monitor.cases.correspondence import LONGEST_ADDRESS
from monitor.model.opening_hours import DAY, DAYS, MOST_PARTS
from monitor.model.records.centre_profile import LONGEST_NAME, LONGEST_WAY, LONGEST_WORDS
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName

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


class SettingsBody(Body):
    """Where the centre works, and where answers to its notices go."""

    country: Annotated[Line, StringConstraints(pattern="^([A-Z]{2})?$")] = Field(description='such as KR; "": not said')
    reply_to: Annotated[Line, StringConstraints(max_length=LONGEST_ADDRESS, strip_whitespace=True)] = Field(
        description='best a mailbox that the installation reads; "": the address that notices come from'
    )


class SettingsView(SettingsBody):
    """The same, and what the operator recorded: by that a centre may send more, so it does not say so itself."""

    designated: bool = Field(description="a state named it for reporting such pictures")
    registered_with: str = Field(description="the body that keeps it on a list of reporters, and its number there")
    sole_advocate: bool = Field(description="one advocate may vouch, enter a permission and send alone")


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
    until_there: dict[str, str] = Field(description="by language: the same in words, by the centre's own clocks")
    city: dict[str, str] = Field(description="by language: by whose clocks the centre tells its hours")
    always: bool = Field(description="day and night")


class CentreCards(View):
    """Every centre that works here, by name."""

    centres: list[CentreCard]


class PlacesBody(Body):
    """Public channels or accounts for the centre's list."""

    platform: PlatformName
    sources: list[Annotated[Line, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]] = Field(
        min_length=1, max_length=MOST_PLACES, description="@name or its link", repr=False
    )
    note: _Words = Field("", description="what the centre knows of them", repr=False)


class NoteBody(Body):
    """What the centre knows of a place."""

    note: _Words = Field(repr=False)


class PlaceView(View):
    """A place on the list, as the centre's own advocates see it."""

    place_id: str
    platform: str
    source: str
    note: str
    added_at: Moment
    added_by: str = Field(description="the advocate's name")


class PlaceList(View):
    """The centre's list."""

    places: list[PlaceView]


class AgreedListView(View):
    """A yes to the whole list that stands, to one purpose."""

    purpose: str
    places: int = Field(description="how many the person was told")
    given_at: Moment
    expires_at: Moment
    renewal: bool = Field(description="it ends within seven days: ask the person again")
    added: int = Field(description="places that joined since: not read before the person agrees again")
    removed: int = Field(description="places that the centre took off since: read no more")


class ListView(View):
    """The centre's list, in numbers: its names are told to nobody but the centre."""

    places: int | None = Field(description="how many stand on it now; null: no centre has vouched yet")
    agreed: list[AgreedListView]


class ListBody(Body):
    """The person's yes to everything on the list."""

    places: int = Field(strict=True, ge=0, le=MOST_PLACES, description="the number that they were shown")
    purposes: list[Purpose] = Field(min_length=1, max_length=4)
    days: float | None = Field(None, ge=0.001, le=365, strict=True, description="default 90")


class ListTakenBack(View):
    """How many notices were stopped with it, of those that the caller sees."""

    stopped_notices: int


class CodeBody(Body):
    """A helpline's one-time code, as letters or as six words."""

    code: Annotated[Line, StringConstraints(min_length=1, max_length=120)] = Field(repr=False)


class SelfNoticeView(View):
    """A text to copy for one link that the person entered. Nothing of it is sent from here."""

    link_id: str
    url: str = Field(repr=False)
    address: str = Field(description="an e-mail address, or a form", repr=False)
    language: str = Field(description="of whoever gets it, in which the text is written")
    subject: str
    body: str = Field(repr=False)
    minor: bool = Field(description="the person may have been under age: the text holds the link alone")


class SelfNotices(View):
    """For each link one for every recipient that takes such a text."""

    notices: list[SelfNoticeView]
