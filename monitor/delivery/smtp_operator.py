"""Mail to the operator: what needs them, in kinds and numbers. Nothing of a case, a source or a person is in it."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex
from typing import Protocol

from aiosmtplib import SMTPException

from monitor.core.errors import NotSent
from monitor.delivery.smtp_envelope import address_in
from monitor.delivery.smtp_session import SmtpServer, SmtpSession, dot_stuffed

REPLY_SECONDS = 120.0
"""A digest that may have left is sent again: twice is better than never."""


class OperatorMail(Protocol):
    """The way to whoever runs the installation. Raises DeliveryError when it may not have left."""

    async def send(self, subject: str, body: str) -> None:
        """Send once."""


class SmtpOperatorMail:
    """By the mail server that notices go through, without a copy to the mailbox of notices."""

    def __init__(self, server: SmtpServer, *, sender: str, recipient: str) -> None:
        """Both were read by the settings."""
        self._server, self._sender, self._recipient = server, sender, recipient

    async def send(self, subject: str, body: str) -> None:
        """See OperatorMail."""
        sender, recipient = address_in(self._sender) or "", address_in(self._recipient) or ""
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = sender, recipient, subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{token_hex(16)}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body, subtype="plain", charset="utf-8", cte="quoted-printable")
        async with SmtpSession(self._server) as session:
            await session.mail(sender)
            await session.rcpt(recipient, who="recipient")
            await session.begin_data()
            try:
                code, _ = await session.transmit(dot_stuffed(message.as_bytes()), patience=REPLY_SECONDS)
            except (SMTPException, OSError):
                raise NotSent("no-reply") from None
        if not 200 <= code < 300:
            raise NotSent(f"message-refused-{code}")
