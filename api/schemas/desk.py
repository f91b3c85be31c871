"""The centre's cases as a list, and its own words about one: names, tags, notes, who is in charge."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, LongText, Moment, ShortLine, View
from monitor.model.desk import LONGEST_NOTE, MOST_TAGS, NoteKind, Standing


class ChargeView(View):
    """Who is in charge of a case."""

    advocate_id: str
    name: str
    left: bool = Field(description="they are no advocate of the centre any more: nobody does its work")
    since: Moment | None
    handed_by: str | None = Field(description="name of the colleague who handed it over")


class ListedCaseView(View):
    """A case of the centre, with what waits in it."""

    case_id: str
    name: str = Field(description="what the centre calls it; empty: nothing", repr=False)
    tags: list[str] = Field(repr=False)
    standing: Standing
    in_charge: str | None = Field(description="the advocate's id; null: nobody")
    in_charge_left: bool = Field(description="they are no advocate of the centre any more: nobody does its work")
    handed_to_me: bool = Field(description="a colleague handed it to the caller, who has not opened it since")
    to_decide: int
    notices: int = Field(description="that need a person")
    messages: int = Field(description="of the person, unread")
    next_clock: Moment | None = Field(description="of a notice, of the time in hand, or of an erasure")


class DeskList(View):
    """A page of the centre's cases."""

    cases: list[ListedCaseView]
    total: int
    counts: dict[str, int] = Field(description="by state, of all the centre's cases")
    mine: int = Field(description="in which the caller is in charge")
    colleagues: dict[str, str] = Field(description="active advocates of the centre: name by id")
    left_out: int = Field(description="cases whose names were not looked through, since there are too many")


class DeskView(View):
    """What the centre keeps of one case."""

    case_id: str
    name: str = Field(repr=False)
    tags: list[str] = Field(repr=False)
    version: str = Field(description="of this name and these tags: whoever changes them brings it back")
    in_charge: ChargeView | None
    standing: Standing
    rests_since: Moment | None = Field(description="the person paused everything")


class CallBody(Body):
    """A name and tags in place of those it has; empty: none."""

    name: ShortLine = Field("", repr=False)
    tags: Annotated[list[ShortLine], Field(max_length=2 * MOST_TAGS)] = Field(default_factory=list, repr=False)
    version: Annotated[Line, StringConstraints(max_length=64)] | None = Field(
        None, description="of what was shown: refused where it changed since; null: whatever stands there is replaced"
    )


class HandOverBody(Body):
    """To whom. A note goes with it where that is a colleague."""

    to: Annotated[Line, StringConstraints(max_length=26)] | None = Field(
        description="an advocate of the centre, the caller too; null: nobody is in charge"
    )
    note: LongText = Field("", repr=False)
    shown: Annotated[Line, StringConstraints(max_length=26)] | None = Field(
        None, description="who was in charge when it was looked at, empty: nobody; refused where that changed"
    )


class NoteBody(Body):
    """Plain text for the colleagues."""

    text: Annotated[LongText, StringConstraints(min_length=1, max_length=LONGEST_NOTE)] = Field(repr=False)


class NoteView(View):
    """A note, or what went with a hand-over."""

    note_id: str
    kind: NoteKind
    by: str = Field(description="name of the advocate")
    mine: bool
    handed_to: str | None = Field(description="name of the advocate; null: it is no hand-over, or to nobody")
    text: str = Field(description="empty once it was taken back", repr=False)
    written_at: Moment
    taken_back_at: Moment | None


class NoteList(View):
    """A page, the latest first."""

    notes: list[NoteView]
    total: int


class CopyOfItemView(View):
    """One copy."""

    sighting_id: str
    platform: str
    source: str
    state: str
    posted_at: Moment
    found_at: Moment
    presence: str | None
    removed_at: Moment | None
    notices: dict[str, str] = Field(description="state by id")


class ItemView(View):
    """Copies of one picture."""

    item: str
    label: str = Field(description="the person's word for the photo that it looks like; may be empty", repr=False)
    copies: list[CopyOfItemView]


class ItemsView(View):
    """A page of a case's copies by picture."""

    items: list[ItemView]
    total: int = Field(description="copies")


class RecordLine(View):
    """An entry of the case's record in words."""

    seq: int
    at: Moment
    kind: str
    words: str
    by: str = Field(description="who did it, in words; an advocate by name and centre")
    notice_id: str | None
    sighting_id: str | None


class RecordView(View):
    """A page, the latest first."""

    entries: list[RecordLine]
    total: int
