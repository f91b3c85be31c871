"""What passes between an advocate and the recipient of a notice, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class PlatformAnswerRecord(Record):
    """What a recipient wrote with an answer through the link, or with a token: a stranger's text."""

    PLACE: ClassVar[str] = "platform-answer:{}"

    text: str


class ReplyRecord(Record):
    """A mail of an advocate in answer to a recipient's, word by word."""

    PLACE: ClassVar[str] = "reply:{}"

    recipient: str
    subject: str
    body: str
    cites: tuple[str, ...]
    """Message-IDs of the mails before it, the first of the thread first."""
