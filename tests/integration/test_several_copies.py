"""Several copies of one channel in one notice: one mail leaves, and each copy keeps its own notice, clock and end."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.notices import Letter, Notice
from db.models.platform_side import PlatformLink
from db.models.sightings import Sighting
from db.queries.notices import lock_message
from db.types import new_id
from monitor.app.adapters import make_smtp
from monitor.context.alerts import AlertKind
from monitor.core.errors import InDoubt, NotSent
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import MailCatcher
from monitor.evidence.by import By
from monitor.exports.package import Order, Place, make_package
from monitor.jobs.send import Sender
from monitor.jobs.send_letter import LetterSender
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import NoticeState
from monitor.model.records.answer import AnswerRecord
from monitor.notices.corresponding import letters_of
from monitor.notices.ending import end_notices
from monitor.notices.outcomes import alert_about
from monitor.notices.platform_links import LASTS
from monitor.notices.platform_tokens import make_token
from monitor.notices.returned import MailAbout, note_mail
from monitor.platforms.base import PlatformName
from monitor.sightings.following import be_removed, lock_notices_of
from tests.support.api_world import ApiWorld, Caller, api_world
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see, send_form
from tests.support.platform_world import BASE, Recipient, smtp_of

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "notice-json-1.schema.json").read_text("utf-8"))
POSTS = ("17", "18", "19")


@dataclass
class Scene:
    """Three confirmed copies in one channel, each with a notice that nobody sent, and a mailbox."""

    world: ApiWorld
    advocate: Caller
    person: Caller
    catcher: MailCatcher
    sightings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    async def more(self, post: str, **options: Any) -> str:
        """One more copy; its notice's id."""
        route = options.pop("route", "us_tida")
        sighting = await self.world.sighting(self.person, post_id=post, **options)
        body = {"basis": "caption-context", "routes": [route]}
        written = await self.advocate.post(f"/sightings/{sighting}/confirm", body)
        self.sightings.append(sighting)
        self.notices.append(written["notices"][0]["notice_id"])
        return self.notices[-1]

    async def join(self, *which: int) -> None:
        lead, *others = [self.notices[one] for one in which or (0, 1, 2)]
        await self.advocate.post(f"/notices/{lead}/together", {"notice_ids": others})

    async def send(self, which: int = 0) -> None:
        shown = await self.advocate.get(f"/notices/{self.notices[which]}/preview")
        await self.advocate.post(f"/notices/{self.notices[which]}/send", {"digest": shown["digest"]})

    async def leave(self, delivery: Any = None, which: int = 0) -> None:
        """What the worker does with every notice's task when the minute is over."""
        server = SmtpServer(self.catcher.host, self.catcher.port, starttls=False)
        way = delivery or SmtpDelivery(server, sender="Jikimi <notices@example.org>", bcc=None)
        for notice in await self.rows():
            await Sender(self.world.services.database, self.world.context, {"smtp": way}).send(
                notice.id, notice.attempt
            )

    async def rows(self) -> list[Notice]:
        async with self.world.services.database.read() as session:
            rows = {row.id: row for row in await session.scalars(select(Notice))}
        return [rows[one] for one in self.notices]

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def standing(self) -> list[str]:
        """The state of each copy."""
        return [(await self.advocate.get(f"/copies/{one}"))["copy"]["state"] for one in self.sightings]

    async def told(self, kind: str) -> list[dict[str, Any]]:
        async with self.world.services.database.read() as session:
            entries = await self.world.context.ledger.read(session, self.person.case_id)
        return [dict(facts or {}) for row, facts in entries if row.kind == kind]


@pytest.fixture
async def scene(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with api_world(prepared_sqlite_url, tmp_path) as world, MailCatcher() as catcher:
        advocate = await world.advocate()
        made = Scene(world, advocate, await world.vouched(advocate), catcher)
        for post in POSTS:
            await made.more(post)
        yield made


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_one_mail_carries_all_and_each_copy_goes_on_by_itself(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    assert await scene.states() == ["queued"] * 3
    assert [one for one in await scene.world.enqueued() if one.startswith("send-")] == [f"send-{scene.notices[0]}-1"]
    await scene.leave()
    (caught,) = scene.catcher.messages
    text, (part,) = text_of(caught.message), list(caught.message.iter_attachments())
    for number, post in enumerate(POSTS, 1):
        assert f"{number}. https://t.me/examplechannel/{post} (examplechannel/{post}), posted" in text
    assert "THIS NOTICE IS ABOUT 3 POSTS" in text and "(and 2 more)" in str(caught.message["Subject"])
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    machine = json.loads(content)
    jsonschema_rs.validate(SCHEMA, machine)
    assert [one["post_id"] for one in machine["locations"]] == list(POSTS)
    # Each has its own row, clock, check and entries.
    rows = await scene.rows()
    assert [row.state for row in rows] == ["sent"] * 3 and len({row.deadline_at for row in rows}) == 1
    checks = [one for one in await scene.world.enqueued() if one.startswith("verify-")]
    assert sorted(checks) == sorted(f"verify-{one}-1" for one in scene.notices)
    assert sorted(one["notice"] for one in await scene.told("notice-sent")) == sorted(scene.notices)
    assert await scene.standing() == ["sent"] * 3
    assert {row.together_id for row in rows[1:]} == {scene.notices[0]} and rows[0].together_id is None
    for one in scene.notices:
        assert (await scene.advocate.get(f"/notices/{one}/preview"))["envelope"]["message_id"] == rows[0].message_id
        assert (await scene.person.get(f"/notices/{one}"))["content"]["body"].count("t.me/examplechannel/18") >= 1
    # What becomes of one says nothing of another.
    async with scene.world.services.database.begin() as session:
        about = update(Notice).where(Notice.id == scene.notices[1])
        await session.execute(about.values(state=NoticeState.LAPSED))
    assert await scene.standing() == ["sent", "overdue", "sent"]


async def test_the_page_puts_them_together_and_takes_them_apart(scene: Scene) -> None:
    lead, mate = scene.notices[:2]
    assert "examplechannel · 18" in await see(scene.world, scene.advocate, f"/advocate/notices/{lead}")
    went = await send_form(scene.world, scene.advocate, f"/advocate/notices/{lead}/together", {"notice": mate})
    assert "done=together" in went
    page = await see(scene.world, scene.advocate, f"/advocate/notices/{lead}?lang=en")
    assert "In this notice with it" in page and "THIS NOTICE IS ABOUT 2 POSTS" in page
    other = await see(scene.world, scene.advocate, f"/advocate/notices/{mate}?lang=ko")
    assert "사본 여러 건이 한 신고로 나가요" in other and f"/advocate/notices/{mate}/send" not in other
    digest = (await scene.advocate.get(f"/notices/{mate}/preview"))["digest"]
    refused = await scene.advocate.refused("POST", f"/notices/{mate}/send", {"digest": digest})
    assert refused == (409, "carried-by-another")
    await send_form(scene.world, scene.advocate, f"/advocate/notices/{mate}/apart", {})
    assert "2 POSTS" not in (await scene.advocate.get(f"/notices/{lead}/preview"))["text"]
    assert [row.together_id for row in await scene.rows()] == [None] * 3
    assert len(await scene.told("notices-joined")) == len(await scene.told("notices-parted")) == 1


@pytest.mark.parametrize(
    "how", ["another channel", "another kind", "another way", "only seen by one", "sent", "theirs"]
)
async def test_what_one_text_cannot_say_of_all_is_refused(scene: Scene, how: str) -> None:
    other, reason = scene.notices[1], (409, "not-together")
    if how == "another channel":
        other = await scene.more("20", source="otherchannel")
    elif how == "another kind":
        async with scene.world.services.database.begin() as session:
            await session.execute(update(Sighting).where(Sighting.id == scene.sightings[1]).values(kind="faked"))
    elif how == "another way":
        other = await scene.more("20", route="telegram_report")
    elif how == "only seen by one":
        async with scene.world.services.database.begin() as session:
            await session.execute(update(Sighting).where(Sighting.id == scene.sightings[1]).values(released_at=None))
    elif how == "sent":
        await scene.send(1)
    else:
        advocate = await scene.world.advocate("other", "Centre B")
        stranger = Scene(scene.world, advocate, await scene.world.vouched(advocate), scene.catcher)
        other, reason = await stranger.more("17"), (404, "not-found")
    asked = {"notice_ids": [other]}
    assert await scene.advocate.refused("POST", f"/notices/{scene.notices[0]}/together", asked) == reason
    assert [row.together_id for row in await scene.rows()] == [None] * len(scene.notices)


async def test_undo_brings_all_back_and_nothing_leaves(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    await scene.advocate.post(f"/notices/{scene.notices[0]}/undo")
    await scene.leave()
    assert (await scene.states(), scene.catcher.messages) == (["prepared"] * 3, [])
    await scene.send()
    await scene.leave()
    assert (await scene.states(), len(scene.catcher.messages)) == (["sent"] * 3, 1)


@pytest.mark.parametrize("which", [0, 1])
async def test_copy_that_drops_out_within_the_minute_stops_the_text_that_names_it(scene: Scene, which: int) -> None:
    await scene.join()
    await scene.send()
    await scene.advocate.post(f"/copies/{scene.sightings[which]}/close", {"reason": "handed-over"})
    await scene.leave()
    assert scene.catcher.messages == []
    left = [number for number in range(3) if number != which]
    rows = await scene.rows()
    assert rows[which].state == "withdrawn"
    assert [(rows[one].state, rows[one].reason) for one in left] == [("prepared", "together-changed")] * 2
    lead = next(one for one in left if rows[one].together_id is None)
    text = (await scene.advocate.get(f"/notices/{scene.notices[lead]}/preview"))["text"]
    assert f"examplechannel/{POSTS[which]}" not in text and "2 POSTS" in text
    await scene.send(lead)
    await scene.leave()
    assert [(await scene.states())[one] for one in left] == ["sent", "sent"] and len(scene.catcher.messages) == 1


async def test_rule_that_stops_one_at_the_last_moment_stops_the_mail(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    async with scene.world.services.database.begin() as session:
        gone = update(Sighting).where(Sighting.id == scene.sightings[2])
        await session.execute(gone.values(removed_at=scene.world.clock.now()))
    await scene.leave()
    assert (await scene.states(), scene.catcher.messages) == (["prepared", "prepared", "withdrawn"], [])


async def test_doubt_is_about_all_and_one_answer_settles_it(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    delivery = FakeDelivery()
    delivery.errors = [InDoubt("connection-lost")]
    await scene.leave(delivery)
    assert await scene.states() == ["in_doubt"] * 3 and await scene.standing() == ["in-doubt"] * 3
    alerts = (await scene.advocate.get("/operations/alerts"))["alerts"]
    assert [one["subject"] for one in alerts if one["kind"] == "notice-in-doubt"] == [scene.notices[0]]
    await scene.advocate.post(f"/notices/{scene.notices[0]}/settle", {"arrived": False})
    await scene.leave(delivery)
    assert await scene.states() == ["sent"] * 3 and len(delivery.sent) == 1


async def test_mail_server_that_takes_nothing_yet_is_asked_again_for_all_at_once(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    delivery = FakeDelivery()
    delivery.errors = [NotSent("connection-refused")]
    await scene.leave(delivery)
    assert await scene.states() == ["queued"] * 3
    await scene.leave(delivery)
    assert await scene.states() == ["sent"] * 3 and len(delivery.sent) == 1
    # It came back after all: that is said of every copy, and it is sent again for every copy.
    await scene.advocate.post(f"/notices/{scene.notices[1]}/returned")
    assert await scene.states() == ["failed"] * 3
    await scene.advocate.post(f"/notices/{scene.notices[0]}/retry")
    await scene.leave(delivery)
    assert await scene.states() == ["sent"] * 3 and len(delivery.sent) == 2
    assert "3 POSTS" in delivery.sent[1].body


async def test_retry_leaves_out_what_was_given_up_meanwhile(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    delivery = FakeDelivery()
    await scene.leave(delivery)
    await scene.advocate.post(f"/notices/{scene.notices[0]}/returned")
    await scene.advocate.post(f"/notices/{scene.notices[2]}/withdraw")
    await scene.advocate.post(f"/notices/{scene.notices[0]}/retry")
    await scene.leave(delivery)
    assert await scene.states() == ["sent", "sent", "withdrawn"]
    assert "2 POSTS" in delivery.sent[1].body and "examplechannel/19" not in delivery.sent[1].body


async def test_taking_one_back_names_that_post_alone_and_cites_the_mail(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    await scene.leave()
    await scene.advocate.post(f"/sightings/{scene.sightings[1]}/reopen", {"reason": "wrong-copy"})
    assert await scene.states() == ["sent", "withdrawn", "sent"]
    async with scene.world.services.database.read() as session:
        (letter,) = await letters_of(session, scene.notices[1])
        assert isinstance(letter, Letter)
    server = SmtpServer(scene.catcher.host, scene.catcher.port, starttls=False)
    way = SmtpDelivery(server, sender="Jikimi <notices@example.org>", bcc=None)
    await LetterSender(scene.world.services.database, scene.world.context, way).send(letter.id, letter.attempt)
    first, second = (one.message for one in scene.catcher.messages)
    assert second["In-Reply-To"] == first["Message-ID"] and second["To"] == first["To"]
    assert "examplechannel/18" in text_of(second) and "examplechannel/17" not in text_of(second)


async def test_recipient_sees_every_place_and_one_answer_is_about_them_all(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    linked = replace(scene.world.context, links_at=BASE)
    sender = Sender(scene.world.services.database, linked, {"smtp": make_smtp(smtp_of(scene.catcher))})
    await sender.send(scene.notices[0], 1)
    recipient = Recipient(scene.world, scene.catcher)
    async with scene.world.services.database.begin() as session:
        first = update(Notice).where(Notice.id == scene.notices[0])
        await session.execute(first.values(state=NoticeState.REMOVED, due_at=None))
    page = (await recipient.open()).text
    assert "examplechannel/18" in page and "examplechannel/19" in page, "two of three still stand: the link is good"
    looks = [row.look for row in await scene.rows()]
    await recipient.ask_code()
    assert (await recipient.answer("removed")).status_code == 303
    now = scene.world.clock.now()
    assert [row.due_at for row in await scene.rows()] == [None, now, now]
    assert [row.look for row in await scene.rows()] == [looks[0], looks[1] + 1, looks[2] + 1]
    async with scene.world.services.database.begin() as session:
        await session.execute(update(PlatformLink).values(code_at=None, codes_today=0))
    scene.world.clock.move(minutes=5)
    await recipient.ask_code()
    assert (await recipient.answer("refused", reason="court-order", text="An order, please.")).status_code == 303
    assert (await scene.standing())[1:] == ["waiting", "waiting"]


async def test_recipient_is_not_asked_about_a_copy_that_was_taken_back(scene: Scene) -> None:
    await scene.join()
    await scene.send()
    linked = replace(scene.world.context, links_at=BASE)
    sender = Sender(scene.world.services.database, linked, {"smtp": make_smtp(smtp_of(scene.catcher))})
    await sender.send(scene.notices[0], 1)
    recipient, places = Recipient(scene.world, scene.catcher), [f"https://t.me/examplechannel/{one}" for one in POSTS]

    async def data() -> dict[str, Any]:
        path = f"/platform/notices/{recipient.link().split('.')[0]}/notice.json"
        told: dict[str, Any] = (await recipient.ask("GET", path)).json()
        return told

    assert "Nothing is asked" not in (await recipient.open()).text
    whole = await data()
    assert [one["url"] for one in whole["locations"]] == places
    await scene.advocate.post(f"/sightings/{scene.sightings[1]}/reopen", {"reason": "wrong-copy"})
    told = await data()
    jsonschema_rs.validate(SCHEMA, told)
    assert told == {**whole, "locations": [whole["locations"][0], whole["locations"][2]]}
    page = (await recipient.open()).text
    # The text was sent and stays; above it stands which link it asks nothing about any more.
    above, _, below = page.partition("THE NOTICE AS IT WAS SENT")
    assert f"Nothing is asked about them any more:\n{places[1]}\n" in above and "examplechannel/18" in below
    assert above.count("examplechannel/18") == 1
    # The same for each of them by token, for a program.
    added: dict[str, Any] = {"name": "Desk", "address": "abuse@telegram.org", "platform": None, "webhook": None}
    async with scene.world.services.database.begin() as session:
        by, now = By.operator("platform add"), scene.world.clock.now()
        made = await make_token(session, scene.world.context.keys, **added, by=by, now=now)
    headers = {"Authorization": f"Bearer {made.token}"}
    for which in (0, 2):
        path = f"/platform/v1/notices/{scene.notices[which]}"
        one = (await scene.world.http.get(path, headers=headers)).json()
        assert one["data"] == told and one["text"].startswith("TAKEN BACK\n")
    # Reported anew it is asked for by a notice of its own, and gone is not taken back.
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    await scene.advocate.post(f"/sightings/{scene.sightings[1]}/confirm", body)
    await scene.send(1)
    await Sender(scene.world.services.database, linked, {"smtp": FakeDelivery()}).send(scene.notices[1], 2)
    async with scene.world.services.database.begin() as session:
        third = update(Notice).where(Notice.id == scene.notices[2])
        await session.execute(third.values(state=NoticeState.REMOVED, due_at=None))
    assert [one["url"] for one in (await data())["locations"]] == places[:1]
    assert "TAKEN BACK" not in (await recipient.open()).text


async def test_what_was_told_of_a_mail_stands_until_the_last_of_its_copies_is_gone(scene: Scene) -> None:
    """A refusal is of all that the mail carried, and its alert stands at the one that carried it."""
    await scene.join()
    await scene.send()
    await scene.leave()
    world = scene.world
    for one in scene.notices:
        async with world.services.database.begin() as session:
            notice, _ = await lock_message(session, one)
            await alert_about(session, world.context, AlertKind.CANNOT_VERIFY, notice, "behind-login")
            if notice.together_id is None:
                await alert_about(session, world.context, AlertKind.PLATFORM_REFUSED, notice, "platform-not-found")
    for which, left in ((0, 3), (2, 2), (1, 0)):
        async with world.services.database.begin() as session:
            sighting = await lock_one(session, Sighting, scene.sightings[which])
            await lock_notices_of(session, [sighting])
            await be_removed(session, world.context, sighting)
            await end_notices(session, world.context, sighting)
        told = [one["kind"] for one in (await scene.advocate.get("/operations/alerts"))["alerts"]]
        assert (await scene.states())[which] == "removed" and len(told) == left
        assert ("platform-refused" in told) == (left > 0)


async def test_package_leaves_out_a_post_that_is_not_the_persons(scene: Scene, tmp_path: Path) -> None:
    await scene.join()
    await scene.send()
    await scene.leave()
    quoted = AnswerRecord(sender="abuse@telegram.org", text="About https://t.me/examplechannel/18: no.")
    async with scene.world.services.database.begin() as session:
        notice, _ = await lock_message(session, scene.notices[0])
        mail = MailAbout("0" * 64, Finding(ReportKind.REPLY, "reply"), Proof.DKIM, quoted)
        assert await note_mail(session, scene.world.context, notice, mail)
    assert b"examplechannel/18" in b"".join((await packed(scene, tmp_path)).values())
    await scene.advocate.post(f"/sightings/{scene.sightings[1]}/reopen", {"reason": "wrong-copy"})
    files = await packed(scene, tmp_path)
    assert [name for name, data in files.items() if b"examplechannel/18" in data] == []
    told = json.loads(files[f"data/cases/{scene.person.case_id}/records.json"])
    assert sorted(one["post"] for one in told["copies"]) == ["17", "19"]
    for one in told["notices"]:
        assert "examplechannel/17" in one["body"] and "examplechannel/19" in one["body"]
        assert "[another post, not in this package]" in one["body"] and one["answers"][0]["text"].endswith(": no.")


async def packed(scene: Scene, folder: Path) -> Mapping[str, bytes]:
    """The case's evidence package, file by file."""
    order = Order(
        export_id=new_id(),
        case_ids=(scene.person.case_id,),
        source_id=None,
        language="en",
        recipient="the police",
        made_by="someone",
        made_at=scene.world.clock.now().replace(microsecond=0),
    )
    place = Place(folder / "heads", "https://jikimi.example.org")
    return (await make_package(scene.world.services.database, scene.world.context, order, place)).files


async def test_every_copys_own_link_is_good_for_as_long_from_when_the_mail_leaves(scene: Scene) -> None:
    linked = replace(scene.world.context, links_at=BASE)
    async with scene.world.services.database.begin() as session:
        now = scene.world.clock.now()
        # As they were written, long before they leave.
        await session.execute(update(PlatformLink).values(expires_at=now + timedelta(days=1), recipient_tag="0" * 64))
    await scene.join()
    await scene.send()
    await Sender(scene.world.services.database, linked, {"smtp": make_smtp(smtp_of(scene.catcher))}).send(
        scene.notices[0], 1
    )
    async with scene.world.services.database.read() as session:
        every = (await session.scalars(select(PlatformLink))).all()
    assert len(every) == len(scene.notices) > 1
    assert {one.expires_at for one in every} == {now + LASTS}
    assert "0" * 64 not in {one.recipient_tag for one in every}


async def test_form_that_takes_several_is_submitted_once_for_all(scene: Scene) -> None:
    scene.notices.clear()
    scene.sightings.clear()
    for post in ("190017", "190018"):
        await scene.more(post, source="someone", platform=PlatformName.X, route="x_tida")
    await scene.join(0, 1)
    whole = await scene.advocate.get(f"/notices/{scene.notices[0]}")
    (links,) = [value for label, value in whole["form"]["fields"] if label == "Links to the posts"]
    assert "190017" in links and "190018" in links
    await scene.advocate.post(f"/notices/{scene.notices[0]}/submission", {"reference": "X-77"})
    assert await scene.states() == ["sent", "sent"] and await scene.standing() == ["sent", "sent"]
    first, second = await scene.rows()
    assert first.sent_at is not None and first.deadline_at == second.deadline_at == first.sent_at + timedelta(hours=48)
