"""A next step as it is sealed: prepared when a deadline lapsed, sent by nobody but a person."""

from collections.abc import Mapping
from typing import ClassVar

from monitor.model.records.record import Record


class EscalationRecord(Record):
    """See monitor.notices.escalation.PreparedStep."""

    PLACE: ClassVar[str] = "escalation:{}"

    address: str
    channel: str
    """A value of monitor.notices.route.Channel."""
    subject: str
    body: str
    fields: Mapping[str, str]
    missing: tuple[str, ...]
    """Names of required fields that are still empty; they are marked in the text."""
    confirmed: bool
    """Whether a source confirms that this way exists."""
