"""A notice as it is sealed: what leaves, word by word."""

from collections.abc import Mapping
from typing import ClassVar

from monitor.model.records.record import Record


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
