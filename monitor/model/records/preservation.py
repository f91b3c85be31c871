"""A request of the police to a platform, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class PreservationRecord(Record):
    """What the police told of it."""

    PLACE: ClassVar[str] = "preservation:{}"

    reference: str
    """The number that the platform or the police gave it; empty where nobody told one."""
