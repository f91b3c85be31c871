"""Bounces and replies from a real mailbox: what counts, what changes nothing, and what a person reads of it."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.mailboxes import Mailbox, NoticeMail
from db.models.notices import Escalation, Notice, RemovalReceipt
from db.models.sightings import Sighting
from db.models.sources import Alert
from monitor.app.bootstrap import build_worker
from monitor.context.alerts import AlertKind
from monitor.core.errors import CryptoError, InDoubt, RuleBroken
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.evidence.by import By, Door, Who
from monitor.exports.route_figures import figures_by_route
from monitor.jobs.escalate import Escalator
from monitor.jobs.mailbox import MailboxReader
from monitor.jobs.send import Sender
from monitor.mailbox.imap_session import ImapServer, MailboxFault, MailboxTls
from monitor.mailbox.trust import Trust
from monitor.model.notice_states import NoticeState
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.receipts import RemovalRecord
from monitor.notices.returned import MOST_MAILS, mark_mails_read, record_return
from monitor.notices.stopping import withdraw_notice
from monitor.notices.writing import retry
from monitor.platforms.base import Presence
from monitor.settings.model import ImapSettings, SmtpSettings
from monitor.sightings.following import come_back
from tests.support.api_world import api_world
from tests.support.certificates import self_signed
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    DomainWorld,
    FakeDelivery,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
    make_sighting,
)
from tests.support.imap_server import PASSWORD, USER, Relay, TestMailbox, imap_server
from tests.support.leaving import write_and_send
from tests.support.mail_troubles import TroubledMailCatcher
from tests.support.mails import AUTHSERV, PROVEN, RECIPIENT, Dsn, answer

COPIES = "copies@ngo.invalid"
TRUST = Trust(authserv_id=AUTHSERV, local_host="mx.ngo.invalid")


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[TestMailbox]:
    async with imap_server(tmp_path) as made:
        yield made


def reader(world: DomainWorld, server: ImapServer | TestMailbox, trust: Trust = TRUST) -> MailboxReader:
    return MailboxReader(
        world.database,
        world.context,
        server.server() if isinstance(server, TestMailbox) else server,
        trust,
        own_domains=frozenset({"ngo.invalid"}),
        copies=COPIES,
        interval=timedelta(minutes=5),
    )


async def queued(world: DomainWorld, post_id: str = "17", route: str = "us_tida") -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session, f"Centre {post_id}")
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, post_id=post_id, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=(route,), by=advocate.id)
    return notice


async def sent(world: DomainWorld, post_id: str = "17", delivery: Any = None) -> Notice:
    notice = await queued(world, post_id)
    await Sender(world.database, world.context, {"smtp": delivery or FakeDelivery()}).send(notice.id, 1)
    return await reread(world, notice)


async def reread(world: DomainWorld, notice: Notice) -> Notice:
    async with world.database.read() as session:
        return await session.get_one(Notice, notice.id)


async def open_alerts(world: DomainWorld) -> set[tuple[str, str]]:
    async with world.database.read() as session:
        rows = await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))
        return {(row.kind, row.reason) for row in rows}


async def ledger(world: DomainWorld, notice: Notice) -> list[tuple[str, dict[str, Any]]]:
    async with world.database.read() as session:
        entries = await world.context.ledger.read(session, notice.case_id)
    return [(row.kind, dict(facts or {})) for row, facts in entries]


async def mails(world: DomainWorld, notice: Notice) -> list[tuple[str, str, bool]]:
    async with world.database.read() as session:
        rows = await session.scalars(select(NoticeMail).where(NoticeMail.notice_id == notice.id))
        return [(row.kind, row.reason, row.proven) for row in rows]


async def test_proven_report_makes_a_sent_notice_failed_and_a_person_decides(
    world: DomainWorld, box: TestMailbox
) -> None:
    async with TroubledMailCatcher() as catcher:
        server = SmtpServer(catcher.host, catcher.port, starttls=False)
        notice = await sent(world, delivery=SmtpDelivery(server, sender="notices@ngo.invalid", bcc=COPIES))
        left = catcher.messages[0].message
        before = len(world.tasks)
        await box.deliver(bytes(Dsn(left["Message-ID"], recipient=str(left["To"]), status="5.1.10")))
        await reader(world, box).tick()
        row = await reread(world, notice)
        assert (row.state, row.reason) == (NoticeState.FAILED, "bounced-5.1.10")
        # No clock of the platform's runs, no check is due, and nothing was sent or will be by itself.
        assert row.due_at is None and row.deadline_at is None
        assert len(world.tasks) == before and len(catcher.messages) == 1
        assert ("notice-bounced", "bounced-5.1.10") in await open_alerts(world)
        kind, told = (await ledger(world, notice))[-1]
        assert kind == "notice-bounced" and told["reason"] == "bounced-5.1.10" and told["proof"] == "dkim"
        assert "SERVERS-OWN-WORDS" not in str(await ledger(world, notice))
        # The person sends it again: as another mail, so that a late report on the first one does not hit it.
        async with world.database.begin() as session:
            await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
        assert await open_alerts(world) == set()
        delivery = SmtpDelivery(server, sender="notices@ngo.invalid", bcc=COPIES)
        await Sender(world.database, world.context, {"smtp": delivery}).send(notice.id, 2)
        again = await reread(world, notice)
        assert again.state == NoticeState.SENT and again.sent_at is not None
        assert catcher.messages[1].message["Message-ID"] != left["Message-ID"]
        await box.deliver(bytes(Dsn(left["Message-ID"], recipient=str(left["To"]), own_id="<late@mx.telegram.org>")))
        world.clock.move(minutes=5)
        await reader(world, box).tick()
        assert (await reread(world, notice)).state == NoticeState.SENT and await open_alerts(world) == set()
    # It is followed again, by a check whose number was not used yet.
    checks = [task.id for task in world.tasks if task.workflow == "verify"]
    assert len(checks) == len(set(checks)) == 2


async def test_who_said_that_it_came_back_stands_in_the_ledger(world: DomainWorld, box: TestMailbox) -> None:
    notice, own = await sent(world), await sent(world, "18")
    made_here = ("by mx.ngo.invalid (Postfix) id 4F2",)
    await box.deliver(
        bytes(Dsn(notice.message_id)),
        bytes(Dsn(own.message_id, results=(), received=made_here, own_id="<own@mx.ngo.invalid>")),
    )
    await reader(world, box).tick()
    async with world.database.read() as session:
        there = (await world.context.ledger.told(session, notice.case_id))[-1]
        here = (await world.context.ledger.told(session, own.case_id))[-1]
    assert there.row.kind == here.row.kind == "notice-bounced"
    assert there.by == By.platform("telegram", Door.MAIL)
    assert here.by == By(Who.PROGRAM, Door.MAIL, "mailbox")


FORGED = {
    "no word of our server": {"results": ()},
    "another server's word": {"results": (PROVEN.replace(AUTHSERV, "mx.evil.invalid"),)},
    "our server's word, but not the topmost": {"results": ("mx.evil.invalid; none", PROVEN)},
    "proven for the forger's own domain": {"results": (f"{AUTHSERV}; dkim=pass header.d=evil.invalid",)},
    "a domain that only ends alike": {"results": (f"{AUTHSERV}; dkim=pass header.d=nottelegram.org",)},
    "failed": {"results": (f"{AUTHSERV}; dkim=fail header.d=telegram.org; spf=softfail smtp.helo=telegram.org",)},
    "the domain in a comment": {"results": (f"{AUTHSERV}; dkim=pass (header.d=telegram.org) header.d=evil.invalid",)},
    "the domain in a quoted local part": {
        "results": (f'{AUTHSERV}; dkim=pass header.i="x header.d=telegram.org"@evil.invalid',)
    },
    "spf of another envelope": {
        "results": (f"{AUTHSERV}; spf=pass smtp.mailfrom=a@evil.invalid smtp.helo=mx.telegram.org",)
    },
    "an envelope with a sender": {"return_path": "<somebody@telegram.org>"},
    "no envelope told": {"return_path": None},
    "made elsewhere, without from": {"results": (), "received": ("by mx.evil.invalid (Postfix) id 1",)},
    "a HELO that looks like our own LMTP": {
        "results": (),
        "received": (
            "from mx.ngo.invalid by mx.ngo.invalid with LMTP (unknown [192.0.2.6]) by mx.ngo.invalid with ESMTP id 1",
            "by mx.ngo.invalid (Postfix) id 4F2",
        ),
    },
    "our server's word from below": {
        "results": (),
        "received": (
            "from evil.invalid (evil.invalid [192.0.2.6]) by mx.ngo.invalid with ESMTP id 1",
            "by mx.ngo.invalid (Postfix) id 4F2",
        ),
    },
}


@on_sqlite
@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED.keys())
async def test_forged_report_changes_nothing_and_is_told_to_a_person(
    world: DomainWorld, box: TestMailbox, changes: dict[str, Any]
) -> None:
    notice = await sent(world)
    await box.deliver(bytes(Dsn(notice.message_id, **changes)))
    await reader(world, box).tick()
    row = await reread(world, notice)
    assert (row.state, row.due_at, row.deadline_at) == (NoticeState.SENT, notice.due_at, notice.deadline_at)
    assert await mails(world, notice) == [("claim", "unproven-5.1.1", False)]
    assert await open_alerts(world) == {("bounce-claimed", "unproven-5.1.1")}
    assert (await ledger(world, notice))[-1][0] == "bounce-claimed"
    # The advocate leaves it as it is.
    async with world.database.begin() as session:
        await mark_mails_read(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    assert await open_alerts(world) == set()


PROOFS = {
    "our own server, which hands it to itself": {
        "results": (),
        "received": (
            "from mx.ngo.invalid by mx.ngo.invalid with LMTP id 9 (envelope-from <>) for <notices@ngo.invalid>",
            "by mx.ngo.invalid (Postfix) id 4F2",
        ),
    },
    "spf of the greeting": {"results": (f"{AUTHSERV}; spf=pass smtp.helo=mx.telegram.org",)},
    "a version and comments": {
        "results": (f"{AUTHSERV} 1 (our own);\r\n dkim=pass (2048-bit key) header.d=telegram.org header.s=a",)
    },
    "our own domain": {"results": (f"{AUTHSERV}; dkim=pass header.i=@ngo.invalid",)},
    "the head of the mail alone": {"returned": "text/rfc822-headers"},
    "the first recipient, where mail is forwarded": {"recipient": "desk@inside.invalid", "original": RECIPIENT},
    "in other letters": {"recipient": RECIPIENT.upper()},
}


@on_sqlite
@pytest.mark.parametrize("changes", PROOFS.values(), ids=PROOFS.keys())
async def test_report_is_proven_in_each_way_that_is_written_down(
    world: DomainWorld, box: TestMailbox, changes: dict[str, Any]
) -> None:
    notice = await sent(world)
    await box.deliver(bytes(Dsn(notice.message_id, **changes)))
    await reader(world, box).tick()
    assert (await reread(world, notice)).reason == "bounced-5.1.1"


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"recipient": "somebody@telegram.org"}, "claim", "names-another-recipient"),
        ({"message_id": "<other@ngo.invalid>", "references": "OURS"}, "claim", "names-another-mail"),
        ({"action": "delayed", "status": "4.4.1"}, "delay", "delayed"),
        ({"action": "relayed", "status": "2.1.9"}, "delay", "relayed"),
        ({"action": "failed", "status": "4.4.7"}, "claim", "gave-up-4.4.7"),
        ({"action": "failed", "status": "none"}, "claim", "gave-up-without-status"),
    ],
)
async def test_report_must_name_mail_and_recipient_and_a_failure_for_good(
    world: DomainWorld, box: TestMailbox, changes: dict[str, str], kind: str, reason: str
) -> None:
    notice = await sent(world)
    told = {"message_id": notice.message_id} | changes
    told = {name: notice.message_id if value == "OURS" else value for name, value in told.items()}
    await box.deliver(bytes(Dsn(**told)))  # type: ignore[arg-type]
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.SENT
    assert await mails(world, notice) == [(kind, reason, True)]
    assert {one for one, _ in await open_alerts(world)} == ({"bounce-claimed"} if kind == "claim" else set())


@on_sqlite
async def test_copy_that_comes_back_is_no_advocates_business(
    world: DomainWorld, box: TestMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    notice = await sent(world)
    await box.deliver(bytes(Dsn(notice.message_id, recipient=COPIES)))
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.SENT and await mails(world, notice) == []
    assert "check [smtp] bcc" in caplog.text and COPIES not in caplog.text


async def test_read_again_nothing_happens_twice_whatever_numbers_mails_have(
    world: DomainWorld, box: TestMailbox
) -> None:
    notice = await sent(world)
    report = bytes(Dsn(notice.message_id))
    await box.deliver(report, report)
    await reader(world, box).tick()
    once = await ledger(world, notice)
    assert [kind for kind, _ in once].count("notice-bounced") == 1
    async with world.database.begin() as session:
        await withdraw_notice(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    for renumbered in (False, True):
        world.clock.move(minutes=5)
        if renumbered:  # as after a restore of the mail server
            async with world.database.begin() as session:
                mailbox = (await session.scalars(select(Mailbox))).one()
                mailbox.uidvalidity, mailbox.last_uid = mailbox.uidvalidity + 1, 9_000_000
        await reader(world, box).tick()
        assert await open_alerts(world) == set()
        assert len(await mails(world, notice)) == 1
    assert [kind for kind, _ in await ledger(world, notice)][: len(once)] == [kind for kind, _ in once]
    # Neither flag nor number of the operator's mail was touched.
    assert all(b"Seen" not in each for each in box.flags())


@on_sqlite
async def test_turns_are_taken_every_interval_and_not_by_two_at_once(world: DomainWorld, box: TestMailbox) -> None:
    async with Relay(box.port) as relay:
        server = box.server(port=relay.port)
        await reader(world, server).tick()
        asked = len(relay.asked)
        assert asked > 0
        await reader(world, server).tick()
        assert len(relay.asked) == asked
        world.clock.move(minutes=5)
        await reader(world, server).tick()
        assert len(relay.asked) > asked


async def test_killed_in_the_middle_nothing_is_lost_or_done_twice(
    world: DomainWorld, box: TestMailbox, tmp_path: Path
) -> None:
    notices = [await sent(world, str(number)) for number in range(4)]
    await box.deliver(*(bytes(Dsn(one.message_id, own_id=f"<r{at}@mx>")) for at, one in enumerate(notices)))
    key = world.context.keys._master._raw.hex()
    command = [sys.executable, "-m", "tests.support.mailbox_process", world.database.url, str(tmp_path), str(box.port)]
    for _ in range(2):
        process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            command, env={**os.environ, "TEST_KEY": key}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        # It says so between what a mail led to and the mark that says how far it was read.
        assert process.stdout.readline().strip() == "done with a mail"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert {(await reread(world, one)).state for one in notices} == {NoticeState.SENT, NoticeState.FAILED}
    await reader(world, box).tick()
    for one in notices:
        assert (await reread(world, one)).state == NoticeState.FAILED
        assert [kind for kind, _ in await ledger(world, one)].count("notice-bounced") == 1


@on_sqlite
async def test_copy_that_was_seen_gone_stays_removed(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        row.state = NoticeState.REMOVED
    await box.deliver(bytes(Dsn(notice.message_id)))
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.REMOVED
    assert await open_alerts(world) == set() and await mails(world, notice) == [("bounce", "bounced-5.1.1", True)]


async def test_copy_that_comes_back_after_its_notice_came_back_blames_nobody(
    world: DomainWorld, box: TestMailbox
) -> None:
    notice = await sent(world)
    await be_seen_gone(world, notice)
    await box.deliver(bytes(Dsn(notice.message_id)))
    await reader(world, box).tick()
    kind, told = (await ledger(world, notice))[-1]
    assert (kind, told["notice"], told["reason"]) == ("notice-bounced", notice.id, "bounced-5.1.1")
    assert (await reread(world, notice)).state == NoticeState.REMOVED and await open_alerts(world) == set()
    # The receipt does not go on saying that it was asked for; nor do the figures say that this way worked.
    receipt = await receipt_of(world, notice)
    assert "had not arrived" in receipt.en.body and "도착하지 않은" in receipt.ko.body
    async with world.database.read() as session:
        figures = (await figures_by_route(session, None, now=world.clock.now()))["us_tida"]
    assert (figures.sent, figures.removed, figures.bounced) == (1, 0, 1)
    await stand_again(world, notice)
    row = await reread(world, notice)
    assert (row.state, row.reason, row.due_at, row.deadline_at) == (NoticeState.FAILED, "bounced-5.1.1", None, None)
    assert await open_alerts(world) == {("copy-back", "came-back"), ("notice-bounced", "bounced-5.1.1")}
    # Its address is mended and it is sent again; no step was prepared that says that nobody answered.
    async with world.database.begin() as session:
        await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
        assert await session.scalar(select(func.count()).select_from(Escalation)) == 0
    assert {kind for kind, _ in await open_alerts(world)} == {"copy-back"}


@on_sqlite
async def test_claim_that_comes_while_the_copy_is_gone_is_told_when_it_is_back(
    world: DomainWorld, box: TestMailbox
) -> None:
    notice = await sent(world)
    await be_seen_gone(world, notice)
    await box.deliver(bytes(Dsn(notice.message_id, results=())))
    await reader(world, box).tick()
    assert await open_alerts(world) == set() and (await ledger(world, notice))[-1][0] == "bounce-claimed"
    assert "arrived" not in (await receipt_of(world, notice)).en.body
    await stand_again(world, notice)
    assert (await reread(world, notice)).state == NoticeState.SENT
    assert {kind for kind, _ in await open_alerts(world)} == {"copy-back", "bounce-claimed"}


async def be_seen_gone(world: DomainWorld, notice: Notice) -> None:
    world.platform.presence = Presence.DELETED
    for number in (1, 2):
        world.clock.move(hours=1.1)
        await follow_up(world).verify(notice.id, number)
    assert (await reread(world, notice)).state == NoticeState.REMOVED


async def stand_again(world: DomainWorld, notice: Notice) -> None:
    world.clock.move(days=1)
    async with world.database.begin() as session:
        copy = await lock_one(session, Sighting, notice.sighting_id)
        await lock_one(session, Notice, notice.id)
        await come_back(session, world.context, copy, Presence.LIVE)


async def receipt_of(world: DomainWorld, notice: Notice) -> RemovalRecord:
    async with world.database.read() as session:
        row = await session.get_one(RemovalReceipt, notice.sighting_id)
    return world.context.open_record(RemovalRecord, row.case_id, row.sighting_id, row.content)


async def test_deadline_that_passed_without_arriving_blames_nobody(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    world.clock.move(hours=49)
    await Escalator(world.database, world.context).escalate(notice.id)
    assert (await reread(world, notice)).state == NoticeState.LAPSED
    await box.deliver(bytes(Dsn(notice.message_id, status="5.4.4")))
    await reader(world, box).tick()
    row = await reread(world, notice)
    assert (row.state, row.reason, row.deadline_at) == (NoticeState.FAILED, "bounced-5.4.4", None)
    assert {kind for kind, _ in await open_alerts(world)} == {"notice-bounced"}
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Escalation)) == 0
    # A check that was queued finds nothing to do.
    world.platform.calls.clear()
    await follow_up(world).verify(notice.id, notice.look + 1)
    assert world.platform.calls == []


@on_sqlite
async def test_doubt_ends_when_the_mail_comes_back(world: DomainWorld, box: TestMailbox) -> None:
    delivery = FakeDelivery()
    delivery.errors = [InDoubt("no-reply")]
    notice = await sent(world, delivery=delivery)
    assert notice.state == NoticeState.IN_DOUBT
    await box.deliver(bytes(Dsn(notice.message_id)))
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.FAILED
    assert {kind for kind, _ in await open_alerts(world)} == {"notice-bounced"}
    # Sent again it bears another Message-ID: a second report on the first mail says nothing of it.
    async with world.database.begin() as session:
        await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, 2)
    await box.deliver(bytes(Dsn(notice.message_id, own_id="<report-2@mx.telegram.org>")))
    world.clock.move(minutes=5)
    await reader(world, box).tick()
    again = await reread(world, notice)
    assert (again.state, again.message_id == notice.message_id) == (NoticeState.SENT, False)


@on_sqlite
async def test_report_that_comes_while_it_is_being_sent_waits(world: DomainWorld, box: TestMailbox) -> None:
    notice = await queued(world)
    sender = Sender(world.database, world.context, {"smtp": FakeDelivery()})
    assert await sender._intend(notice.id, 1) is not None
    await box.deliver(bytes(Dsn(notice.message_id)))
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.SENDING
    await sender.send(notice.id, 1)  # cut off: in doubt
    world.clock.move(minutes=5)
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.FAILED


@on_sqlite
async def test_person_can_record_that_a_mail_came_back(world: DomainWorld) -> None:
    notice, unsent = await sent(world), await queued(world, "18")
    async with world.database.begin() as session:
        await record_return(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    row = await reread(world, notice)
    assert (row.state, row.reason) == (NoticeState.FAILED, "bounced-told-by-advocate")
    async with world.database.begin() as session:
        with pytest.raises(RuleBroken, match="notice-state"):
            await record_return(session, world.context, await lock_one(session, Notice, unsent.id), by="someone")


async def test_answer_is_kept_as_plain_text_and_no_attachment_is_ever_fetched(
    world: DomainWorld, box: TestMailbox
) -> None:
    notice = await sent(world)
    mail = answer(notice.message_id, text="Hello,\nwe looked at it.\u202e\x00 <b>Ticket</b> 7")
    mail.add_alternative("<p>HTML-OF-A-STRANGER</p>", subtype="html")
    mail.add_attachment(b"\x00" * 500_000, maintype="image", subtype="png", filename="a.png")
    mail.add_attachment("ATTACHED-TEXT", filename="notes.txt")
    await box.deliver(mail.as_bytes())
    async with Relay(box.port) as relay:
        await reader(world, box.server(port=relay.port)).tick()
        asked = [line.partition("UID FETCH ")[2] for line in relay.asked if "FETCH" in line]
    parts = [line.partition("(UID ")[2] for line in asked]
    assert parts == ["BODY.PEEK[HEADER]<0.65536>)", "BODYSTRUCTURE)", "BODY.PEEK[1.1.1]<0.65536>)"] or parts == [
        "BODY.PEEK[HEADER]<0.65536>)",
        "BODYSTRUCTURE)",
        "BODY.PEEK[1.1]<0.65536>)",
    ]
    async with world.database.read() as session:
        row = (await session.scalars(select(NoticeMail))).one()
    assert row.content is not None and b"looked" not in row.content
    kept = world.context.open_record(AnswerRecord, row.case_id, row.id, row.content)
    assert kept.text == "Hello,\nwe looked at it. <b>Ticket</b> 7" and kept.sender == "abuse@telegram.org"
    assert ("notice-answered", "answered") in await open_alerts(world)
    assert (await reread(world, notice)).state == NoticeState.SENT


@on_sqlite
@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("text/plain; charset=x-no-such-thing", "caf\u00e9".encode(), "café"),
        ("text/plain; charset=utf-8", b"half \xff\xfe of it", "half \ufffd\ufffd of it"),
        ("text/plain; charset=hex", b"not hex", "not hex"),
        ("text/plain; charset=euc-kr", "안녕하세요".encode("euc-kr"), "안녕하세요"),
        ("text/plain; charset=utf-16be", b"\xd8", "\ufffd"),
        ('text/plain; charset="utf-8\\"', b"odd", "odd"),
        ("text/plain", b"x" * 300_000, "x" * 10_000 + " [...]"),
        ("text/html", b"<p>only html</p>", ""),
        ("application/octet-stream", b"\x00\x01", ""),
    ],
)
async def test_answer_in_any_charset_never_stops_the_reading(
    world: DomainWorld, box: TestMailbox, head: str, body: bytes, expected: str
) -> None:
    notice, after = await sent(world), await sent(world, "18")
    mail = b"From: abuse@telegram.org\r\nIn-Reply-To: " + notice.message_id.encode()
    mail += b"\r\nMIME-Version: 1.0\r\nContent-Type: " + head.encode() + b"\r\n\r\n" + body + b"\r\n"
    await box.deliver(mail, bytes(Dsn(after.message_id)))
    await reader(world, box).tick()
    async with world.database.read() as session:
        row = (await session.scalars(select(NoticeMail).where(NoticeMail.notice_id == notice.id))).one()
    if row.content is None:
        assert row.reason == "unreadable"
    else:
        assert world.context.open_record(AnswerRecord, row.case_id, row.id, row.content).text == expected
    assert (await reread(world, after)).state == NoticeState.FAILED


@on_sqlite
async def test_answer_from_elsewhere_is_told_and_not_shown(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    await box.deliver(answer(notice.message_id, sender="x@evil.invalid", text="call me").as_bytes())
    await reader(world, box).tick()
    assert await mails(world, notice) == [("reply", "from-another-domain", False)]
    async with world.database.read() as session:
        assert (await session.scalars(select(NoticeMail.content))).one() is None


@on_sqlite
async def test_who_got_a_notice_cannot_fill_the_case_with_mails(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    for at in range(MOST_MAILS + 5):
        mail = answer(notice.message_id, text=str(at))
        mail.replace_header("Message-ID", f"<a{at}@telegram.org>")
        await box.deliver(mail.as_bytes())
    await reader(world, box).tick()
    assert len(await mails(world, notice)) == MOST_MAILS
    # Nor keep a true report out.
    await box.deliver(bytes(Dsn(notice.message_id)))
    world.clock.move(minutes=5)
    await reader(world, box).tick()
    assert (await reread(world, notice)).state == NoticeState.FAILED


@on_sqlite
async def test_mail_of_others_is_passed_over_and_never_opened(world: DomainWorld, box: TestMailbox) -> None:
    await box.deliver(*(f"From: a@b.invalid\r\nSubject: {at}\r\n\r\nprivate\r\n".encode() for at in range(5)))
    async with Relay(box.port) as relay:
        await reader(world, box.server(port=relay.port)).tick()
        fetched = [line for line in relay.asked if "FETCH" in line]
        assert len(fetched) == 5 and all("HEADER" in line for line in fetched)
        world.clock.move(minutes=5)
        await reader(world, box.server(port=relay.port)).tick()
        assert len([line for line in relay.asked if "FETCH" in line]) == 5


@on_sqlite
async def test_mail_at_which_the_line_breaks_hides_no_later_one(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    await box.deliver(b"From: a@b.invalid\r\n\r\nx\r\n", bytes(Dsn(notice.message_id)))
    job = None
    async with Relay(box.port) as relay:
        relay.cut_at = "UID FETCH 101 "
        job = reader(world, box.server(port=relay.port))
        for _ in range(25):
            await job.tick()
            world.clock.move(minutes=5)
    assert (await reread(world, notice)).state == NoticeState.FAILED
    assert ("mailbox-unread", "connection-lost") not in await open_alerts(world)


@on_sqlite
@pytest.mark.parametrize("asked", ["HEADER", "BODYSTRUCTURE", "BODY.PEEK[2]"])
async def test_no_of_a_busy_server_loses_no_report(world: DomainWorld, box: TestMailbox, asked: str) -> None:
    notice = await sent(world)
    await box.deliver(bytes(Dsn(notice.message_id)))
    async with Relay(box.port) as relay:
        relay.no_to = asked
        job = reader(world, box.server(port=relay.port))
        for _ in range(3):
            await job.tick()
            world.clock.move(minutes=5)
        assert (await reread(world, notice)).state == NoticeState.SENT
        relay.no_to = None
        await job.tick()
    assert (await reread(world, notice)).state == NoticeState.FAILED


@on_sqlite
async def test_mail_about_a_damaged_notice_hides_no_later_one(world: DomainWorld, box: TestMailbox) -> None:
    damaged, notice = await sent(world), await sent(world, "18")
    async with world.database.begin() as session:
        (await session.get_one(Notice, damaged.id)).content = b"damaged"
    await box.deliver(bytes(Dsn(damaged.message_id)), bytes(Dsn(notice.message_id)))
    job = reader(world, box)
    for _ in range(2):
        with suppress(CryptoError):
            await job.tick()
        world.clock.move(minutes=5)
    assert (await reread(world, notice)).state == NoticeState.FAILED


@on_sqlite
async def test_mail_that_the_server_never_hands_out_hides_no_later_one(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    await box.deliver(b"From: a@b.invalid\r\n\r\nx\r\n", bytes(Dsn(notice.message_id)))
    async with Relay(box.port) as relay:
        relay.no_to = "UID FETCH 101 "
        job = reader(world, box.server(port=relay.port))
        for _ in range(25):
            await job.tick()
            world.clock.move(minutes=5)
    assert (await reread(world, notice)).state == NoticeState.FAILED


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong password": ({"password": "wrong-password-here"}, "login-refused"),
    "password that cannot travel": ({"password": "비밀번호"}, "login-refused"),
    "nobody there": ({"port": 9}, "no-connection"),
    "no such folder": ({"mailbox": "Nowhere"}, "mailbox-refused"),
    "no encryption offered": ({"tls": MailboxTls.STARTTLS}, "tls-failed"),
    "encryption from the start where there is none": ({"tls": MailboxTls.IMPLICIT}, "tls-failed"),
}


@on_sqlite
@pytest.mark.parametrize(("changes", "reason"), FAULTS.values(), ids=FAULTS.keys())
async def test_mailbox_that_stays_shut_is_told_to_the_operator_after_an_hour(
    world: DomainWorld, box: TestMailbox, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], reason: str
) -> None:
    caplog.set_level(logging.DEBUG)
    job = reader(world, box.server(**changes, timeout=5.0))
    for _ in range(12):
        await job.tick()
        assert await open_alerts(world) == set()
        world.clock.move(minutes=5)
    await job.tick()
    assert await open_alerts(world) == {("mailbox-unread", reason)}
    for secret in (PASSWORD, USER, "wrong-password-here", "비밀번호"):
        assert secret not in caplog.text
    world.clock.move(minutes=5)
    await reader(world, box).tick()
    if changes.get("mailbox") is None:  # the same mailbox, mended
        assert await open_alerts(world) == set()


@on_sqlite
async def test_encrypted_from_the_start_with_a_certificate_that_fits(
    world: DomainWorld, box: TestMailbox, tmp_path: Path
) -> None:
    server, client = self_signed(tmp_path, "127.0.0.1")
    notice = await sent(world)
    await box.deliver(bytes(Dsn(notice.message_id)))
    async with Relay(box.port, tls=server) as relay:
        shut = box.server(port=relay.port, tls=MailboxTls.IMPLICIT)
        with pytest.raises(MailboxFault, match="tls-failed"):
            await reader(world, shut).read()
        assert relay.asked == []
        await reader(world, box.server(port=relay.port, tls=MailboxTls.IMPLICIT, tls_context=client)).tick()
    assert (await reread(world, notice)).state == NoticeState.FAILED


@on_sqlite
async def test_reading_a_mailbox_of_many_mails_holds_nobody_up(world: DomainWorld, box: TestMailbox) -> None:
    """A round is bounded in mails; the next one goes on where it stopped."""
    notice = await sent(world)
    await box.deliver(*(b"From: a@b.invalid\r\n\r\nx\r\n" for _ in range(30)), bytes(Dsn(notice.message_id)))
    began = time.monotonic()
    await reader(world, box).tick()
    assert time.monotonic() - began < 20
    assert (await reread(world, notice)).state == NoticeState.FAILED


async def test_worker_reads_the_mailbox_that_is_configured(prepared_sqlite_url: str, tmp_path: Path) -> None:
    async with imap_server(tmp_path) as box, api_world(prepared_sqlite_url, tmp_path) as made:
        imap = {"host": "127.0.0.1", "port": box.port, "tls": "none", "username": USER, "password": PASSWORD}
        sections = {
            "smtp": SmtpSettings.model_validate({"host": "127.0.0.1", "starttls": False, "from": "n@ngo.invalid"}),
            "imap": ImapSettings.model_validate({**imap, "authserv_id": AUTHSERV}),
        }
        services = replace(made.services, settings=made.services.settings.model_copy(update=sections))
        _, ticks = build_worker(services)
        (tick,) = (one for one, _ in ticks.schedule() if isinstance(getattr(one, "__self__", None), MailboxReader))
        advocate = await made.advocate()
        person = await made.vouched(advocate)
        body = {"basis": "caption-context", "routes": ["us_tida"]}
        written = await advocate.confirm(await made.sighting(person), body)
        notice_id = written["notices"][0]["notice_id"]
        await Sender(services.database, made.context, {"smtp": FakeDelivery()}).send(notice_id, 1)
        async with services.database.read() as session:
            message_id = (await session.get_one(Notice, notice_id)).message_id
        recipient = (await advocate.get(f"/notices/{notice_id}"))["content"]["recipient"]
        domain = recipient.rpartition("@")[2]
        await box.deliver(bytes(Dsn(message_id, recipient, results=(f"{AUTHSERV}; dkim=pass header.d={domain}",))))
        await tick()
        assert (await advocate.get(f"/notices/{notice_id}"))["reason"] == "bounced-5.1.1"


async def test_alert_of_a_bounce_reaches_the_organisation_alone(world: DomainWorld, box: TestMailbox) -> None:
    notice = await sent(world)
    await box.deliver(bytes(Dsn(notice.message_id)))
    await reader(world, box).tick()
    async with world.database.read() as session:
        row = (await session.scalars(select(Alert).where(Alert.kind == AlertKind.NOTICE_BOUNCED))).one()
    assert row.subject == notice.id and row.organisation_id is not None
