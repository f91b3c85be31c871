"""What a report about a whole channel says, and what one person adds to a joint one, as they are sealed."""

from typing import Any, ClassVar

from pydantic import AwareDatetime

from monitor.model.records.record import Record


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


class PartRecord(Record):
    """What a person agreed to: their own words and name, and when."""

    PLACE: ClassVar[str] = "report-part:{}"

    signature: str
    statement: str
    agreed_at: AwareDatetime
    links: tuple[str, ...] | None = None
    """To their own copies, as they stood in what was sent; None until then, and where an earlier version sent it."""

    def agreed(self) -> dict[str, Any]:
        """What they signed, for the ledger."""
        told = self.content()
        del told["links"]
        return told
