"""An outgoing notice as an e-mail message. Pure but for the date."""

import re
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, getaddresses, parseaddr

from monitor.core.errors import DeliveryRefused
from monitor.delivery.base import Outgoing

MAX_ADDRESS = 254
"""RFC 5321 as corrected by erratum 1690."""
MAX_PLAIN_SUBJECT = 500
"""A longer one might hold a word that cannot be folded into the 998 characters of a line."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
_NEXT_LINE = "\r\n "
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def is_one_line(text: str) -> bool:
    """True when `text` can stand in a header without beginning another."""
    return _CONTROL.search(text) is None


def address_in(text: str) -> str | None:
    """The address of `ADDRESS` or `NAME <ADDRESS>`; None when there is none, or more than one."""
    found = getaddresses([text])
    return email_recipient(found[0][1]) if len(found) == 1 and is_one_line(text) else None


def email_recipient(text: str) -> str | None:
    """`text` when it is exactly one plain address, else None."""
    return text if len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) else None


def message_id_of(outgoing: Outgoing) -> str:
    """The Message-ID with its brackets. Raises DeliveryRefused: without one, a doubt could never be settled."""
    bare = outgoing.message_id
    text = bare if bare.startswith("<") else f"<{bare}>"
    if not _MESSAGE_ID.fullmatch(text):
        raise DeliveryRefused("message-id-malformed")
    return text


def email_message(outgoing: Outgoing, *, sender: str, now: datetime | None = None) -> bytes:
    """The message with CRLF line ends, 7-bit clean. Raises DeliveryRefused for what could forge a header.

    There is no Auto-Submitted and no Precedence: a person sent this notice, and abuse desks drop automatic mail.
    """
    headers = (outgoing.subject, outgoing.recipient, outgoing.notice_id, outgoing.sender, *outgoing.cites)
    if not all(is_one_line(text) for text in headers):
        raise DeliveryRefused("header-malformed")
    if outgoing.reply_to and address_in(outgoing.reply_to) is None:
        raise DeliveryRefused("reply-to-malformed")
    if not all(_MESSAGE_ID.fullmatch(text) for text in outgoing.cites):
        raise DeliveryRefused("message-id-malformed")
    recipient = email_recipient(outgoing.recipient)
    if recipient is None or not outgoing.notice_id.isascii():
        raise DeliveryRefused("recipient-malformed" if recipient is None else "header-malformed")
    try:
        return _written(outgoing, sender=sender, recipient=recipient, now=now or outgoing.dated or datetime.now(UTC))
    except UnicodeError:
        raise DeliveryRefused("text-malformed") from None  # half a surrogate pair


def _written(outgoing: Outgoing, *, sender: str, recipient: str, now: datetime) -> bytes:
    # Headers by hand: the standard library's policies encode a long Message-ID, so that nobody finds it again, and
    # lose spaces of a long subject.
    headers = [
        f"From: {formataddr((shown_name(outgoing.sender or sender), parseaddr(sender)[1]), 'utf-8')}",
        f"To: {recipient}",
        *([f"Reply-To: {formataddr(parseaddr(outgoing.reply_to), 'utf-8')}"] if outgoing.reply_to else []),
        f"Subject: {_encoded(outgoing.subject)}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: {message_id_of(outgoing)}",
        *([f"In-Reply-To: {outgoing.cites[-1]}"] if outgoing.cites else []),
        *([f"References: {_NEXT_LINE.join(outgoing.cites)}"] if outgoing.cites else []),
        f"X-Jikimi-Notice: {outgoing.notice_id}",
    ]
    message = EmailMessage(policy=SMTP)
    message.set_content(outgoing.body, subtype="plain", charset="utf-8", cte="quoted-printable")
    for part in outgoing.attachments:
        kind, _, subtype = part.media_type.partition("/")
        # As bytes: whatever type it has, it arrives as it was written, and its SHA-256 with it.
        message.add_attachment(part.text.encode(), maintype=kind, subtype=subtype, filename=part.name)
    return "".join(f"{header}\r\n" for header in headers).encode("ascii") + message.as_bytes()


def shown_name(sender: str) -> str:
    """The name in NAME <ADDRESS>; empty where there is only an address."""
    return parseaddr(sender)[0]


def _encoded(subject: str) -> str:
    """Plain where it can be, else in the encoded words of RFC 2047; folded."""
    plain = subject.isascii() and len(subject) <= MAX_PLAIN_SUBJECT
    header = Header(subject, "us-ascii" if plain else "utf-8", header_name="Subject")
    return header.encode(linesep="\r\n")
