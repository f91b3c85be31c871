"""How a case stands in numbers, and its places: what the person's page shows first."""

from pydantic import Field

from api.deps import ID_PATTERN
from api.schemas.common import Body, Moment, View
from api.schemas.entered import EnteredBy


class NewsView(View):
    """What happened since the log-in before this one."""

    since: Moment | None = Field(description="null: this is the first time")
    found: int
    removed: int
    came_back: int
    sent: int = Field(description="notices that left")
    taken_back: int = Field(description="what stood as gone, and should not have been confirmed")


class CoverageView(View):
    """Where was looked, and where not."""

    places: int = Field(description="that the person agreed to have watched, paused ones too")
    paused: int
    going: int = Field(description="places that the person named, to watch or to follow, and that do not rest")
    listed: int = Field(description="on the centre's list, as many as the person said yes to having watched")
    unread: int = Field(description="not paused, and not readable, or not read for a day: a gap")
    not_inspected: int = Field(description="pictures and videos there that could not be fully looked at")
    read_at: Moment | None = Field(description="when the place was read that was read longest ago")


class StandingView(View):
    """Numbers and times alone: no address, no name of a place, no word of a post."""

    removed: int
    waiting: int = Field(description="found, and nothing was sent about it yet")
    followed: int = Field(description="reported, and looked at again until it is gone")
    resting: int = Field(description="reported, and not looked at again, because the person lets it rest")
    unfollowed: int = Field(description="reported, and not looked at again, because no yes to that stands")
    asked: int = Field(description="questions that wait for the person")
    police_over: bool = Field(description="one of them: whether the person goes on waiting for the police")
    unread: int = Field(description="messages of the centre that the person has not opened")
    news: NewsView
    coverage: CoverageView
    paused_at: Moment | None = Field(description="since when the person lets nothing be read at all")
    reissue_due_at: Moment | None = Field(description="a lead asked for a new passphrase: when it may be drawn")
    next_check_at: Moment | None
    next_check_due: bool = Field(description="that time has come")


class PurposeView(View):
    """One purpose at a place, with its end."""

    purpose: str
    consent_id: str
    expires_at: Moment
    renewal: bool = Field(description="it ends within seven days")
    entered_by: EnteredBy | None


class PlaceView(View):
    """One place with everything that the person agreed to there."""

    source_id: str
    platform: str
    source: str
    purposes: list[PurposeView]
    paused_at: Moment | None
    read_at: Moment | None
    unavailable: str | None
    not_inspected: int


class PlaceList(View):
    """The places whose consents stand."""

    places: list[PlaceView]
    paused_at: Moment | None = Field(description="since when all is paused, what is added later too")


class PauseWanted(Body):
    """What to pause, or to let go on."""

    paused: bool = Field(strict=True)
    source_id: str | None = Field(None, pattern=ID_PATTERN, description="one place; null: all")
