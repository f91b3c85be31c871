"""A notice as it is sealed: what leaves, word by word."""

from collections.abc import Mapping
from typing import Any, ClassVar

from monitor.model.records.record import Record, RecordPart


class AttachmentRecord(RecordPart):
    """A part that is attached to an e-mail: text, never a picture."""

    name: str
    media_type: str
    text: str


class NoticeRecord(Record):
    """See monitor.notices.compose.Composed."""

    PLACE: ClassVar[str] = "notice:{}"

    recipient: str
    """E-mail address, form address, or the channel's handle for a report inside Telegram."""
    subject: str
    body: str
    fields: Mapping[str, str]
    """Every required field and its value."""
    preferences: tuple[str, ...]
    """Telegram's report menu: the texts to choose, in order of preference."""
    paragraph: str = ""
    """What the advocate added; it stands in `body`. Older rows have none of these."""
    sender: str = ""
    """From, as the recipient of an e-mail sees it."""
    reply_to: str = ""
    cites: tuple[str, ...] = ()
    """Message-IDs that the e-mail refers to, the first of its thread first."""
    attachments: tuple[AttachmentRecord, ...] = ()
    sightings: tuple[str, ...] = ()
    """Of several copies in one notice: their ids, the one that it began with first."""

    def content(self) -> dict[str, Any]:
        """For the ledger: of an older notice what it got then."""
        newer = ("paragraph", "sender", "reply_to", "cites", "attachments", "sightings")
        return {name: value for name, value in super().content().items() if value or name not in newer}
