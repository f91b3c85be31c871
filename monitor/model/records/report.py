"""What somebody outside reports, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class ReportRecord(Record):
    """Somebody says that a picture of theirs was registered here by somebody else."""

    PLACE: ClassVar[str] = "report:{}"

    contact: str
    """How they can be reached."""
    case_number: str
    """Empty where they know none."""
    link: str
    text: str
