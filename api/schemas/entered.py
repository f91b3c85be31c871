"""What an advocate entered for a person, and the mandates that it may count under."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from api.schemas.common import Body, Moment, ShortLine, View
from monitor.model.entered import MandateKind, Matter


class EnteredBy(View):
    """The advocate who entered something for the person."""

    advocate_id: str
    name: str
    organisation: str


class EntryView(View):
    """A matter that the person is asked about: an advocate entered it, and it is theirs only with their word."""

    matter: Matter
    in_effect: bool = Field(description="it counts meanwhile: under a mandate, or because it only stops or protects")
    mandate_id: str | None
    entered_by: EnteredBy
    entered_at: Moment
    values: dict[str, str] | None = Field(
        description="the fields as they were entered, for the person; null for an advocate", repr=False
    )


class MarkView(View):
    """A field of the intake that an advocate entered."""

    field: str
    entered_by: EnteredBy
    entered_at: Moment
    confirmed_at: Moment | None = Field(description="when the person said that it is right")


class EntrySeen(Body):
    """Which entry was seen by whoever answers it, or takes it back."""

    entered_at: AwareDatetime | None = Field(
        None, description="of the entry that is answered; one that was changed since is refused: nothing-waits"
    )


class MandateBody(Body):
    """What lets an advocate speak for the person. Whoever records it says that they saw it."""

    kind: MandateKind
    dated: date = Field(description="of the mandate; not to come")
    covers: Annotated[list[Matter], Field(min_length=1, max_length=len(Matter))]
    reference: ShortLine = Field("", description="where it is kept, or who witnessed it", repr=False)


class MandateView(View):
    """A mandate as it was recorded."""

    mandate_id: str
    kind: MandateKind
    dated: date
    covers: list[Matter]
    reference: str = Field(repr=False)
    seen_by: EnteredBy
    recorded_at: Moment
    revoked_at: Moment | None


class EntriesView(View):
    """Everything that advocates entered into the intake or asked for, and the mandates."""

    entries: list[EntryView]
    marks: list[MarkView]
    mandates: list[MandateView]
