"""A message as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class MessageRecord(Record):
    """Plain text, and nothing else."""

    PLACE: ClassVar[str] = "message:{}"

    text: str
