"""An outgoing notice as an e-mail message. Pure but for the date."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from monitor.delivery.base import Outgoing
from monitor.errors import DeliveryRefused

MAX_ADDRESS = 254
"""RFC 5321 as corrected by erratum 1690."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def recipient_of(text: str) -> str | None:
    """`text` when it is exactly one plain address, else None."""
    return text if len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) else None


def message_id_of(outgoing: Outgoing) -> str:
    """The Message-ID with its brackets. Raises DeliveryRefused: without one, a doubt could never be settled."""
    bare = outgoing.message_id
    text = bare if bare.startswith("<") else f"<{bare}>"
    if not _MESSAGE_ID.fullmatch(text):
        raise DeliveryRefused("message-id-malformed")
    return text


def compose(outgoing: Outgoing, *, sender: str, now: datetime | None = None) -> bytes:
    """The message with CRLF line ends, 7-bit clean. Raises DeliveryRefused for what could forge a header.

    There is no Auto-Submitted and no Precedence: a person sent this notice, and abuse desks drop automatic mail.
    """
    if any(_CONTROL.search(text) for text in (outgoing.subject, outgoing.recipient, outgoing.notice_id)):
        raise DeliveryRefused("header-malformed")
    recipient = recipient_of(outgoing.recipient)
    if recipient is None:
        raise DeliveryRefused("recipient-malformed")
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = outgoing.subject
    message["Date"] = format_datetime(now or datetime.now(UTC))
    message["X-Jikimi-Notice"] = outgoing.notice_id
    message.set_content(outgoing.body, subtype="plain", charset="utf-8", cte="quoted-printable")
    # Written by hand: the standard library encodes a long Message-ID, and then nobody finds it again.
    return f"Message-ID: {message_id_of(outgoing)}\r\n".encode("ascii") + message.as_bytes()
