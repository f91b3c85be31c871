"""A mailbox of the person's own is told, neutrally and seldom, that there is something to read; a bounce ends it."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.news import NewsMailbox
from db.models.notices import Notice
from monitor.cases.erasure import erase
from monitor.core.errors import ConfigError, DeliveryRefused, NotSent
from monitor.delivery.base import Receipt
from monitor.delivery.smtp_news import SmtpNewsMail
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import MailCatcher
from monitor.jobs.news_mail import NewsMailer, NewsTick, stop_returned
from monitor.mailbox.report import report_of
from monitor.model.notice_states import NoticeState, move
from monitor.notices.address import ask_for_address
from monitor.notices.outcomes import mark_sent
from monitor.settings.loading import parse_settings
from monitor.work.tasks import Task
from tests.integration.test_entered_for_person import EMPTY
from tests.integration.test_joint_reports import ask, begun
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world

FROM = "info@letters.example"
BODY = {"address": "me@home.example", "sender": "Library", "subject": "새로 온 책 알림", "language": "ko"}


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path, news_from=FROM) as made:
        yield made


class Post:
    """The way out, over a real mail server; or with the errors that it was given."""

    def __init__(self, port: int) -> None:
        self._mail = SmtpNewsMail(SmtpServer("127.0.0.1", port, starttls=False, timeout=10.0), sender=FROM)
        self.errors: list[Exception] = []

    async def send(self, **letter: str) -> None:
        """See NewsDelivery."""
        if self.errors:
            raise self.errors.pop(0)
        await self._mail.send(**letter)


async def ticked(world: ApiWorld, post: Post) -> None:
    """The tick, and the mails that it asked for."""
    tasks: list[Task] = []

    async def remember(_session: object, task: Task) -> None:
        tasks.append(task)

    context: Any = replace(world.context, enqueue=remember)
    await NewsTick(world.services.database, context).tick()
    for task in tasks:
        assert FROM not in str(task) and "home.example" not in str(task)
        await NewsMailer(world.services.database, world.context, post).send(*task.arguments)  # type: ignore[arg-type]


async def row(world: ApiWorld) -> NewsMailbox:
    async with world.services.database.read() as session:
        return (await session.scalars(select(NewsMailbox))).one()


async def visits(world: ApiWorld, person: Caller) -> Caller:
    body = {"case_id": person.case_id, "passphrase": person.passphrase}
    token = (await world.nobody().post("/log-ins/person", body))["token"]
    return Caller(world.http, token, person.case_id, person.passphrase)


async def leaves(world: ApiWorld, notice_id: str) -> None:
    """The notice is sent, as the job that sends it writes it."""
    async with world.services.database.begin() as session:
        notice = await lock_one(session, Notice, notice_id)
        for state in (NoticeState.QUEUED, NoticeState.SENDING):
            notice.state = move(notice.state, state)
        await mark_sent(session, world.context, notice, Receipt("R", {}))


async def kinds(world: ApiWorld, case_id: str) -> list[str]:
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    return [one.row.kind for one in told if one.row.kind.startswith("news-")]


async def test_one_neutral_mail_a_day_after_a_random_delay_and_none_after_a_visit(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    assert (await person.get(f"{path}/news-mail"))["on"] is False, "off by default"
    await person.put(f"{path}/news-mail", BODY)
    assert b"home.example" not in (await row(world)).content
    caplog.set_level(logging.DEBUG)
    async with MailCatcher() as mail:
        post = Post(mail.port)
        await ticked(world, post)
        assert (await row(world)).due_at is None, "nothing happened"
        world.clock.move(minutes=1)
        await advocate.post(f"{path}/messages", {"text": "We found it on examplechannel."})
        await ticked(world, post)
        due = (await row(world)).due_at
        assert due is not None
        assert timedelta(hours=1) <= due - world.clock.now() <= timedelta(hours=9) and mail.messages == []
        world.clock.time = due
        for _ in range(3):
            await ticked(world, post)
        (caught,) = mail.messages
        message = caught.message
        assert (caught.envelope_from, caught.rcpt) == (FROM, ("me@home.example",))
        assert str(message["From"]) == f"Library <{FROM}>" and str(message["Subject"]) == BODY["subject"]
        assert message.get_content().strip() == "읽을 것이 있어요."
        whole = message.as_string().lower()
        for never in ("jikimi", "지킴이", "http", "examplechannel", "centre", person.case_id, "notice", "bcc"):
            assert never not in whole, never
        # More news on the same day: the next mail is a day later at the earliest.
        world.clock.move(minutes=5)
        await advocate.post(f"{path}/messages", {"text": "And another one."})
        await ticked(world, post)
        later = (await row(world)).due_at
        assert later is not None and later >= due + timedelta(days=1, hours=1)
        # The person looks in before: no mail.
        world.clock.move(hours=2)
        person = await visits(world, person)
        world.clock.time = later
        await ticked(world, post)
        assert len(mail.messages) == 1 and (await row(world)).due_at is None
    assert "home.example" not in caplog.text and BODY["subject"] not in caplog.text
    assert await kinds(world, person.case_id) == ["news-mail-set", "news-mail-sent"]


async def test_faults_are_tried_again_refusals_and_bounces_end_it_and_it_goes_with_the_case(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"

    async def something_new() -> None:
        world.clock.move(minutes=1)
        await advocate.post(f"{path}/messages", {"text": "Something new."})

    async with MailCatcher() as mail:
        post = Post(mail.port)
        await person.put(f"{path}/news-mail", BODY)
        await something_new()
        await ticked(world, post)
        world.clock.move(hours=10)
        post.errors = [NotSent("no-connection")]
        await ticked(world, post)
        assert mail.messages == [] and (await row(world)).stopped is None
        world.clock.move(hours=2)
        await ticked(world, post)
        assert len(mail.messages) == 1
        # It comes back: the report names the mail's own random Message-ID.
        returned = f"Message-ID: {mail.messages[0].message['Message-ID']}\r\n\r\n".encode()
        status = (
            b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; me@home.example\r\nAction: failed\r\nStatus: 5.1.1"
        )
        report = report_of(status, returned)
        assert report.failed and report.message_ids == ()
        assert not await stop_returned(world.services.database, world.context, ("<other@letters.example>",))
        assert await stop_returned(world.services.database, world.context, report.returned_ids)
        told = await person.get(f"{path}/news-mail")
        assert (told["on"], told["stopped"]) == (False, "bounced")
        world.clock.move(days=2)
        await something_new()
        await ticked(world, post)
        world.clock.move(days=2)
        await ticked(world, post)
        assert len(mail.messages) == 1
        # Another mailbox, which the server refuses for good.
        await person.put(f"{path}/news-mail", {**BODY, "address": "you@home.example"})
        await something_new()
        await ticked(world, post)
        world.clock.move(days=2)
        post.errors = [DeliveryRefused("recipient-refused-550")]
        await ticked(world, post)
        assert (await person.get(f"{path}/news-mail"))["stopped"] == "recipient-refused-550"
    assert await kinds(world, person.case_id) == [
        *("news-mail-set", "news-mail-sent", "news-mail-sent", "news-mail-stopped"),
        *("news-mail-set", "news-mail-sent", "news-mail-stopped"),
    ]
    await person.post(f"{path}/erasure", {"passphrase": person.passphrase})
    async with world.services.database.begin() as session:
        await erase(session, world.context, await lock_one(session, Case, person.case_id))
    async with world.services.database.read() as session:
        assert (await session.scalars(select(NewsMailbox))).all() == []


async def test_late_bounce_of_a_mailbox_that_was_corrected_does_not_stop_the_new_one(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"

    async def left(post: Post) -> None:
        for _ in range(6):
            world.clock.move(minutes=1)
            await advocate.post(f"{path}/messages", {"text": "Something new."})
            await ticked(world, post)
            world.clock.move(hours=8)

    async def comes_back(number: int) -> None:
        ids = (str(mail.messages[number].message["Message-ID"]),)
        await stop_returned(world.services.database, world.context, ids)

    async with MailCatcher() as mail:
        post = Post(mail.port)
        await person.put(f"{path}/news-mail", {**BODY, "address": "mistyped@home.example"})
        await left(post)
        await person.put(f"{path}/news-mail", BODY)
        await comes_back(-1)
        told = await person.get(f"{path}/news-mail")
        assert (told["on"], told["stopped"]) == (True, None)
        before = len(mail.messages)
        await left(post)
        assert {one.rcpt for one in mail.messages[before:]} == {(BODY["address"],)}
        # Other words for the same mailbox: what comes back from there still ends it.
        await person.put(f"{path}/news-mail", {**BODY, "subject": "Another subject"})
        await comes_back(-1)
        assert (await person.get(f"{path}/news-mail"))["stopped"] == "bounced"
        # The person tries it once more: the same report again says nothing new.
        await person.put(f"{path}/news-mail", BODY)
        await comes_back(-1)
        assert (await person.get(f"{path}/news-mail"))["stopped"] is None
        # A mail to the old one is refused while the person names another: that is no word about the other.
        refused: list[str] = []
        send = post.send

        async def refuse_once(**letter: str) -> None:
            if refused:
                await send(**letter)
                return
            refused.append(letter["recipient"])
            await person.put(f"{path}/news-mail", {**BODY, "address": "third@home.example"})
            raise DeliveryRefused("recipient-refused-550")

        post.send = refuse_once  # type: ignore[method-assign]
        await left(post)
        assert refused == [BODY["address"]]
        assert (await person.get(f"{path}/news-mail"))["stopped"] is None
        await left(post)  # at most one a day, and after a random delay
        assert mail.messages[-1].rcpt == ("third@home.example",)


async def test_only_the_person_of_a_vouched_case_sets_it_with_words_that_tell_nothing(
    world: ApiWorld, prepared_sqlite_url: str, tmp_path: Path
) -> None:
    advocate = await world.advocate()
    person, waiting = await world.vouched(advocate), await world.person()
    path = f"/cases/{person.case_id}/news-mail"
    assert await waiting.refused("PUT", f"/cases/{waiting.case_id}/news-mail", BODY) == (409, "not-vouched")
    for bad, code in (
        ({"address": "no address"}, "address-invalid"),
        ({"address": "a@b.example, c@d.example"}, "address-invalid"),
        ({"sender": "Jikimi"}, "news-words"),
        ({"subject": "지킴이 소식"}, "news-words"),
        ({"subject": "see https://here.example"}, "news-words"),
        ({"sender": ""}, "news-words"),
        ({"subject": "x" * 101}, "news-words"),
    ):
        assert await person.refused("PUT", path, {**BODY, **bad}) == (422, code), bad
    for method, body in (("GET", None), ("PUT", BODY), ("DELETE", None)):
        assert await advocate.refused(method, path, body) == (403, "only-the-person")
    await person.put(path, BODY)
    assert (await person.get(path))["mailed_from"] == FROM
    await person.delete(path)
    await person.delete(path)
    assert (await person.get(path))["address"] is None
    assert await kinds(world, person.case_id) == ["news-mail-set", "news-mail-set"]
    values = {
        "smtp": {"host": "127.0.0.1", "starttls": False, "from": "n@example.org"},
        "news": {"from": "jikimi@x.example"},
    }
    with pytest.raises(ConfigError, match="must not name the project"):
        parse_settings(values, tmp_path / "config.toml", {})
    with pytest.raises(ConfigError, match="needs a mail server"):
        parse_settings({"news": {"from": FROM}}, tmp_path / "config.toml", {})


async def test_without_a_neutral_address_it_stays_off(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    path = f"/cases/{person.case_id}/news-mail"
    assert (await person.get(path))["available"] is False
    assert await person.refused("PUT", path, BODY) == (409, "news-off")


async def test_off_and_on_again_brings_no_second_mail_on_a_day(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/news-mail", BODY)
    left = []
    async with MailCatcher() as mail:
        post = Post(mail.port)
        for text in ("one", "two"):
            world.clock.move(minutes=1)
            await advocate.post(f"{path}/messages", {"text": text})
            await ticked(world, post)
            due = (await row(world)).due_at
            assert due is not None
            world.clock.time = due
            await ticked(world, post)
            left.append(due)
            person = await visits(world, person)
            await person.delete(f"{path}/news-mail")
            await person.put(f"{path}/news-mail", BODY)
        assert len(mail.messages) == 2 and left[1] - left[0] >= timedelta(days=1)


async def test_what_an_advocate_entered_and_the_end_of_a_wait_for_the_police_are_news(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake=EMPTY)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/news-mail", BODY)
    async with MailCatcher() as mail:
        post = Post(mail.port)
        world.clock.move(minutes=1)
        await advocate.put(f"{path}/intake", INTAKE)
        for _ in range(3):
            await ticked(world, post)
            world.clock.move(hours=12)
        assert (await person.get(f"{path}/standing"))["asked"] > 0 and len(mail.messages) == 1
        # The person is there again, and waits for the police; that is over two days later.
        person = await visits(world, person)
        until = (world.clock.now() + timedelta(days=2)).date().isoformat()
        waits = {"timing": "wait-for-police", "police_until": until}
        await person.put(f"{path}/intake", {**INTAKE, **waits})
        for _ in range(4):
            await ticked(world, post)
            world.clock.move(hours=12)
        assert len(mail.messages) == 1
        for _ in range(6):
            await ticked(world, post)
            world.clock.move(hours=12)
        person = await visits(world, person)
        assert (await person.get(f"{path}/standing"))["police_over"] and len(mail.messages) == 2


async def test_a_notice_that_left_is_news_once_the_copy_is_released_and_so_is_a_joint_report_that_asks(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    report, (person, _) = await begun(world, advocate)
    path = f"/cases/{person.case_id}"
    person = await visits(world, person)
    await person.put(f"{path}/news-mail", BODY)
    async with MailCatcher() as mail:
        post = Post(mail.port)

        async def a_day_later() -> int:
            for _ in range(3):
                await ticked(world, post)
                world.clock.move(hours=12)
            return len(mail.messages)

        world.clock.move(minutes=1)
        assert await a_day_later() == 0
        await ask(advocate, report, person)
        assert await a_day_later() == 1
        # Seen, it is no news any more, though nobody answered.
        person = await visits(world, person)
        assert await a_day_later() == 1
        hidden = await world.sighting(person, post_id="41")
        told = await world.sighting(person, post_id="42")
        for sighting_id, release in ((hidden, False), (told, True)):
            body = {"basis": "caption-context", "routes": ["us_tida"], "release": release}
            written = await advocate.post(f"/sightings/{sighting_id}/confirm", body)
            if release:
                person = await visits(world, person)  # that it was found is known
            world.clock.move(minutes=1)
            await leaves(world, written["notices"][0]["notice_id"])
            assert await a_day_later() == (2 if release else 1)


async def test_what_is_over_or_was_seen_brings_no_mail(world: ApiWorld) -> None:
    """A question that was closed, one whose time is over, a new passphrase that nobody drew, a copy that was seen."""
    advocate, _ = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/news-mail", BODY)
    async with MailCatcher() as mail:
        post = Post(mail.port)

        async def is_due() -> datetime:
            await ticked(world, post)
            due = (await row(world)).due_at
            assert due is not None
            return due

        async def none_leaves() -> None:
            await ticked(world, post)
            assert mail.messages == [] and (await row(world)).due_at is None

        # Asked whether it is theirs, and dismissed before the mail.
        world.clock.move(minutes=5)
        sighting = await world.sighting(person)
        await advocate.post(f"/sightings/{sighting}/ask")
        due = await is_due()
        await advocate.post(f"/sightings/{sighting}/dismiss", {"reason": "not-the-picture"})
        world.clock.time = due
        await none_leaves()
        # Whether their case may go to another centre: the time to answer is over.
        await advocate.post("/transfers", {"case_id": person.case_id, "to": "Centre B", "days": 1})
        world.clock.move(days=1, minutes=1)
        await none_leaves()
        # A new passphrase that a lead asked for, and nobody drew in time.
        await advocate.post(f"{path}/reissue")
        assert (await is_due()) > world.clock.now()
        world.clock.move(days=30)
        await none_leaves()
        told = await person.get(f"{path}/standing")
        assert (told["reissue_due_at"], told["asked"]) == (None, 0)
        # A copy that they saw while they were logged in; one that came after it is news.
        world.clock.move(minutes=5)
        seen = await world.sighting(person, post_id="51")
        await advocate.post(f"/sightings/{seen}/confirm", {"basis": "caption-context", "routes": []})
        due = await is_due()
        assert (await person.get(f"{path}/standing"))["waiting"] == 1
        assert len((await person.get(f"{path}/sightings"))["sightings"]) == 1
        world.clock.time = due
        await none_leaves()
        world.clock.move(minutes=5)
        later = await world.sighting(person, post_id="52")
        await advocate.post(f"/sightings/{later}/confirm", {"basis": "caption-context", "routes": []})
        world.clock.time = await is_due()
        await ticked(world, post)
        assert len(mail.messages) == 1


async def test_question_about_the_address_that_is_over_brings_no_mail(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    sighting = await world.sighting(person)
    written = await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": ["us_tida"]})
    person = await visits(world, person)
    await person.put(f"{path}/news-mail", BODY)
    world.clock.move(minutes=5)
    async with world.services.database.begin() as session:
        notice = await lock_one(session, Notice, written["notices"][0]["notice_id"])
        case = await session.get_one(Case, person.case_id)
        await ask_for_address(session, world.context, case, notice, "abuse@platform.example")
    async with MailCatcher() as mail:
        post = Post(mail.port)
        await ticked(world, post)
        due = (await row(world)).due_at
        assert due is not None
        await advocate.post(f"/notices/{notice.id}/withdraw")
        assert (await person.get(f"{path}/addresses"))["questions"][0]["state"] == "closed"
        world.clock.time = due
        await ticked(world, post)
        assert mail.messages == [] and (await row(world)).due_at is None


async def test_looking_in_is_noted_and_not_at_every_read(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    person = await visits(world, person)

    async def visited() -> datetime | None:
        async with world.services.database.read() as session:
            return (await session.get_one(Case, person.case_id)).visited_at

    first = world.clock.now()
    world.clock.move(minutes=1)
    await person.get(f"{path}/standing")
    assert await visited() == first, "no write at every read"
    world.clock.move(hours=2)
    await person.get(f"{path}/standing")
    assert await visited() == world.clock.now()
    seen = world.clock.now()
    world.clock.move(hours=2)
    await advocate.get(path)
    assert await visited() == seen, "an advocate is no visit of the person"
