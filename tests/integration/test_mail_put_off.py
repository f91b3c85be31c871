"""What follows a notice by mail is put off, fails, or waits for the operator's copy: as a notice itself, and told."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models.platform_side import NoticeReply
from db.models.sources import Alert
from monitor.core.errors import Deferred, DeliveryRefused, InDoubt, NotSent, WrongSettings
from monitor.delivery.base import Delivery
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.jobs.send_letter import LetterSender
from monitor.jobs.send_reply import Replier
from monitor.jobs.setbacks import MOST_ATTEMPTS, TELL_AFTER, TELL_OPERATOR_AFTER
from tests.integration.test_letters_stopped import answer, letter_row, out, queued, reply
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.mail_troubles import RcptFault, TroubledMailCatcher
from tests.support.page_forms import see

COPIES = "copies@ngo.invalid"
WORDS = "The post is number 17."


async def told(world: ApiWorld) -> list[tuple[str, str]]:
    """Every alert that is open: (kind, reason)."""
    async with world.services.database.read() as session:
        mine = select(Alert.kind, Alert.reason).where(Alert.resolved_at.is_(None)).order_by(Alert.kind)
        return [(kind, reason) for kind, reason in await session.execute(mine)]


async def reply_row(world: ApiWorld, reply_id: str) -> NoticeReply:
    async with world.services.database.read() as session:
        return await session.get_one(NoticeReply, reply_id)


class Followed:
    """A retraction or a reply that waits to leave: both have the same rule."""

    def __init__(self, world: ApiWorld, advocate: Caller, notice: str, reply_id: str | None, mail: str) -> None:
        self.world, self.advocate, self.notice, self.reply_id, self.mail = world, advocate, notice, reply_id, mail

    async def row(self) -> tuple[str, str | None, int, timedelta | None]:
        """(state, reason, attempt, how long until the next)."""
        if self.reply_id is None:
            letter = await letter_row(self.world, self.notice, 2)
            kept, now = (letter.state, letter.reason, letter.attempt, letter.due_at), self.world.clock.now()
        else:
            one = await reply_row(self.world, self.reply_id)
            kept, now = (one.state, one.reason, one.attempt, one.due_at), self.world.clock.now()
        return *kept[:3], None if kept[3] is None else kept[3] - now

    async def attempt(self, way: Delivery) -> None:
        """Its task runs."""
        services, number = self.world.services, (await self.row())[2]
        if self.reply_id is None:
            letter = await letter_row(self.world, self.notice, 2)
            await LetterSender(services.database, self.world.context, way).send(letter.id, number)
        else:
            await Replier(services.database, self.world.context, way).send(self.reply_id, number)

    async def again(self) -> None:
        """An advocate has it sent again."""
        if self.reply_id is not None:
            assert await answer(self.advocate, self.notice, self.mail) == self.reply_id
            return
        (letter,) = (await self.advocate.get(f"/notices/{self.notice}/letters"))["letters"]
        digest = letter["leaving"]["digest"]
        await self.advocate.post(f"/notices/{self.notice}/letters/2/send", {"digest": digest})


async def followed(world: ApiWorld, what: str) -> Followed:
    advocate = await world.advocate()
    person, notice = await out(world, advocate)
    if what == "reply":
        mail, reply_id = await reply(world, advocate, person, notice)
        return Followed(world, advocate, notice, reply_id, mail)
    await advocate.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    return Followed(world, advocate, notice, None, "")


@pytest.fixture(params=["retraction", "reply"])
async def mail(request: pytest.FixtureRequest, sqlite_world: ApiWorld) -> AsyncIterator[Followed]:
    yield await followed(sqlite_world, request.param)


async def test_what_is_put_off_again_and_again_is_told_and_never_given_up(mail: Followed) -> None:
    world, way = mail.world, FakeDelivery()
    pauses = list[timedelta | None]()
    for attempt in range(1, 31):
        way.errors = [Deferred("recipient-deferred-451")]
        await mail.attempt(way)
        state, reason, _, pause = await mail.row()
        assert (state, reason) == ("queued", "recipient-deferred-451")
        assert (("notice-waits", "recipient-deferred-451") in await told(world)) == (attempt >= TELL_AFTER)
        pauses.append(pause)
    assert pauses[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert pauses[-1] == timedelta(minutes=320)
    # A fault of ours after that is the first of its kind.
    for fault in range(1, MOST_ATTEMPTS):
        way.errors = [NotSent("no-connection")]
        await mail.attempt(way)
        assert (await mail.row())[0] == "queued"
        assert (("mail-settings", "no-connection") in await told(world)) == (fault >= TELL_OPERATOR_AFTER)
    await mail.attempt(way)
    assert (await mail.row())[0] == "sent" and len(way.sent) == 1 and await told(world) == []


async def test_wrong_settings_are_the_operators_and_it_leaves_when_they_are_mended(mail: Followed) -> None:
    world, way = mail.world, FakeDelivery()
    for attempt in range(1, 31):
        way.errors = [WrongSettings("login-refused")]
        await mail.attempt(way)
        assert await mail.row() == ("queued", "login-refused", attempt + 1, timedelta(minutes=10))
        now = await told(world)
        assert ("mail-settings", "login-refused") in now
        assert (("notice-waits", "login-refused") in now) == (attempt >= TELL_AFTER)
    await mail.attempt(way)
    assert (await mail.row())[0] == "sent" and await told(world) == []


async def test_no_mail_server_for_a_day_fails_it_and_an_advocate_sends_it_again(mail: Followed) -> None:
    world, way = mail.world, FakeDelivery()
    kind = "notice-failed" if mail.reply_id is None else "reply-not-sent"
    for _ in range(MOST_ATTEMPTS):
        assert (await mail.row())[0] == "queued"
        way.errors = [NotSent("no-connection")]
        await mail.attempt(way)
    assert (await mail.row())[:2] == ("failed", "no-connection")
    assert await told(world) == sorted([("mail-settings", "no-connection"), (kind, "no-connection")])
    await mail.again()
    way.errors = [NotSent("no-connection")]
    await mail.attempt(way)
    assert (await mail.row())[0] == "queued"  # as many tries as ever
    await mail.attempt(way)
    assert (await mail.row())[0] == "sent" and len(way.sent) == 1 and await told(world) == []


@pytest.mark.parametrize(
    ("broken", "reply"), [(None, "452 4.2.2 mailbox full"), (RcptFault.HANG, ""), (RcptFault.DROP, "")]
)
async def test_mailbox_of_the_copy_holds_it_back_for_three_tries_and_no_longer(
    mail: Followed, broken: RcptFault | None, reply: str
) -> None:
    async with TroubledMailCatcher() as catcher:
        server = SmtpServer(catcher.host, catcher.port, starttls=False, timeout=0.5)
        way = SmtpDelivery(server, sender="notices@ngo.invalid", bcc=COPIES)
        catcher.replies[COPIES] = reply
        if broken is not None:
            catcher.broken[COPIES] = broken
        for _ in range(3):
            await mail.attempt(way)
            state, reason, *_ = await mail.row()
            assert state == "queued" and (reason or "").startswith("bcc-") and catcher.messages == []
        await mail.attempt(way)
        assert len(catcher.messages) == 1 and COPIES not in catcher.messages[0].rcpt
    assert (await mail.row())[0] == "sent" and await told(mail.world) == [("mail-copy-refused", "copy-refused")]


async def test_nobody_is_told_any_more_of_what_waited_and_was_undone_or_stopped(sqlite_world: ApiWorld) -> None:
    world, way = sqlite_world, FakeDelivery()
    advocate = await world.advocate()
    person, notice = await out(world, advocate)
    for end in ("undone", "stopped"):
        number = await queued(advocate, notice, "reminder")
        for _ in range(TELL_AFTER):
            row, way.errors = await letter_row(world, notice, number), [Deferred("recipient-deferred-451")]
            await LetterSender(world.services.database, world.context, way).send(row.id, row.attempt)
        assert [kind for kind, _ in await told(world)] == ["notice-waits"]
        if end == "undone":
            await advocate.post(f"/notices/{notice}/letters/{number}/undo")
        else:
            await person.post(f"/cases/{person.case_id}/consents/withdrawal", {"passphrase": person.passphrase})
        assert "notice-waits" not in [kind for kind, _ in await told(world)]


FAILURES = [DeliveryRefused("recipient-refused-550"), DeliveryRefused("this way of sending is switched off")]


@pytest.mark.parametrize("error", [*FAILURES, InDoubt("no-reply")], ids=lambda error: str(error.reason))
async def test_reply_that_did_not_arrive_is_written_anew_with_the_words_that_were_there(
    world: ApiWorld, error: Exception
) -> None:
    advocate = await world.advocate()
    person, notice = await out(world, advocate)
    mail, reply_id = await reply(world, advocate, person, notice)
    way = FakeDelivery()
    way.errors = [error]
    await Replier(world.services.database, world.context, way).send(reply_id, 1)
    row, first = await reply_row(world, reply_id), (await reply_row(world, reply_id)).message_id
    doubtful = isinstance(error, InDoubt)
    assert row.state == ("in_doubt" if doubtful else "failed") and way.sent == []
    assert [kind for kind, _ in await told(world)] == ["reply-not-sent"]
    (shown,) = (await advocate.get(f"/notices/{notice}"))["mails"]
    assert shown["may_reply"] is True and shown["reply"]["text"] == WORDS
    for language, words in (
        ("en", "Nobody can see from here whether it arrived" if doubtful else "You can write the reply again."),
        ("ko", "도착했는지 여기서는 알 수 없어요" if doubtful else "답장을 다시 쓸 수 있어요."),
    ):
        page = await see(world, advocate, f"/advocate/notices/{notice}?lang={language}")
        assert words in page and f"required>{WORDS}</textarea>" in page
    assert await answer(advocate, notice, mail) == reply_id and await told(world) == []
    row = await reply_row(world, reply_id)
    # Another mail, which a late report on the first does not hit.
    assert (row.state, row.reason, row.sent_at) == ("queued", None, None) and row.message_id != first
    await Replier(world.services.database, world.context, way).send(reply_id, row.attempt)
    (left,) = way.sent
    assert left.message_id == row.message_id and left.body.startswith(WORDS)
    body = {"mail_id": mail, "text": WORDS}
    assert await advocate.refused("POST", f"/notices/{notice}/replies/preview", body) == (409, "already-replied")
    (shown,) = (await advocate.get(f"/notices/{notice}"))["mails"]
    assert shown["may_reply"] is False


async def test_words_of_the_centre_before_are_not_put_into_anothers_mouth(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", "Centre B")
    person, notice = await out(world, old)
    await reply(world, old, person, notice)
    await old.post("/transfers", {"case_id": person.case_id, "to": "Centre B"})
    (question,) = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    await person.post(f"/cases/{person.case_id}/transfers/{question['transfer_id']}/agree")
    page = await see(world, new, f"/advocate/notices/{notice}?lang=en")
    assert "You can write the reply again." in page and "required></textarea>" in page
