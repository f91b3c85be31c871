"""Handing a composed notice to the outside: the port and its values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from monitor.platforms.base import SourceRef

WORK_STOPPED = "work-stopped"
"""Reason of a NotSent: at the last moment it was asked whether it may leave, and it might not."""

_OF_COPY = "bcc-"
COPY_BROKE_LINE = f"{_OF_COPY}connection-lost"
"""Reason of a NotSent: the line broke when the operator's own copy was asked for."""
COPY_TRIES = 3
"""Half an hour, which greylisting takes. Then a mail waits for its copy no longer."""
_LATER = re.compile(rf"{_OF_COPY}deferred-(?!421)\d{{3}}")
"""An answer after which the conversation goes on; 421 closes it."""


class Copy(Enum):
    """What becomes of a mail whose copy for the operator is put off."""

    AWAITED = auto()
    """It waits."""
    WISHED = auto()
    """It leaves without."""
    NONE = auto()
    """The copy is not even asked for: asking closed the line, or was never answered."""


def is_of_copy(reason: str | None) -> bool:
    """Was it about the operator's own copy alone that nothing left? The recipient was taken before it."""
    return (reason or "").startswith(_OF_COPY)


def goes_on_after(reason: str | None) -> bool:
    """Was the copy put off with an answer after which the mail may leave without it, over the same line?"""
    return _LATER.fullmatch(reason or "") is not None


def copy_for(attempt: int, reason: str | None) -> Copy:
    """For an attempt to send. `reason`: why the one before it did not leave."""
    if attempt <= COPY_TRIES or not is_of_copy(reason):
        return Copy.AWAITED
    return Copy.WISHED if goes_on_after(reason) else Copy.NONE


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of an e-mail beside its text: text as well, never a picture."""

    name: str
    media_type: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice that is complete and about to leave. Everything but the ids is content and stays out of logs."""

    notice_id: str
    route: str
    recipient: str = field(repr=False)
    """E-mail address, form address, or the peer's handle."""
    subject: str = field(repr=False)
    body: str = field(repr=False)
    source: SourceRef = field(repr=False)
    post_ids: tuple[str, ...] = field(repr=False)
    message_id: str = field(default="", repr=False)
    """Message-ID of an e-mail, made from the notice's id before the first try, so that it can be looked up."""
    dated: datetime | None = None
    """The Date of an e-mail: when this attempt began. What becomes known later, it left then."""
    preferences: tuple[str, ...] = ()
    """Telegram's report menu: the texts to choose, in order of preference, level by level."""
    sender: str = field(default="", repr=False)
    """Whose name the From of an e-mail shows, NAME <ADDRESS>; the address is always the operator's own."""
    reply_to: str = field(default="", repr=False)
    cites: tuple[str, ...] = ()
    """Message-IDs that an e-mail refers to, the first of its thread first."""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    copy: Copy = Copy.AWAITED
    """Of an e-mail, for the operator."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side answered. `reference` is its ticket, where it gives one."""

    reference: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the record keeps: the options chosen in the menu, the SMTP reply, ..."""


class Delivery(Protocol):
    """One way out. Raises NotSent (Deferred, WrongSettings), RateLimited, DeliveryRefused or InDoubt, nothing else."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send once. Never tries again by itself."""
