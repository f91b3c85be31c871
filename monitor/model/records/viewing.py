"""What is kept of a body that looked at a copy, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class ViewingRecord(Record):
    """Words of an advocate."""

    PLACE: ClassVar[str] = "viewing:{}"

    who: str = ""
    """Which unit or body, as it calls itself."""
    reference: str = ""
    """Its own number of the matter."""
