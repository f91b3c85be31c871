"""An advocate writes back to a mail about a notice: seen before it leaves, to the right address, once."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from api.pages.forms import form_token
from db.models.notices import Letter
from db.models.people import Advocate, Organisation
from db.models.platform_side import NoticeReply
from db.models.sources import Alert
from monitor.app.adapters import make_smtp
from monitor.core.errors import InDoubt, NotSent
from monitor.delivery.base import Delivery
from monitor.jobs.mailbox import MailboxReader
from monitor.jobs.platform_sweep import sweep_platform_side
from monitor.jobs.send_letter import LetterSender
from monitor.jobs.send_reply import Replier
from monitor.jobs.setbacks import MOST_ATTEMPTS
from monitor.mailbox.trust import Trust
from monitor.model.platform_answers import ReplyState
from tests.support.api_world import ApiWorld
from tests.support.domain_world import FakeDelivery
from tests.support.imap_server import TestMailbox, imap_server
from tests.support.mails import AUTHSERV, PROVEN, Dsn, answer
from tests.support.platform_world import PlatformWorld, body_of, platform_world, smtp_of

FROM_THEM = f"{AUTHSERV}; dkim=pass header.d=telegram.org"


@pytest.fixture
async def world(sqlite_world: ApiWorld) -> AsyncIterator[PlatformWorld]:
    async with platform_world(sqlite_world) as made:
        yield made


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[TestMailbox]:
    async with imap_server(tmp_path) as made:
        yield made


async def answered(world: PlatformWorld, box: TestMailbox, *, proven: bool = True, own_id: str = "") -> str:
    """The desk replies to the notice's mail, and the mailbox is read; the mail's id."""
    mail = answer((await world.notice()).message_id, sender="Desk <ticket+7@telegram.org>", text="Which post?")
    if proven:
        mail["Authentication-Results"] = FROM_THEM
    if own_id:
        del mail["Message-ID"]
        mail["Message-ID"] = own_id
    await box.deliver(bytes(mail))
    await reader(world, box).read()
    return str((await world.advocate.get(f"/notices/{world.notice_id}"))["mails"][-1]["mail_id"])


def reader(world: PlatformWorld, box: TestMailbox) -> MailboxReader:
    trust = Trust(authserv_id=AUTHSERV, local_host="mx.ngo.invalid")
    return MailboxReader(
        world.world.services.database,
        world.world.context,
        box.server(),
        trust,
        own_domains=frozenset({"ngo.invalid"}),
        copies="copies@ngo.invalid",
        interval=timedelta(minutes=5),
    )


async def queued(world: PlatformWorld, mail: str, words: str = "The post is number 17.") -> str:
    """Look at a reply, and send it."""
    path = f"/notices/{world.notice_id}/replies"
    shown = await world.advocate.post(f"{path}/preview", {"mail_id": mail, "text": words})
    body = {"mail_id": mail, "text": words, "digest": shown["digest"]}
    return str((await world.advocate.post(path, body))["reply_id"])


async def reply_row(world: PlatformWorld, reply_id: str) -> NoticeReply:
    async with world.world.services.database.read() as session:
        return await session.get_one(NoticeReply, reply_id)


def replier(world: PlatformWorld, mail: Delivery | None = None) -> Replier:
    return Replier(
        world.world.services.database, world.world.context, mail or make_smtp(smtp_of(world.recipient.catcher))
    )


async def test_reply_leaves_as_it_was_shown_in_the_thread_and_the_centres_name(
    world: PlatformWorld, box: TestMailbox
) -> None:
    mail = await answered(world, box)
    path = f"/notices/{world.notice_id}/replies"
    words = "The post is number 17."
    shown = await world.advocate.post(f"{path}/preview", {"mail_id": mail, "text": words})
    assert len(world.recipient.catcher.messages) == 1  # nothing leaves by being looked at
    assert (await reply_rows(world)) == []
    changed = {"mail_id": mail, "text": words + "!", "digest": shown["digest"]}
    assert await world.advocate.refused("POST", path, changed) == (409, "reply-changed")
    reply_id = await queued(world, mail, words)
    await replier(world).send(reply_id, 1)
    left = world.recipient.catcher.messages[-1]
    first = world.recipient.catcher.messages[0].message["Message-ID"]
    assert left.rcpt[0] == shown["recipient"] == "ticket+7@telegram.org"
    assert body_of(left.message) == shown["body"] and left.message["Subject"] == shown["subject"]
    assert shown["body"].endswith("-- \nSigning Advocate\nCentre A\n")
    assert left.message["In-Reply-To"] == "<answer-1@telegram.org>"
    assert left.message["References"].split() == [first, "<answer-1@telegram.org>"]
    # Nothing of the person that the text does not say.
    assert "Typed Signature" not in body_of(left.message) and "person@example.org" not in str(left.message)
    # Run again after a death, and asked for again, nothing more leaves.
    await replier(world).send(reply_id, 1)
    assert await world.advocate.refused("POST", f"{path}/preview", {"mail_id": mail, "text": words}) == (
        409,
        "already-replied",
    )
    assert len(world.recipient.catcher.messages) == 2
    kinds = [(kind, by.get("who")) for kind, by, _ in await world.ledger()]
    assert ("reply-queued", "advocate") in kinds and ("reply-sent", "program") in kinds
    told = (await world.advocate.get(f"/notices/{world.notice_id}"))["mails"][0]
    assert told["reply"]["state"] == "sent" and told["may_reply"] is False
    # An answer to the reply is threaded to the notice as well, and can be answered in its turn.
    again = answer(str(left.message["Message-ID"]), sender="Desk <ticket+7@telegram.org>", text="Thank you.")
    del again["Message-ID"]
    again["Message-ID"] = "<answer-2@telegram.org>"
    world.world.clock.move(minutes=1)
    await box.deliver(bytes(again))
    await reader(world, box).read()
    mails = (await world.advocate.get(f"/notices/{world.notice_id}"))["mails"]
    assert [one["text"].strip() for one in mails] == ["Which post?", "Thank you."] and mails[1]["may_reply"] is True


async def test_reply_bears_the_centres_name_and_address_and_the_advocates_name_for_work(
    world: PlatformWorld, box: TestMailbox
) -> None:
    mail, services = await answered(world, box), world.world.services
    async with services.database.begin() as session:
        row = await session.get_one(Advocate, (await world.world.advocate_row()).id)
        row.work_alias = "Counsellor 7"
        (await session.get_one(Organisation, row.organisation_id)).reply_to = "answers@centre.invalid"
    shown = await world.advocate.post(
        f"/notices/{world.notice_id}/replies/preview", {"mail_id": mail, "text": "The post is number 17."}
    )
    reply_id = await queued(world, mail)
    await replier(world).send(reply_id, 1)
    left = world.recipient.catcher.messages[-1].message
    assert shown["sender"] == '"Centre A (Counsellor 7)" <notices@example.org>'
    assert parseaddr(left["From"])[0] == "Centre A (Counsellor 7)"
    assert left["Reply-To"] == shown["reply_to"] == "answers@centre.invalid"
    assert body_of(left).endswith("-- \nCounsellor 7\nCentre A\n") and "Signing Advocate" not in str(left)


async def open_alerts(world: PlatformWorld) -> set[tuple[str, str]]:
    async with world.world.services.database.read() as session:
        mine = select(Alert.kind, Alert.reason).where(Alert.subject == world.notice_id, Alert.resolved_at.is_(None))
        return {(kind, reason) for kind, reason in await session.execute(mine)}


@pytest.mark.parametrize("proven", [True, False])
async def test_retraction_that_came_back_is_told_and_sent_again(
    world: PlatformWorld, box: TestMailbox, proven: bool
) -> None:
    path, services = f"/notices/{world.notice_id}", world.world.services
    await world.advocate.post(f"{path}/retract", {"reason": "wrong-copy"})

    async def deliver() -> EmailMessage:
        async with services.database.read() as session:
            row = (await session.scalars(select(Letter))).one()
        sender = LetterSender(services.database, world.world.context, make_smtp(smtp_of(world.recipient.catcher)))
        await sender.send(row.id, row.attempt)
        return world.recipient.catcher.messages[-1].message

    left = await deliver()
    results = (PROVEN,) if proven else ()
    for _ in range(2):  # read again, it counts once
        await box.deliver(bytes(Dsn(str(left["Message-ID"]), recipient=str(left["To"]), results=results)))
    await reader(world, box).read()
    notice, (letter,) = await world.notice(), (await world.advocate.get(f"{path}/letters"))["letters"]
    assert (notice.state, notice.reason) == ("withdrawn", "retracted")
    if not proven:
        assert letter["state"] == "sent" and await open_alerts(world) == {("bounce-claimed", "unproven-5.1.1")}
        return
    assert letter["state"] == "failed" and await open_alerts(world) == {("notice-bounced", "bounced-5.1.1")}
    by, facts = [(by, facts) for kind, by, facts in await world.ledger() if kind == "letter-ended"][-1]
    assert (by["who"], facts["reason"], facts["state"]) == ("platform", "bounced-5.1.1", "failed")
    digest = letter["leaving"]["digest"]
    await world.advocate.post(f"{path}/letters/2/send", {"digest": digest})
    again = await deliver()
    assert again["Message-ID"] != left["Message-ID"] and await open_alerts(world) == set()
    late = Dsn(str(left["Message-ID"]), recipient=str(left["To"]), own_id="<late@mx.telegram.org>")
    await box.deliver(bytes(late))
    await reader(world, box).read()
    assert (await world.advocate.get(f"{path}/letters"))["letters"][0]["state"] == "sent"


async def test_reply_that_came_back_is_told(world: PlatformWorld, box: TestMailbox) -> None:
    mail = await answered(world, box)
    reply_id = await queued(world, mail)
    await replier(world).send(reply_id, 1)
    left = world.recipient.catcher.messages[-1]
    await box.deliver(bytes(Dsn(str(left.message["Message-ID"]), recipient=left.rcpt[0])))
    await reader(world, box).read()
    assert (await reply_row(world, reply_id)).state == "failed" and (await world.notice()).state == "sent"
    assert ("reply-not-sent", "bounced-5.1.1") in await open_alerts(world)
    # The desk's question is still open: written anew it is another mail, which a late report on the first does not hit.
    assert await queued(world, mail, "It is post 17.") == reply_id
    await replier(world).send(reply_id, 2)
    again = world.recipient.catcher.messages[-1]
    assert again.message["Message-ID"] != left.message["Message-ID"] and "It is post 17." in body_of(again.message)
    late = Dsn(str(left.message["Message-ID"]), recipient=left.rcpt[0], own_id="<late@mx.telegram.org>")
    await box.deliver(bytes(late))
    await reader(world, box).read()
    assert (await reply_row(world, reply_id)).state == "sent" and (await world.notice()).state == "sent"
    assert "reply-not-sent" not in {kind for kind, _ in await open_alerts(world)}


async def reply_rows(world: PlatformWorld) -> list[NoticeReply]:
    async with world.world.services.database.read() as session:
        return list((await session.scalars(select(NoticeReply))).all())


async def test_whoever_forges_a_sender_is_not_written_to(world: PlatformWorld, box: TestMailbox) -> None:
    mail = await answered(world, box, proven=False)
    body = {"mail_id": mail, "text": "The post is number 17."}
    shown = await world.advocate.post(f"/notices/{world.notice_id}/replies/preview", body)
    assert shown["recipient"] == "abuse@telegram.org"


async def test_message_id_that_could_forge_a_header_is_left_out(world: PlatformWorld, box: TestMailbox) -> None:
    mail = await answered(world, box, own_id="<a b@evil.invalid>")
    body = {"mail_id": mail, "text": "The post is number 17."}
    shown = await world.advocate.post(f"/notices/{world.notice_id}/replies/preview", body)
    assert shown["cites"] == [(await world.notice()).message_id]


async def test_page_shows_the_whole_mail_first_and_sends_it_then(world: PlatformWorld, box: TestMailbox) -> None:
    mail = await answered(world, box)
    token = world.advocate.token or ""
    headers = {"Accept-Language": "ko", "Cookie": f"__Host-jikimi_login={token}"}
    path = f"/advocate/notices/{world.notice_id}"
    page = await world.world.http.get(path, headers=headers)
    assert "센터 이름으로 답장하기" in page.text and "Which post?" in page.text
    data = {"token": form_token(token), "mail": mail, "text": "17번 게시물이에요."}
    shown = await world.world.http.post(f"{path}/reply", data=data, headers=headers)
    assert shown.status_code == 200 and "ticket+7@telegram.org" in shown.text and "17번 게시물이에요." in shown.text
    assert await reply_rows(world) == []
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', shown.text)
    assert found is not None
    sent = await world.world.http.post(f"{path}/reply", data={**data, "digest": found[1]}, headers=headers)
    assert sent.headers["location"].endswith("?done=replied") and len(await reply_rows(world)) == 1
    empty = await world.world.http.post(f"{path}/reply", data={**data, "text": " "}, headers=headers)
    assert "problem=already-replied" in empty.headers["location"]


async def test_mail_of_another_notice_or_centre_is_not_answered(world: PlatformWorld, box: TestMailbox) -> None:
    mail = await answered(world, box)
    other = await world.world.advocate("second", "Centre B")
    body = {"mail_id": mail, "text": "Hello."}
    path = f"/notices/{world.notice_id}/replies/preview"
    assert await other.refused("POST", path, body) == (404, "not-found")
    assert await world.advocate.refused("POST", path, {**body, "mail_id": "a" * 26}) == (409, "no-reply-possible")
    assert await world.advocate.refused("POST", path, {**body, "text": "  "}) == (422, "reply-empty")


async def test_mail_server_that_is_down_delays_and_a_death_in_the_middle_is_in_doubt(
    world: PlatformWorld, box: TestMailbox
) -> None:
    reply_id = await queued(world, await answered(world, box))
    broken = FakeDelivery()
    broken.errors = [NotSent("no-connection")]
    await replier(world, broken).send(reply_id, 1)
    row = await reply_row(world, reply_id)
    assert (row.state, row.attempt) == (ReplyState.QUEUED, 2)
    await replier(world, broken).send(reply_id, 1)  # the first attempt is over
    assert broken.sent == []

    class Dies:
        async def send(self, outgoing: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await replier(world, Dies()).send(reply_id, 2)
    assert (await reply_row(world, reply_id)).state == ReplyState.SENDING
    await replier(world, broken).send(reply_id, 2)
    assert (await reply_row(world, reply_id)).state == ReplyState.IN_DOUBT and broken.sent == []
    assert ("reply-not-sent", "cut-off-while-sending") in await world.alerts()


async def test_reply_that_never_leaves_or_may_have_is_told(world: PlatformWorld, box: TestMailbox) -> None:
    reply_id = await queued(world, await answered(world, box))
    broken = FakeDelivery()
    broken.errors = [NotSent("no-connection") for _ in range(MOST_ATTEMPTS)]
    for attempt in range(1, MOST_ATTEMPTS + 1):
        await replier(world, broken).send(reply_id, attempt)
    assert (await reply_row(world, reply_id)).state == ReplyState.FAILED
    assert ("reply-not-sent", "no-connection") in await world.alerts()
    second = answer((await world.notice()).message_id, text="Still waiting.")
    del second["Message-ID"]
    second["Message-ID"] = "<answer-9@telegram.org>"
    world.world.clock.move(minutes=1)
    await box.deliver(bytes(second))
    await reader(world, box).read()
    mail = (await world.advocate.get(f"/notices/{world.notice_id}"))["mails"][-1]["mail_id"]
    doubtful = FakeDelivery()
    doubtful.errors = [InDoubt("no-reply")]
    other = await queued(world, mail)
    await replier(world, doubtful).send(other, 1)
    assert (await reply_row(world, other)).state == ReplyState.IN_DOUBT


async def test_stopped_work_holds_a_reply_and_it_leaves_afterwards(world: PlatformWorld, box: TestMailbox) -> None:
    reply_id = await queued(world, await answered(world, box))
    await world.advocate.put(f"/cases/{world.person.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    await replier(world).send(reply_id, 1)
    row = await reply_row(world, reply_id)
    assert (row.state, row.reason) == (ReplyState.QUEUED, "case-frozen") and row.due_at is not None
    await world.advocate.delete(f"/cases/{world.person.case_id}/freeze")

    class Engine:
        async def live(self, ids: Any) -> set[str]:
            return set()

    database, context = world.world.services.database, world.world.context
    overdue = world.world.clock.now() + timedelta(minutes=1)
    await sweep_platform_side(database, context, Engine(), overdue=overdue)  # type: ignore[arg-type]  # it only takes tasks
    row = await reply_row(world, reply_id)
    async with database.read() as session:
        asked = (await session.scalars(text("select workflow_uuid from workflow_status"))).all()
    assert f"reply-{reply_id}-{row.attempt}" in asked and row.attempt == 2
    await replier(world).send(reply_id, row.attempt)
    assert (await reply_row(world, reply_id)).state == ReplyState.SENT
