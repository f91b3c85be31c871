"""Confirming sends nothing: what would leave is shown, sent a minute later, can be undone, and is shown afterwards."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import select, update

from db.models.ledger import LedgerEntry
from db.models.notices import Notice
from db.models.people import Advocate, Organisation
from monitor.cases.correspondence import set_alias, set_reply_to
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import MailCatcher
from monitor.evidence.by import By
from monitor.jobs.send import Sender
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world
from tests.support.page_forms import see, send_form

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "notice-json-1.schema.json").read_text("utf-8"))
SENDER = "Jikimi <notices@example.org>"


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path, xarf_routes=frozenset({"us_tida"})) as made:
        yield made


async def ready(world: ApiWorld, advocate: Caller, route: str = "us_tida", **intake: Any) -> tuple[Caller, str]:
    """(person, notice): confirmed, and nothing sent."""
    person = await world.vouched(advocate, intake=intake)
    body = {"basis": "caption-context", "routes": [route]}
    written = await advocate.post(f"/sightings/{await world.sighting(person)}/confirm", body)
    return person, written["notices"][0]["notice_id"]


def sender_to(world: ApiWorld, catcher: MailCatcher) -> Sender:
    server = SmtpServer(catcher.host, catcher.port, starttls=False)
    return Sender(world.services.database, world.context, {"smtp": SmtpDelivery(server, sender=SENDER, bcc=None)})


def part(message: EmailMessage, name: str) -> bytes:
    """An attachment as it arrived."""
    (found,) = [one for one in message.iter_attachments() if one.get_filename() == name]
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_confirming_sends_nothing_by_itself(world: ApiWorld) -> None:
    advocate = await world.advocate()
    _, notice = await ready(world, advocate)
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "prepared"
    assert await world.enqueued() == []
    # Not even where somebody has its task.
    async with MailCatcher() as catcher:
        await sender_to(world, catcher).send(notice, 1)
        assert catcher.messages == []


async def test_what_arrives_is_exactly_what_was_shown_and_is_shown_again_afterwards(world: ApiWorld) -> None:
    advocate = await world.advocate()
    async with world.services.database.begin() as session:
        now, by = datetime.now(UTC), By.operator("test")
        keys = world.services.keys
        answers = "answers@centre.example"
        await set_reply_to(session, keys, organisation="Centre A", reply_to=answers, by=by, now=now)
        await set_alias(session, keys, login="first", alias="Miss Work", by=by, now=now)
    _, notice = await ready(world, advocate)
    await advocate.put(f"/notices/{notice}/paragraph", {"text": "The post was put there anew yesterday.\n둘째 줄"})
    shown = await advocate.get(f"/notices/{notice}/preview")
    assert shown["may_send"] and shown["undo_until"] is None and shown["state"] == "prepared"
    sent = await advocate.post(f"/notices/{notice}/send", {"digest": shown["digest"]})
    assert sent["state"] == "queued"
    async with MailCatcher() as catcher:
        await sender_to(world, catcher).send(notice, 1)
        ((caught),) = catcher.messages
    mail, envelope = caught.message, shown["envelope"]
    assert parseaddr(mail["From"]) == parseaddr(envelope["sender"]) == ("Centre A (Miss Work)", "notices@example.org")
    assert caught.envelope_from == "notices@example.org"
    assert (mail["To"], mail["Reply-To"], mail["Subject"], mail["Message-ID"]) == (
        envelope["to"],
        envelope["reply_to"],
        envelope["subject"],
        envelope["message_id"],
    )
    assert caught.rcpt == (envelope["to"],) and envelope["reply_to"] == "answers@centre.example"
    assert text_of(mail).strip() == shown["text"].strip()
    assert "> 둘째 줄" in text_of(mail) and "Contact: answers@centre.example" in text_of(mail)
    assert [one["name"] for one in shown["attachments"]] == ["notice.json", "xarf.json"]
    for one in shown["attachments"]:
        assert hashlib.sha256(part(mail, one["name"])).hexdigest() == one["sha256"]
    machine = json.loads(part(mail, "notice.json"))
    jsonschema_rs.validate(SCHEMA, machine)
    assert machine["locations"][0]["channel"]["id"] == "77" and machine["sender"]["name"] == "Miss Work"
    after = await advocate.get(f"/notices/{notice}/preview")
    assert {**shown, "state": "sent", "may_send": False} == after


async def test_the_persons_own_address_and_the_advocates_own_name_stay_in(world: ApiWorld) -> None:
    advocate = await world.advocate()
    async with world.services.database.begin() as session:
        await session.execute(update(Advocate).values(work_alias="Miss Work"))
        await session.execute(update(Organisation).values(reply_to="answers@centre.example"))
    for route in ("us_tida", "telegram_report"):
        _, notice = await ready(world, advocate, route)
        shown = json.dumps(await advocate.get(f"/notices/{notice}/preview"))
        assert "person@example.org" not in shown and "Signing Advocate" not in shown


async def test_an_agents_signature_is_the_advocates_own_name_for_the_law_asks_for_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    async with world.services.database.begin() as session:
        await session.execute(update(Advocate).values(work_alias="Miss Work"))
    _, notice = await ready(world, advocate, sender_role="agent", mandate_reference="Mandate 7")
    text = (await advocate.get(f"/notices/{notice}/preview"))["text"]
    assert "Signature (electronic): Signing Advocate" in text and "Post confirmed by: Miss Work" in text


async def test_a_notice_needs_an_address_of_the_centre(prepared_sqlite_url: str, tmp_path: Path) -> None:
    async with api_world(prepared_sqlite_url, tmp_path, mail_from="") as world:
        advocate = await world.advocate()
        person = await world.vouched(advocate)
        sighting = await world.sighting(person)
        offers = (await advocate.get(f"/sightings/{sighting}/routes"))["offers"]
        (lacking,) = [one for one in offers if one["route"] == "us_tida"]
        assert (lacking["reason"], lacking["missing"]) == ("missing-fields", ["contact"])


async def test_undo_within_the_minute_sends_nothing_and_it_can_be_sent_again(world: ApiWorld) -> None:
    advocate = await world.advocate()
    _, notice = await ready(world, advocate)
    sent = await advocate.send(notice)
    due = datetime.fromisoformat(sent["due_at"])
    assert due == world.clock.now() + timedelta(minutes=1)
    shown = await advocate.get(f"/notices/{notice}/preview")
    assert datetime.fromisoformat(shown["undo_until"]) == due and not shown["may_send"]
    assert (await advocate.post(f"/notices/{notice}/undo"))["state"] == "prepared"
    async with MailCatcher() as catcher:
        sender = sender_to(world, catcher)
        await sender.send(notice, 1)  # the task of what was undone
        assert catcher.messages == []
        await advocate.send(notice)
        for attempt in (1, 2):
            await sender.send(notice, attempt)
        assert len(catcher.messages) == 1
        assert await advocate.refused("POST", f"/notices/{notice}/undo") == (409, "too-late-to-undo")
    assert await world.enqueued() == [f"send-{notice}-1", f"send-{notice}-2", f"verify-{notice}-1"]


@pytest.mark.parametrize("change", ["facts", "paragraph", "alias", "reply-to"])
async def test_what_changed_since_it_was_looked_at_is_not_sent(world: ApiWorld, change: str) -> None:
    advocate = await world.advocate()
    person, notice = await ready(world, advocate)
    shown = await advocate.get(f"/notices/{notice}/preview")
    if change == "facts":
        await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "good_faith_facts": "It was stolen."})
    elif change == "paragraph":
        await advocate.put(f"/notices/{notice}/paragraph", {"text": "One word more."})
    else:
        async with world.services.database.begin() as session:
            if change == "alias":
                await session.execute(update(Advocate).values(work_alias="Another Name"))
            else:
                await session.execute(update(Organisation).values(reply_to="other@centre.example"))
    body = {"digest": shown["digest"]}
    assert await advocate.refused("POST", f"/notices/{notice}/send", body) == (409, "leaves-changed")
    again = await advocate.get(f"/notices/{notice}/preview")
    assert again["digest"] != shown["digest"]
    assert (await advocate.post(f"/notices/{notice}/send", {"digest": again["digest"]}))["state"] == "queued"


async def test_what_was_looked_at_is_the_same_an_hour_later(world: ApiWorld) -> None:
    advocate = await world.advocate()
    world.clock.time = world.clock.time.replace(hour=9)
    _, notice = await ready(world, advocate)
    shown = await advocate.get(f"/notices/{notice}/preview")
    world.clock.time += timedelta(hours=1)
    assert (await advocate.post(f"/notices/{notice}/send", {"digest": shown["digest"]}))["state"] == "queued"


async def test_what_is_sent_stays_though_the_facts_change_within_the_minute(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, notice = await ready(world, advocate)
    shown = await advocate.get(f"/notices/{notice}/preview")
    await advocate.post(f"/notices/{notice}/send", {"digest": shown["digest"]})
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "good_faith_facts": "It was stolen."})
    async with MailCatcher() as catcher:
        await sender_to(world, catcher).send(notice, 1)
        assert text_of(catcher.messages[0].message).strip() == shown["text"].strip()


async def test_a_form_is_submitted_by_a_person_and_never_sent_from_here(world: ApiWorld) -> None:
    from monitor.platforms.base import PlatformName

    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person, platform=PlatformName.X, source="exampleaccount")
    body = {"basis": "caption-context", "routes": ["x_tida"]}
    notice = (await advocate.post(f"/sightings/{sighting}/confirm", body))["notices"][0]["notice_id"]
    shown = await advocate.get(f"/notices/{notice}/preview")
    assert (shown["channel"], shown["may_send"]) == ("form", False)
    path = f"/notices/{notice}/send"
    assert await advocate.refused("POST", path, {"digest": shown["digest"]}) == (409, "sent-by-hand")


async def test_a_report_inside_telegram_is_shown_with_its_menu_and_comment(world: ApiWorld) -> None:
    advocate = await world.advocate()
    _, notice = await ready(world, advocate, "telegram_report")
    shown = await advocate.get(f"/notices/{notice}/preview")
    assert shown["envelope"]["to"] == "examplechannel" and shown["envelope"]["sender"] == ""
    assert shown["menu"][0] == "Non-consensual sexual imagery" and shown["attachments"] == []
    assert "https://t.me/examplechannel/17" in shown["text"]


async def test_the_ledger_tells_who_sent_and_who_undid_and_what(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, notice = await ready(world, advocate)
    digest = (await advocate.get(f"/notices/{notice}/preview"))["digest"]
    await advocate.send(notice)
    await advocate.post(f"/notices/{notice}/undo")
    who = (await world.advocate_row()).id
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, person.case_id)
    steps = [one for one in told if one.row.kind in ("notice-queued", "notice-released", "notice-undone")]
    assert [one.row.kind for one in steps] == ["notice-queued", "notice-released", "notice-undone"]
    for one in steps:
        assert one.by is not None and one.by.advocate_id == who
    facts = steps[1].facts
    assert facts is not None and facts["digest"] == digest
    assert facts["content"]["sender"] == '"Centre A (Signing Advocate)" <notices@example.org>'


async def test_looking_at_it_is_noted(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, notice = await ready(world, advocate)
    await advocate.get(f"/notices/{notice}/preview")
    async with world.services.database.read() as session:
        query = select(LedgerEntry.kind).where(LedgerEntry.case_id == person.case_id)
        assert "contacts-read" in set(await session.scalars(query))
    assert await person.refused("GET", f"/notices/{notice}/preview") == (403, "advocates-only")


async def test_what_an_advocate_took_back_before_it_left_can_be_written_anew(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    notice = (await advocate.post(f"/sightings/{sighting}/confirm", body))["notices"][0]["notice_id"]
    await advocate.post(f"/notices/{notice}/withdraw")
    again = await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]})
    assert again["notices"] == [{"notice_id": notice, "route": "us_tida", "state": "prepared"}]


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_page_shows_the_whole_and_sends_and_undoes(world: ApiWorld, language: str) -> None:
    advocate = await world.advocate()
    _, notice = await ready(world, advocate)
    page = f"/advocate/notices/{notice}"
    seen = await see(world, advocate, f"{page}?lang={language}")
    shown = await advocate.get(f"/notices/{notice}/preview")
    words = {"en": ("What would leave", "Send it"), "ko": ("보내면 나갈 내용", "보내기")}[language]
    assert all(word in seen for word in words)
    for value in (shown["envelope"]["to"], shown["envelope"]["subject"], "notices@example.org", shown["digest"]):
        assert value in seen
    assert "notice.json" in seen and shown["attachments"][0]["sha256"] in seen
    assert shown["envelope"]["message_id"].strip("<>") in seen
    answer = await send_form(world, advocate, f"{page}/send", {"digest": shown["digest"]})
    assert "done=sent" in answer
    seen = await see(world, advocate, f"{page}?lang={language}&done=sent")
    assert f"{page}/undo" in seen and f"{page}/send" not in seen
    assert "done=undone" in await send_form(world, advocate, f"{page}/undo", {})
    assert f"{page}/send" in await see(world, advocate, page)
    async with world.services.database.read() as session:
        assert (await session.get_one(Notice, notice)).state == "prepared"
