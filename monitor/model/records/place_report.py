"""What a report about a whole channel says, and what one person adds to a joint one, as they are sealed."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import AwareDatetime

from monitor.model.records.record import Record, RecordPart


class PlaceReportRecord(Record):
    """The text that is sent; of a joint report nothing: its parts are each under their own case's key."""

    PLACE: ClassVar[str] = "place-report:{}"

    text: str
    recipient: str


class PlaceReceiptRecord(Record):
    """What the platform answered, or a person noted."""

    PLACE: ClassVar[str] = "place-receipt:{}"

    reference: str
    facts: dict[str, str]


class ShownPart(RecordPart):
    """A part as it stood in a text that an advocate was shown, and may have sent since."""

    digest: str
    """Of the whole text, and where it goes."""
    at: AwareDatetime
    parts: int
    """In the whole text."""
    signature: str
    statement: str
    agreed_at: AwareDatetime
    links: tuple[str, ...]

    def part(self) -> "PartRecord":
        """What the person had agreed to then."""
        return PartRecord(signature=self.signature, statement=self.statement, agreed_at=self.agreed_at)


class PartRecord(Record):
    """What a person agreed to: their own words and name, and when."""

    PLACE: ClassVar[str] = "report-part:{}"

    signature: str
    statement: str
    agreed_at: AwareDatetime
    links: tuple[str, ...] | None = None
    """To their own copies, as they stood in what was sent; None until then, and where an earlier version sent it."""
    shown: tuple[ShownPart, ...] = ()
    """The oldest first, until the report is sent. Of a part that was taken back nothing else is kept."""
    left_before: bool = False
    """It was sent as it was shown before they said something else, and noted only then."""

    def as_shown(self, digest: str, at: datetime, *, parts: int, links: tuple[str, ...]) -> ShownPart:
        """As it stands in the text that an advocate is shown."""
        return ShownPart(
            digest=digest,
            at=at,
            parts=parts,
            signature=self.signature,
            statement=self.statement,
            agreed_at=self.agreed_at,
            links=links,
        )

    def agreed(self) -> dict[str, Any]:
        """What they signed, for the ledger."""
        return self.model_dump(mode="json", include={"signature", "statement", "agreed_at"})
