"""Notices by e-mail.

What counts is to know whether a notice left. Until the message itself is written, every failure means that nothing
was sent. Once its first byte may have left and the server has not answered, the outcome is in doubt: the Message-ID in
the operator's BCC mailbox is then the only thing that can tell.
"""

import logging

from aiosmtplib import SMTPException, SMTPServerDisconnected, SMTPTimeoutError

from monitor.core.endpoints import is_loopback
from monitor.core.errors import ConfigError, Deferred, DeliveryRefused, InDoubt, NotSent, WorkStopped, WrongSettings
from monitor.core.leave import ask_leave
from monitor.delivery.base import COPY_BROKE_LINE, WORK_STOPPED, Copy, Outgoing, Receipt, goes_on_after
from monitor.delivery.smtp_envelope import address_in, email_message, email_recipient, message_id_of
from monitor.delivery.smtp_replies import refusal
from monitor.delivery.smtp_session import SmtpServer, SmtpSession, dot_stuffed

log = logging.getLogger(__name__)

REPLY_SECONDS = 600.0
"""How long to wait for the answer to the whole message: RFC 5321, 4.5.3.2.6. Giving up earlier makes doubt."""


class SmtpDelivery:
    """The Delivery for e-mail routes. One connection per notice."""

    def __init__(
        self, server: SmtpServer, *, sender: str, bcc: str | None, reply_timeout: float = REPLY_SECONDS
    ) -> None:
        """`sender` may carry a name, as in "Jikimi <notices@example.org>". Time in real seconds. Raises ConfigError."""
        address, copy = address_in(sender), address_in(bcc or "")
        if address is None:
            raise ConfigError("[smtp] from: expected an address, or NAME <ADDRESS>")
        if bcc and copy is None:
            raise ConfigError("[smtp] bcc: expected one address")
        if not server.encrypted and not is_loopback(server.host):
            raise ConfigError("[smtp] starttls: must be true, or notices would cross the network in clear text")
        self._server, self._reply_timeout = server, reply_timeout
        self._sender, self._address, self._bcc = sender, address, copy

    async def check(self) -> str:
        """Connect, encrypt, log in, and send nothing. Raises NotSent."""
        async with SmtpSession(self._server) as session:
            await session.noop()
        return f"SMTP answers at {self._server}, {'logged in' if self._server.username else 'no login'}"

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery. `facts` hold the code of the reply, and bcc = "refused" when the copy was not taken.

        A caller that cancels this, or dies in it, must take the outcome for InDoubt.
        """
        message = dot_stuffed(email_message(outgoing, sender=self._sender))
        recipient = email_recipient(outgoing.recipient)
        if recipient is None:
            raise DeliveryRefused("recipient-malformed")
        async with SmtpSession(self._server) as session:
            await session.mail(self._address)
            # The recipient comes first: were only the copy taken, a look-up would find a notice that nobody got.
            await session.rcpt(recipient, who="recipient")
            copied = await self._copy(session, outgoing)
            refused = self._bcc is not None and not copied and outgoing.copy is not Copy.NONE
            await _begin_data(session, copy_refused=refused)
            # A server may have taken minutes up to here.
            try:
                await ask_leave()
            except WorkStopped:
                session.abandon()
                raise NotSent(WORK_STOPPED) from None
            code = await self._transmit(session, message, copied=copied)
        facts = {"smtp_reply": str(code)} | ({"bcc": "refused"} if self._bcc and not copied else {})
        return Receipt(reference=message_id_of(outgoing), facts=facts)

    async def _copy(self, session: SmtpSession, outgoing: Outgoing) -> bool:
        """Ask for the operator's copy. A mailbox that refuses it for good, or again and again, or breaks the line, must
        not hold a person's notice back: where nothing can leave over this line any more, the reason says that the copy
        was why, and `copy_for` does without it in the end."""
        if self._bcc is None or self._bcc == outgoing.recipient:
            return self._bcc is not None
        if outgoing.copy is Copy.NONE:
            return False
        try:
            await session.rcpt(self._bcc, who="bcc")
        except (Deferred, DeliveryRefused) as error:
            waits = outgoing.copy is Copy.AWAITED or not goes_on_after(error.reason)
            if isinstance(error, Deferred) and waits:
                raise
            if not session.stands:
                raise NotSent(COPY_BROKE_LINE) from None
            log.warning("the copy of a notice was refused; check [smtp] bcc", extra={"notice_id": outgoing.notice_id})
            return False
        return True

    async def _transmit(self, session: SmtpSession, message: bytes, *, copied: bool) -> int:
        # Without a copy there is nothing to look up: the reason says so.
        suffix = "" if copied else "-no-copy"
        try:
            code, text = await session.transmit(message, patience=self._reply_timeout)
        except SMTPTimeoutError:
            raise InDoubt(f"no-reply{suffix}") from None
        except (SMTPServerDisconnected, OSError):
            raise InDoubt(f"connection-lost{suffix}") from None
        except SMTPException:
            raise InDoubt(f"reply-unreadable{suffix}") from None
        if 200 <= code < 300:
            return code
        if 400 <= code < 600:
            raise refusal("message", code, text)
        raise InDoubt(f"reply-{code}{suffix}")


async def _begin_data(session: SmtpSession, *, copy_refused: bool) -> None:
    """DATA. Whoever refuses the copy may hang up with it, which shows only here."""
    try:
        await session.begin_data()
    except NotSent as error:
        if copy_refused and not isinstance(error, Deferred | WrongSettings):
            raise NotSent(COPY_BROKE_LINE) from None
        raise
