"""Where and as what a person hears that there is something to read, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class NewsMailRecord(Record):
    """All of it chosen by the person."""

    PLACE: ClassVar[str] = "news-mail:{}"

    address: str
    sender: str
    """The name that the mail shows as its sender."""
    subject: str
    language: str
