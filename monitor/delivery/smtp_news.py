"""A mail to a person's own mailbox: that there is something to read. No header of ours, no link, no name."""

from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Protocol

from aiosmtplib import SMTPException

from monitor.core.errors import DeliveryRefused, InDoubt
from monitor.delivery.smtp_envelope import email_recipient, is_one_line
from monitor.delivery.smtp_replies import refusal
from monitor.delivery.smtp_session import SmtpServer, SmtpSession, dot_stuffed

REPLY_SECONDS = 120.0
_END = "\r\n"


class NewsDelivery(Protocol):
    """The way to a person's mailbox. Raises NotSent (Deferred, WrongSettings), DeliveryRefused or InDoubt."""

    async def send(self, *, recipient: str, name: str, subject: str, body: str, message_id: str) -> None:
        """Send once."""


class SmtpNewsMail:
    """By the mail server that notices go through, from a neutral address, without a copy to anybody."""

    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        """`sender`: a plain address, as the settings checked it."""
        self._server, self._sender = server, sender

    async def send(self, *, recipient: str, name: str, subject: str, body: str, message_id: str) -> None:
        """See NewsDelivery."""
        if email_recipient(recipient) is None:
            raise DeliveryRefused("recipient-malformed")
        if not all(is_one_line(text) for text in (name, subject, message_id)):
            raise DeliveryRefused("header-malformed")
        message = dot_stuffed(self._written(recipient, name, subject, body, message_id))
        async with SmtpSession(self._server) as session:
            await session.mail(self._sender)
            await session.rcpt(recipient, who="recipient")
            await session.begin_data()
            try:
                code, text = await session.transmit(message, patience=REPLY_SECONDS)
            except (SMTPException, OSError):
                raise InDoubt("no-reply") from None
        if not 200 <= code < 300:
            raise refusal("message", code, text)

    def _written(self, recipient: str, name: str, subject: str, body: str, message_id: str) -> bytes:
        charset = "us-ascii" if subject.isascii() else "utf-8"
        headers = [
            f"From: {formataddr((name, self._sender), 'utf-8')}",
            f"To: {recipient}",
            f"Subject: {Header(subject, charset, header_name='Subject').encode(linesep=_END)}",
            f"Date: {format_datetime(datetime.now(UTC))}",
            f"Message-ID: {message_id}",
            "Auto-Submitted: auto-generated",  # so that no program answers it
        ]
        message = EmailMessage(policy=SMTP)
        message.set_content(body, subtype="plain", charset="utf-8", cte="quoted-printable")
        return "".join(f"{header}\r\n" for header in headers).encode("ascii") + message.as_bytes()
