"""Why a case is frozen, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class FreezeRecord(Record):
    """What a lead said when they froze the case."""

    PLACE: ClassVar[str] = "freeze:{}"

    reason: str
    """For the leads; the person is not told."""
    speak_to: str
    """Whom the person reaches, and how: said to them."""
    by: str
    """The lead's id."""
