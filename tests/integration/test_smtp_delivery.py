"""Notices over real SMTP on loopback: what left, what did not, and what nobody can tell."""

import logging
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.core.errors import (
    ConfigError,
    Deferred,
    DeliveryError,
    DeliveryRefused,
    InDoubt,
    NotSent,
    WrongSettings,
)
from monitor.delivery.base import Copy, Outgoing, Receipt, copy_for
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import Caught
from monitor.platforms.base import PlatformName, SourceRef
from tests.support.certificates import self_signed
from tests.support.mail_troubles import MailFault, RcptFault, TroubledMailCatcher

TO = "abuse@platform.invalid"
BCC = "copies@ngo.invalid"
LOGIN = ("operator", "test password")
MESSAGE_ID = "<notice-1.attempt-1@ngo.invalid>"


@pytest.fixture
async def catcher() -> AsyncIterator[TroubledMailCatcher]:
    async with TroubledMailCatcher() as made:
        yield made


def delivery(catcher: TroubledMailCatcher, **options: object) -> SmtpDelivery:
    mail = {"sender": "Jikimi 지킴이 <notices@ngo.invalid>", "bcc": BCC, "reply_timeout": 1.0}
    line = {"host": catcher.host, "port": catcher.port, "starttls": False, "timeout": 1.0}
    mail |= {name: value for name, value in options.items() if name in mail}
    line |= {name: value for name, value in options.items() if name not in mail}
    return SmtpDelivery(SmtpServer(**line), **mail)  # type: ignore[arg-type]


def notice(**changes: object) -> Outgoing:
    defaults: dict[str, object] = {
        "notice_id": "0190-notice",
        "route": "us_tida",
        "recipient": TO,
        "subject": "TAKE IT DOWN Act request 삭제 요청",
        "body": "Dear team,\n\n.leading dot\nhttps://x.com/someone/status/1\n삭제를 요청합니다.\n",
        "source": SourceRef(PlatformName.TELEGRAM, "channel"),
        "post_ids": ("1",),
        "message_id": MESSAGE_ID,
    }
    return Outgoing(**{**defaults, **changes})  # type: ignore[arg-type]


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_notice_arrives_whole_and_the_copy_stays_hidden(catcher: TroubledMailCatcher) -> None:
    receipt = await delivery(catcher).send(notice())
    assert receipt == Receipt(reference=MESSAGE_ID, facts={"smtp_reply": "250"})
    (caught,) = catcher.messages
    assert (caught.envelope_from, caught.rcpt) == ("notices@ngo.invalid", (TO, BCC))
    message = caught.message
    assert message.get_content() == notice().body
    assert message.get_content_type() == "text/plain" and message.get_content_charset() == "utf-8"
    assert message["Subject"] == notice().subject
    assert message["From"] == "Jikimi 지킴이 <notices@ngo.invalid>"
    assert (message["To"], message["Message-ID"], message["X-Jikimi-Notice"]) == (TO, MESSAGE_ID, "0190-notice")
    assert message["Date"].datetime.tzinfo is not None
    assert message["Bcc"] is None and BCC not in str(message)
    # A person sent it, and abuse desks drop automatic mail.
    assert message["Auto-Submitted"] is None and message["Precedence"] is None


async def test_without_copy_only_the_recipient_gets_it(catcher: TroubledMailCatcher) -> None:
    receipt = await delivery(catcher, bcc=None).send(notice())
    assert catcher.messages[0].rcpt == (TO,)
    assert receipt.facts == {"smtp_reply": "250"}


async def test_copy_may_be_given_with_a_name_and_goes_once_when_it_is_the_recipient(
    catcher: TroubledMailCatcher,
) -> None:
    await delivery(catcher, bcc=f"Copies <{BCC}>").send(notice())
    assert catcher.messages[0].rcpt == (TO, BCC)
    receipt = await delivery(catcher, bcc=TO).send(notice())
    assert catcher.messages[1].rcpt == (TO,)
    assert receipt.facts == {"smtp_reply": "250"}


async def test_long_lines_long_subject_and_long_message_id_survive(catcher: TroubledMailCatcher) -> None:
    long_id = f"<{'0190a1b2' * 20}.attempt-1@{'a' * 60}.invalid>"
    made = notice(body="긴 줄 " * 2000 + "\nend\n", subject="제목 " * 60 + "end", message_id=long_id)
    assert (await delivery(catcher).send(made)).reference == long_id
    message = catcher.messages[0].message
    assert message.get_content() == made.body
    assert message["Subject"] == made.subject
    assert message["Message-ID"] == long_id


@pytest.mark.parametrize("subject", ["", "plain", "plain words " * 30 + "end", "x" * 2000, "긴" * 400, 'a "b" <c@d>'])
async def test_subject_survives(catcher: TroubledMailCatcher, subject: str) -> None:
    await delivery(catcher).send(notice(subject=subject))
    message = catcher.messages[0].message
    assert str(message["Subject"]) == subject
    assert message.get_content() == notice().body


async def test_message_id_without_brackets_gets_them(catcher: TroubledMailCatcher) -> None:
    receipt = await delivery(catcher).send(notice(message_id="n1@ngo.invalid"))
    assert receipt.reference == catcher.messages[0].message["Message-ID"] == "<n1@ngo.invalid>"


async def test_callback_sees_the_mail_before_the_sender_gets_an_answer(catcher: TroubledMailCatcher) -> None:
    seen: list[Caught] = []

    async def on_mail(caught: Caught) -> None:
        seen.append(caught)

    catcher.on_mail = on_mail
    await delivery(catcher).send(notice())
    assert seen == catcher.messages


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "hello\r\nBcc: thief@evil.invalid"},
        {"subject": "hello\nX: y"},
        {"subject": "hello\x00"},
        {"subject": "hello\u2028X: y"},
        {"recipient": "abuse@platform.invalid\r\nRCPT TO:<thief@evil.invalid>"},
        {"recipient": "abuse@platform.invalid, thief@evil.invalid"},
        {"recipient": "Abuse <abuse@platform.invalid>"},
        {"recipient": "abuse@platform.invalid> NOTIFY=NEVER"},
        {"recipient": ""},
        {"recipient": "abuse"},
        {"recipient": "삭제@platform.invalid"},
        {"notice_id": "1\nBcc: thief@evil.invalid"},
        {"notice_id": "번호"},
        {"subject": "half \ud83d"},
        {"body": "half \ud83d"},
        {"message_id": ""},
        {"message_id": "<a@b>\r\nBcc: thief@evil.invalid"},
        {"message_id": "<a@b> <c@d>"},
    ],
)
async def test_header_that_could_be_forged_is_refused_before_connecting(
    catcher: TroubledMailCatcher, changes: dict[str, str]
) -> None:
    with pytest.raises(DeliveryRefused, match="malformed"):
        await delivery(catcher).send(notice(**changes))
    assert catcher.connections == 0


async def test_body_cannot_end_the_message_and_begin_another(catcher: TroubledMailCatcher) -> None:
    body = "first\r\n.\r\nMAIL FROM:<thief@evil.invalid>\r\n..two dots\n"
    await delivery(catcher).send(notice(body=body))
    assert len(catcher.messages) == 1
    assert catcher.messages[0].message.get_content() == body.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        (MailFault.REFUSE, NotSent, "connect-refused-421"),
        (MailFault.CLOSE, NotSent, "no-connection"),
        (MailFault.SILENT, NotSent, "no-connection"),
        (MailFault.GREYLIST, NotSent, "recipient-deferred-451"),
        (MailFault.NO_SUCH_USER, DeliveryRefused, "recipient-refused-550"),
        (MailFault.DROP_AT_DATA, NotSent, "data-connection-lost"),
        (MailFault.REJECT, DeliveryRefused, "message-refused-554"),
        (MailFault.DEFER, NotSent, "message-deferred-452"),
        (MailFault.DROP_INSIDE, InDoubt, "connection-lost"),
    ],
)
async def test_failure_without_delivery_is_told_apart(
    catcher: TroubledMailCatcher, fault: MailFault, error: type[NotSent], reason: str
) -> None:
    catcher.fail(fault)
    with pytest.raises(error) as caught:
        await delivery(catcher).send(notice())
    assert caught.value.reason == reason
    assert catcher.messages == []
    # The next try is not disturbed.
    await delivery(catcher).send(notice())
    assert len(catcher.messages) == 1


@pytest.mark.parametrize(
    ("fault", "reason"), [(MailFault.DROP_AFTER, "connection-lost"), (MailFault.HANG_AFTER, "no-reply")]
)
@pytest.mark.parametrize("copied", [True, False])
async def test_delivered_without_an_answer_is_in_doubt(
    catcher: TroubledMailCatcher, fault: MailFault, reason: str, copied: bool
) -> None:
    catcher.fail(fault)
    with pytest.raises(InDoubt) as caught:
        await delivery(catcher, bcc=BCC if copied else None).send(notice())
    # Without a copy nobody can look it up, and a fruitless search proves nothing.
    assert caught.value.reason == (reason if copied else f"{reason}-no-copy")
    assert len(catcher.messages) == 1


async def test_nobody_listening_means_nothing_was_sent(catcher: TroubledMailCatcher) -> None:
    with pytest.raises(NotSent, match="no-connection"):
        await delivery(catcher, port=closed_port()).send(notice())


async def test_refused_recipient_stops_the_copy_too(catcher: TroubledMailCatcher) -> None:
    catcher.replies[TO] = "550 5.1.1 no such user"
    with pytest.raises(DeliveryRefused, match="recipient-refused-550"):
        await delivery(catcher).send(notice())
    assert catcher.messages == []


async def test_copy_refused_for_good_does_not_hold_the_notice_back(catcher: TroubledMailCatcher) -> None:
    catcher.replies[BCC] = "550 5.2.2 mailbox full"
    receipt = await delivery(catcher).send(notice())
    assert receipt.facts == {"smtp_reply": "250", "bcc": "refused"}
    assert catcher.messages[0].rcpt == (TO,)
    catcher.fail(MailFault.DROP_AFTER)
    with pytest.raises(InDoubt, match="connection-lost-no-copy"):
        await delivery(catcher).send(notice())


async def test_copy_deferred_means_try_again_later(catcher: TroubledMailCatcher) -> None:
    catcher.replies[BCC] = "451 4.3.0 try later"
    with pytest.raises(NotSent, match="bcc-deferred-451"):
        await delivery(catcher).send(notice())
    assert catcher.messages == []


async def test_notice_that_waited_for_its_copy_leaves_without(catcher: TroubledMailCatcher) -> None:
    catcher.replies[BCC] = "452 4.2.2 mailbox full"
    receipt = await delivery(catcher).send(notice(copy=Copy.WISHED))
    assert receipt.facts == {"smtp_reply": "250", "bcc": "refused"}
    assert [one.rcpt for one in catcher.messages] == [(TO,)]
    # Where asking closes the line it is not asked for: else the notice would wait for ever.
    catcher.replies[BCC] = "421 4.3.2 not now"
    with pytest.raises(NotSent, match="bcc-deferred-421"):
        await delivery(catcher).send(notice(copy=Copy.WISHED))
    receipt = await delivery(catcher).send(notice(copy=Copy.NONE))
    assert receipt.facts == {"smtp_reply": "250", "bcc": "refused"} and len(catcher.messages) == 2
    # Taken again, the copy goes as ever; and without a copy in the settings none is missed.
    del catcher.replies[BCC]
    assert (await delivery(catcher).send(notice(copy=Copy.WISHED))).facts == {"smtp_reply": "250"}
    assert [one.rcpt for one in catcher.messages] == [(TO,), (TO,), (TO, BCC)]
    assert (await delivery(catcher, bcc=None).send(notice(copy=Copy.NONE))).facts == {"smtp_reply": "250"}


@pytest.mark.parametrize(
    ("broken", "reply", "reason"),
    [
        (RcptFault.HANG, "", "bcc-timeout"),
        (RcptFault.DROP, "", "bcc-connection-lost"),
        (RcptFault.HANG_UP, "550 5.2.2 mailbox full", "bcc-connection-lost"),
        (RcptFault.HANG_UP, "452 4.2.2 mailbox full", "bcc-deferred-452"),
        (RcptFault.HANG_UP, "421 4.3.2 not now", "bcc-deferred-421"),
    ],
)
async def test_mailbox_of_the_copy_that_breaks_the_line_holds_no_notice_back(
    catcher: TroubledMailCatcher, broken: RcptFault, reply: str, reason: str
) -> None:
    """Nothing can leave over a broken line. Each try says that the copy was why, until it is not asked for any more."""
    catcher.broken[BCC], catcher.replies[BCC] = broken, reply
    way, why, reasons = delivery(catcher, timeout=0.5), None, list[str]()
    for attempt in range(1, 12):
        try:
            receipt = await way.send(notice(copy=copy_for(attempt, why)))
        except NotSent as error:
            why = error.reason
            reasons.append(why)
        else:
            break
    assert receipt.facts == {"smtp_reply": "250", "bcc": "refused"}
    assert [one.rcpt for one in catcher.messages] == [(TO,)]
    # A deferral is tried once more, over the line that it seems to leave open.
    assert reasons[:3] == [reason] * 3 and len(reasons) <= 4 and all(one.startswith("bcc-") for one in reasons)


async def test_shutdown_in_mid_conversation_means_nothing_was_sent(catcher: TroubledMailCatcher) -> None:
    catcher.replies[TO] = "421 4.3.2 shutting down"
    with pytest.raises(NotSent, match="recipient-deferred-421"):
        await delivery(catcher).send(notice())


async def test_login_and_its_refusal() -> None:
    async with TroubledMailCatcher(login=LOGIN) as catcher:
        name, password = LOGIN
        await delivery(catcher, username=name, password=password).send(notice())
        assert (catcher.logins, len(catcher.messages)) == (1, 1)
        with pytest.raises(NotSent, match="login-refused"):
            await delivery(catcher, username=name, password="wrong").send(notice())
        with pytest.raises(WrongSettings, match="sender-settings-530"):
            await delivery(catcher).send(notice())
        assert len(catcher.messages) == 1


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        ("530 5.7.0 Authentication required", WrongSettings, "recipient-settings-530"),
        ("530 Authentication required", WrongSettings, "recipient-settings-530"),
        ("504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname", WrongSettings, "504"),
        ("534 5.7.9 Authentication mechanism is too weak", WrongSettings, "recipient-settings-534"),
        ("535 5.7.8 Authentication credentials invalid", WrongSettings, "recipient-settings-535"),
        ("538 5.7.11 Encryption required", WrongSettings, "recipient-settings-538"),
        ("550 5.7.9 Log in first", WrongSettings, "recipient-settings-550"),
        ("554 5.7.1 <a@b.example>: Relay access denied", WrongSettings, "recipient-settings-554"),
        ("550 relay not permitted", WrongSettings, "recipient-settings-550"),
        ("451 4.7.1 Greylisted, try again later", Deferred, "recipient-deferred-451"),
        ("450 4.2.0 Greylisted", Deferred, "recipient-deferred-450"),
        ("421 4.7.0 Too many connections", Deferred, "recipient-deferred-421"),
        ("550 4.7.1 Greylisted, come back", Deferred, "recipient-deferred-550"),
        ("550 5.1.1 No such user", DeliveryRefused, "recipient-refused-550"),
        ("501 5.1.3 Bad recipient address syntax", DeliveryRefused, "recipient-refused-501"),
        ("550 5.7.1 We do not want this", DeliveryRefused, "recipient-refused-550"),
    ],
)
async def test_fault_of_settings_or_of_the_moment_is_never_the_recipients_refusal(
    catcher: TroubledMailCatcher, reply: str, error: type[DeliveryError], reason: str
) -> None:
    catcher.replies[TO] = reply
    with pytest.raises(DeliveryError) as caught:
        await delivery(catcher).send(notice())
    assert type(caught.value) is error and reason in caught.value.reason
    assert catcher.messages == []


async def test_login_where_none_is_offered_sends_nothing(catcher: TroubledMailCatcher) -> None:
    with pytest.raises(NotSent, match="login-unsupported"):
        await delivery(catcher, username="a", password="b").send(notice())


async def test_required_encryption_is_used_and_never_skipped(catcher: TroubledMailCatcher, tmp_path: Path) -> None:
    server, client = self_signed(tmp_path, "127.0.0.1")
    async with TroubledMailCatcher(login=LOGIN, tls_context=server) as secure:
        name, password = LOGIN
        options = {"starttls": True, "username": name, "password": password}
        await delivery(secure, **options, tls_context=client).send(notice())
        assert (secure.logins, len(secure.messages)) == (1, 1)
        assert "encrypted, logged in" in await delivery(secure, **options, tls_context=client).check()
        # A certificate that nobody vouches for.
        with pytest.raises(NotSent, match="tls-failed"):
            await delivery(secure, **options, tls_context=ssl.create_default_context()).send(notice())
        assert len(secure.messages) == 1
    with pytest.raises(NotSent, match="tls-failed"):
        await delivery(catcher, starttls=True).send(notice())
    assert catcher.messages == []


async def test_check_logs_in_and_sends_nothing(catcher: TroubledMailCatcher) -> None:
    line = await delivery(catcher).check()
    assert line == f"SMTP answers at 127.0.0.1:{catcher.port}, NOT encrypted, no login"
    assert (catcher.messages, catcher.connections) == ([], 1)
    for fault in (MailFault.REFUSE, MailFault.CLOSE, MailFault.SILENT):
        catcher.fail(fault)
        with pytest.raises(NotSent):
            await delivery(catcher).check()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"sender": "nobody"}, "from"),
        ({"sender": ""}, "from"),
        ({"sender": "a@b.invalid\r\nBcc: c@d.invalid"}, "from"),
        ({"bcc": "a@b.invalid, c@d.invalid"}, "bcc"),
        ({"host": "mail.ngo.invalid"}, "starttls"),
    ],
)
async def test_setting_that_cannot_work_is_named(
    catcher: TroubledMailCatcher, changes: dict[str, str], key: str
) -> None:
    with pytest.raises(ConfigError, match=rf"\[smtp\] {key}"):
        delivery(catcher, **changes)


async def test_nothing_of_a_notice_is_logged_or_in_an_error(
    catcher: TroubledMailCatcher, caplog: pytest.LogCaptureFixture
) -> None:
    catcher.replies[BCC] = "550 5.2.2 mailbox full"
    with caplog.at_level(logging.DEBUG):
        await delivery(catcher).send(notice())
        catcher.replies[TO] = f"550 5.1.1 {TO} is unknown here"
        with pytest.raises(DeliveryRefused) as caught:
            await delivery(catcher).send(notice())
    logged = " ".join(record.getMessage() for record in caplog.records) + str(caught.value)
    for secret in (TO, BCC, "TAKE IT DOWN", "status/1", MESSAGE_ID):
        assert secret not in logged
