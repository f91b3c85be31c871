"""What passes between an advocate and the recipient of a notice, as it is sealed."""

from typing import Any, ClassVar

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
    sender: str = ""
    """From, as its recipient sees it. Older rows have neither."""
    reply_to: str = ""

    def content(self) -> dict[str, Any]:
        """For the ledger: of an older reply what it got then."""
        return {name: value for name, value in super().content().items() if value or name not in ("sender", "reply_to")}
