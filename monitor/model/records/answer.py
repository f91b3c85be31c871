"""A reply to a notice as it is sealed: what a stranger wrote."""

from typing import ClassVar

from monitor.model.records.record import Record


class AnswerRecord(Record):
    """Its plain text, bounded. Nothing else of the mail is kept."""

    PLACE: ClassVar[str] = "answer:{}"

    sender: str
    """The address in From, as it stands there."""
    text: str
    message_id: str = ""
    """Of the mail, so that it can be answered. Older rows have none."""
