"""What a lead sees of the centre, and an advocate of their own days."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.deps import ID_PATTERN
from api.schemas.common import Body, Moment, ShortLine, View

Group = Literal["reading", "deciding", "sending", "cases", "centre"]


class LoadView(View):
    """What one advocate is in charge of. Nothing of how much they decide."""

    advocate_id: str = Field(description="empty: of all who work elsewhere, together")
    name: str = Field(description="empty: as with the id")
    lead: bool
    active: bool = Field(description="false: they left, and nobody does what they were in charge of")
    cases: int = Field(description="that they are in charge of, without those on hold")
    clocks: int = Field(description="running clocks of notices that they answer for")
    notices: int = Field(description="notices of theirs that wait for a person's next step")


class OverdueView(View):
    """Alerts of one kind that nobody dealt with for a day."""

    kind: str
    count: int
    since: Moment


class WrongView(View):
    """Decisions of 90 days that were taken back, of the centre as a whole."""

    decisions: int
    confirmations_back: int
    dismissals_back: int
    notices_back: int = Field(description="notices that had left and were retracted")
    per_hundred: float | None = Field(description="taken back, of a hundred; null: fewer than 20 decisions say nothing")


class OverviewView(View):
    """How the centre stands now: numbers, names in their own order, times."""

    in_pool: int
    late_in_pool: int
    oldest_in_pool: Moment | None
    in_hand: int
    unread: int
    oldest_unread: Moment | None
    undecided: int = Field(description="possible copies that nobody decided about for 72 hours")
    oldest_undecided: Moment | None
    clocks: int
    clocks_soon: int = Field(description="that end within 48 hours")
    first_clock: Moment | None
    load: list[LoadView]
    alerts: list[OverdueView]
    wrong: WrongView


class DeedView(View):
    """One entry of the ledger: who did which step."""

    at: Moment
    kind: str
    who: str = Field(description="person, advocate, code, platform, operator, program; empty: nobody knows any more")
    door: str
    doer: str | None = Field(description="the advocate's id; of others their own word")
    name: str = Field(description="of an advocate")
    case_id: str = Field(description="empty: of the centre as a whole")
    seq: int | None
    entry_hash: str
    prev_hash: str


class AuditView(View):
    """A page, the newest first."""

    deeds: list[DeedView]
    following: str | None = Field(description="what `after` is for the next page; null: this was the last")


class AuditWanted(Body):
    """Which deeds to take along, and as what."""

    form: Literal["json", "csv"]
    language: Literal["ko", "en"] = "ko"
    who: ShortLine = "people"
    group: Group | None = None
    since: date | None = None
    until: date | None = None
    case_id: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


class RestView(View):
    """One's own days and breaks. Nobody else sees them."""

    days: list["DayView"]
    minutes: int
    next_at: Moment | None


class DayView(View):
    """How many folded texts were opened."""

    day: date
    opened: int


class BreakWanted(Body):
    """After how many minutes at work to be reminded; 0: not at all."""

    minutes: Annotated[int, Field(strict=True, ge=0, le=240)]


class OpenedView(View):
    """How many were opened today."""

    today: int
