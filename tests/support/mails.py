"""Mails that come back: delivery reports as mail servers write them, answers, and forgeries of both."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

AUTHSERV = "mx.ngo.invalid"
RECIPIENT = "abuse@telegram.org"
PROVEN = f"{AUTHSERV}; dkim=pass header.d=telegram.org; spf=pass smtp.helo=mx.telegram.org"


@dataclass(frozen=True)
class Dsn:
    """A delivery report (RFC 3464)."""

    message_id: str
    recipient: str = RECIPIENT
    original: str | None = None
    action: str = "failed"
    status: str = "5.1.1"
    results: tuple[str, ...] = (PROVEN,)
    return_path: str | None = "<>"
    received: tuple[str, ...] = (
        "from mx.telegram.org (mx.telegram.org [192.0.2.7]) by mx.ngo.invalid with ESMTP id 1",
    )
    own_id: str = "<report-1@mx.telegram.org>"
    references: str | None = None
    returned: str = "message/rfc822"
    extra: tuple[str, ...] = field(default=())

    def __bytes__(self) -> bytes:
        head = [] if self.return_path is None else [f"Return-Path: {self.return_path}"]
        head += [f"Authentication-Results: {one}" for one in self.results]
        head += [f"Received: {one}; Thu, 26 Nov 2026 10:00:00 +0000" for one in self.received]
        head += ["From: Mail Delivery System <MAILER-DAEMON@mx.telegram.org>", "To: notices@ngo.invalid"]
        head += [f"Message-ID: {self.own_id}", "Subject: Undelivered Mail Returned to Sender", *self.extra]
        head += [] if self.references is None else [f"In-Reply-To: {self.references}"]
        original = [] if self.original is None else [f"Original-Recipient: rfc822; {self.original}"]
        body = [
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"',
            "",
            "--=b",
            "Content-Type: text/plain; charset=utf-8",
            "",
            "SERVERS-OWN-WORDS about somebody",
            "--=b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.telegram.org",
            "",
            *original,
            f"Final-Recipient: rfc822; {self.recipient}",
            f"Action: {self.action}",
            f"Status: {self.status}",
            "Diagnostic-Code: smtp; 550 SERVERS-OWN-WORDS",
            "",
            "--=b",
            f"Content-Type: {self.returned}",
            "",
            "From: notices@ngo.invalid",
            f"Message-ID: {self.message_id}",
            "Subject: the notice",
            "",
            *(["the notice itself"] if self.returned == "message/rfc822" else []),
            "--=b--",
            "",
        ]
        return "\r\n".join([*head, *body]).encode()


def answer(
    message_id: str, *, sender: str = "Desk <abuse@telegram.org>", text: str = "We looked at it."
) -> EmailMessage:
    """A reply with its text; more may be put into it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, "notices@ngo.invalid", "Re: the notice"
    mail["Message-ID"], mail["In-Reply-To"] = "<answer-1@telegram.org>", message_id
    mail.set_content(text)
    return mail
