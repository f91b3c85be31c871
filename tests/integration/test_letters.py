"""What follows a notice: numbered letters that cite the first, and taking back what left, to the same address."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.cases import Fingerprint
from db.models.notices import Letter, Notice
from db.models.sightings import Sighting
from monitor.core.errors import InDoubt, NotSent
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import Caught, MailCatcher
from monitor.jobs.checked_copy import write_receipt
from monitor.jobs.send import Sender
from monitor.jobs.send_letter import LetterSender
from monitor.mailbox.report import our_ids
from monitor.sightings.following import be_removed
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see, send_form


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    async with MailCatcher() as made:
        yield made


def mail_to(catcher: MailCatcher) -> SmtpDelivery:
    server = SmtpServer(catcher.host, catcher.port, starttls=False)
    return SmtpDelivery(server, sender="Jikimi <notices@example.org>", bcc=None)


async def sent(world: ApiWorld, advocate: Caller, catcher: MailCatcher) -> tuple[Caller, str, str]:
    """(person, sighting, notice): an e-mail that left."""
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    written = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    notice = written["notices"][0]["notice_id"]
    await Sender(world.services.database, world.context, {"smtp": mail_to(catcher)}).send(notice, 1)
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "sent"
    return person, sighting, notice


async def letter_row(world: ApiWorld, notice: str, number: int) -> Letter:
    async with world.services.database.read() as session:
        query = select(Letter).where(Letter.notice_id == notice, Letter.number == number)
        return (await session.scalars(query)).one()


async def deliver(world: ApiWorld, catcher: MailCatcher, notice: str, number: int = 2) -> Caught:
    """What the worker does when the minute is over."""
    row, before = await letter_row(world, notice, number), len(catcher.messages)
    sender = LetterSender(world.services.database, world.context, mail_to(catcher))
    for _ in range(2):  # the same task again sends nothing
        await sender.send(row.id, row.attempt)
    assert len(catcher.messages) == before + 1
    return catcher.messages[-1]


def text_of(caught: Caught) -> str:
    body = caught.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("purpose", ["reminder", "revision", "refiling"])
async def test_a_letter_is_numbered_cites_the_first_and_goes_to_the_same_address(
    world: ApiWorld, catcher: MailCatcher, purpose: str
) -> None:
    advocate = await world.advocate()
    _, _, notice = await sent(world, advocate, catcher)
    first = catcher.messages[0]
    for number in (2, 3):
        body = {"purpose": purpose, "text": "The post was edited since."}
        made = await advocate.post(f"/notices/{notice}/letters", body)
        assert (made["number"], made["state"]) == (number, "prepared")
        looked = made["leaving"]
        path = f"/notices/{notice}/letters/{number}/send"
        assert await advocate.refused("POST", path, {"digest": "0" * 64}) == (409, "leaves-changed")
        assert (await advocate.post(path, {"digest": looked["digest"]}))["state"] == "queued"
        caught = await deliver(world, catcher, notice, number)
        assert caught.rcpt == first.rcpt
        assert caught.message["In-Reply-To"] == caught.message["References"] == first.message["Message-ID"]
        assert caught.message["Message-ID"] == looked["envelope"]["message_id"] != first.message["Message-ID"]
        assert our_ids(caught.message["Message-ID"]) == {caught.message["Message-ID"]: notice}
        assert str(number) in caught.message["Subject"] and first.message["Subject"] in caught.message["Subject"]
        assert text_of(caught).strip() == looked["text"].strip()
        assert "https://t.me/examplechannel/17" in text_of(caught) and "> The post was edited" in text_of(caught)
        (part,) = [one for one in caught.message.iter_attachments() if one.get_filename() == "notice.json"]
        told = json.loads(part.get_payload(decode=True))["notice"]  # type: ignore[arg-type]  # bytes with decode=True
        assert (told["purpose"], told["number"], told["cites"]) == (purpose, number, first.message["Message-ID"])
    letters = (await advocate.get(f"/notices/{notice}/letters"))["letters"]
    assert [(one["number"], one["state"]) for one in letters] == [(2, "sent"), (3, "sent")]
    # The notice itself, its clock and its looks are as they were; the request anew has a clock of its own.
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "sent"
    clocks = {one["kind"]: one["ends_at"] for one in (await advocate.get(f"/notices/{notice}/clocks"))["clocks"]}
    assert clocks.keys() == ({"answer", "renewed"} if purpose == "refiling" else {"answer"})
    assert clocks.get("renewed", "9") >= clocks["answer"]


async def test_a_form_is_submitted_again_before_its_block_ends(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    written = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["kr_icna44_2"]})
    notice = written["notices"][0]["notice_id"]
    path, page = f"/notices/{notice}/submission", f"/advocate/notices/{notice}"
    assert await advocate.refused("POST", path, {"reference": "AB-1", "again": True}) == (409, "notice-state")
    await advocate.post(path, {"reference": "AB-1"})
    assert await advocate.refused("POST", path, {"reference": "AB-2"}) == (409, "notice-state")
    first = {one["kind"]: one["ends_at"] for one in (await advocate.get("/clocks"))["clocks"]}
    world.clock.time += timedelta(days=28)
    assert "Ask for it again" in await see(world, advocate, f"{page}?lang=en")
    at = world.clock.now()
    values = {"reference": "AB-2", "again": "on", "zone": "UTC", "submitted_at": f"{at:%Y-%m-%dT%H:%M}"}
    assert "done=submitted" in await send_form(world, advocate, f"{page}/submission", values)
    again = {one["kind"]: one["ends_at"] for one in (await advocate.get("/clocks"))["clocks"]}
    assert again["block-expiry"] > first["block-expiry"] and "renewed" in again
    whole = await advocate.get(f"/notices/{notice}")
    assert whole["receipt"]["reference"] == "AB-1", "what the first was answered stays"
    (letter,) = (await advocate.get(f"/notices/{notice}/letters"))["letters"]
    assert (letter["purpose"], letter["state"], letter["reference"]) == ("refiling", "sent", "AB-2")
    assert "AB-2" in await see(world, advocate, f"{page}?lang=ko")


async def test_a_correction_must_say_what_is_put_right(world: ApiWorld, catcher: MailCatcher) -> None:
    advocate = await world.advocate()
    _, _, notice = await sent(world, advocate, catcher)
    body = {"purpose": "revision", "text": " "}
    assert await advocate.refused("POST", f"/notices/{notice}/letters", body) == (422, "reason-needed")
    linked = {"purpose": "revision", "text": "see t.me/other/1"}
    assert await advocate.refused("POST", f"/notices/{notice}/letters", linked) == (422, "paragraph-link")


async def test_retraction_goes_to_the_same_address_and_ends_the_clock(world: ApiWorld, catcher: MailCatcher) -> None:
    advocate = await world.advocate()
    person, _, notice = await sent(world, advocate, catcher)
    first = catcher.messages[0]
    await advocate.post(f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""})
    world.clock.time += timedelta(hours=2)
    told = await advocate.post(f"/notices/{notice}/retract", {"reason": "person-asked"})
    assert (told["state"], told["reason"], told["deadline_at"]) == ("withdrawn", "retracted", None)
    # Even after the person took everything back: that a request is withdrawn may always be told.
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "permission_to_send": False})
    caught = await deliver(world, catcher, notice, 3)
    assert caught.rcpt == first.rcpt and caught.message["In-Reply-To"] == first.message["Message-ID"]
    assert "We withdraw our notice" in text_of(caught) and "no longer asks" in text_of(caught)
    letters = (await advocate.get(f"/notices/{notice}/letters"))["letters"]
    assert [(one["purpose"], one["state"]) for one in letters] == [("reminder", "withdrawn"), ("retraction", "sent")]
    assert await advocate.refused("POST", f"/notices/{notice}/retract", {"reason": "person-asked"}) == (
        409,
        "notice-state",
    )
    async with world.services.database.read() as session:
        kinds = [one.row.kind for one in await world.context.ledger.told(session, person.case_id)]
    assert "notice-retracted" in kinds and kinds.count("letter-ended") == 1


async def test_undo_of_a_retraction_within_the_minute_tells_nobody(world: ApiWorld, catcher: MailCatcher) -> None:
    advocate = await world.advocate()
    _, _, notice = await sent(world, advocate, catcher)
    await advocate.post(f"/notices/{notice}/retract", {"reason": "sent-in-error"})
    row = await letter_row(world, notice, 2)
    assert (await advocate.post(f"/notices/{notice}/letters/2/undo"))["state"] == "prepared"
    await LetterSender(world.services.database, world.context, mail_to(catcher)).send(row.id, row.attempt)
    assert len(catcher.messages) == 1


async def test_taking_a_confirmation_back_retracts_what_is_out_and_withdraws_what_is_not(
    world: ApiWorld, catcher: MailCatcher
) -> None:
    advocate = await world.advocate()
    person, sighting, notice = await sent(world, advocate, catcher)
    more = await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["telegram_report"]})
    waiting = more["notices"][0]["notice_id"]
    assert await advocate.refused("POST", f"/sightings/{sighting}/reopen") == (422, "reason-needed")
    opened = await advocate.post(f"/sightings/{sighting}/reopen", {"reason": "wrong-copy"})
    assert (opened["state"], opened["released"], opened["basis"]) == ("open", False, None)
    states = {one["notice_id"]: one["state"] for one in (await advocate.get("/notices"))["notices"]}
    assert states == {notice: "withdrawn", waiting: "withdrawn"}
    caught = await deliver(world, catcher, notice)
    assert "On a second look this post is not what the notice says." in text_of(caught)
    # Its hashes look for nothing any more, and the person sees no place.
    async with world.services.database.read() as session:
        joined = select(Fingerprint.removed_at).where(Fingerprint.sighting_id == sighting)
        assert all(await session.scalars(joined))
    assert (await person.get(f"/cases/{person.case_id}/sightings"))["sightings"] == []
    # Confirmed after all: the request is another mail.
    again = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida", "telegram_report"]})
    assert {one["notice_id"]: one["state"] for one in again["notices"]} == {notice: "queued", waiting: "queued"}
    async with world.services.database.read() as session:
        row = await session.get_one(Notice, notice)
        assert row.message_id != catcher.messages[0].message["Message-ID"]


async def test_a_wrong_takedown_that_worked_is_taken_back(world: ApiWorld, catcher: MailCatcher) -> None:
    advocate = await world.advocate()
    person, sighting, notice = await sent(world, advocate, catcher)
    await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["telegram_report"]})
    await advocate.post(f"/copies/{sighting}/next-steps", {"notice_id": notice})
    await advocate.post(f"/copies/{sighting}/filings", {"step": "ftc_complaint", "reference": "FTC-9"})
    world.clock.time += timedelta(hours=8)
    now = world.clock.now()
    async with world.services.database.begin() as session:
        row = await lock_one(session, Sighting, sighting)
        row.presence, row.gone_since = "deleted", now - timedelta(hours=6)
        gone = update(Notice).where(Notice.sighting_id == sighting).values(state="removed")
        await session.execute(gone.values(sent_at=now - timedelta(hours=8)))
        await be_removed(session, world.context, row)
        await write_receipt(session, world.context, row, sent_at=None, notice_id=notice)
    assert (await person.get(f"/cases/{person.case_id}/standing"))["removed"] == 1
    page = f"/advocate/sightings/{sighting}"
    assert f"{page}#wrong" in await see(world, advocate, f"/advocate/copies/{sighting}?lang=en")
    assert await advocate.refused("POST", f"/items/{sighting}/reopen") == (409, "choose-reason"), "no slip of a key"
    world.clock.time += timedelta(hours=1)
    assert "done=taken-up-again" in await send_form(world, advocate, f"{page}/reopen", {"reason": "wrong-copy"})
    # Who got the notice is told at the same address; what no letter can follow is named.
    caught = await deliver(world, catcher, notice)
    assert caught.rcpt == catcher.messages[0].rcpt and "undo what was done because of it" in text_of(caught)
    seen = await see(world, advocate, f"{page}?lang=en")
    named = seen.split("Please tell each of them:")[1].split("</ul>")[0]
    assert "FTC-9" in named and "Report inside Telegram" in named and named.count("<li>") == 2
    assert "The receipt counts no more." in seen
    # It is no success any more, and counts as wrong.
    rows = {one["route"]: one for one in (await advocate.get("/figures?days=all"))["routes"]}
    told = rows["us_tida"]
    assert (told["removed"], told["retracted_per_100"], told["wrong_per_100"]) == (0, 100, 100)
    standing = await person.get(f"/cases/{person.case_id}/standing")
    assert (standing["removed"], standing["waiting"]) == (0, 0)
    papers = await person.get(f"/cases/{person.case_id}/receipts")
    assert papers["receipts"] == [] and [one["reason"] for one in papers["taken_back"]] == ["wrong-copy"]
    async with world.services.database.read() as session:
        entries = await world.context.ledger.told(session, person.case_id)
    kinds = [one.row.kind for one in entries]
    assert "removal-verified" in kinds, "the receipt stays"
    facts = next(dict(one.facts or {}) for one in entries if one.row.kind == "sighting-reopened")
    assert facts["reason"] == "wrong-copy" and facts["removed_at"] == now.isoformat() and facts["by"]


async def test_a_letter_that_was_cut_off_is_in_doubt_and_a_person_sends_it_again(
    world: ApiWorld, catcher: MailCatcher
) -> None:
    advocate = await world.advocate()
    _, _, notice = await sent(world, advocate, catcher)
    made = await advocate.post(f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""})
    digest = made["leaving"]["digest"]
    await advocate.post(f"/notices/{notice}/letters/2/send", {"digest": digest})
    row = await letter_row(world, notice, 2)
    broken = FakeDelivery()
    broken.errors = [InDoubt("no-reply")]
    await LetterSender(world.services.database, world.context, broken).send(row.id, row.attempt)
    assert (await letter_row(world, notice, 2)).state == "in_doubt"
    await LetterSender(world.services.database, world.context, mail_to(catcher)).send(row.id, row.attempt)
    assert len(catcher.messages) == 1
    await advocate.post(f"/notices/{notice}/letters/2/send", {"digest": digest})
    await deliver(world, catcher, notice)


@pytest.mark.parametrize("change", ["permission", "minor", "removed"])
async def test_a_reminder_obeys_the_rules_of_its_notice(world: ApiWorld, catcher: MailCatcher, change: str) -> None:
    advocate = await world.advocate()
    person, sighting, notice = await sent(world, advocate, catcher)
    made = await advocate.post(f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""})
    await advocate.post(f"/notices/{notice}/letters/2/send", {"digest": made["leaving"]["digest"]})
    row = await letter_row(world, notice, 2)
    changes: dict[str, Any] = {"permission": {"permission_to_send": False}, "minor": {"age_group": "minor"}}
    if change == "removed":
        from db.models.sightings import Sighting

        async with world.services.database.begin() as session:
            (await session.get_one(Sighting, sighting)).removed_at = world.clock.now()
    else:
        await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, **changes[change]})
    await LetterSender(world.services.database, world.context, mail_to(catcher)).send(row.id, row.attempt)
    assert len(catcher.messages) == 1
    assert (await letter_row(world, notice, 2)).state == "withdrawn"


@pytest.mark.parametrize(
    ("for_all", "of_picture", "leaves"),
    [("minor", "adult", True), ("adult", "minor", False), ("adult", "unsure", False)],
)
async def test_for_a_letter_the_age_in_its_own_picture_counts(
    world: ApiWorld, catcher: MailCatcher, for_all: str, of_picture: str, leaves: bool
) -> None:
    advocate = await world.advocate()
    person, sighting, notice = await sent(world, advocate, catcher)
    made = await advocate.post(f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""})
    await advocate.post(f"/notices/{notice}/letters/2/send", {"digest": made["leaving"]["digest"]})
    async with world.services.database.begin() as session:
        (await session.get_one(Sighting, sighting)).age_group = of_picture
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": for_all})
    row, before = await letter_row(world, notice, 2), len(catcher.messages)
    await LetterSender(world.services.database, world.context, mail_to(catcher)).send(row.id, row.attempt)
    assert (len(catcher.messages) > before) is leaves
    assert (await letter_row(world, notice, 2)).state == ("sent" if leaves else "withdrawn")


async def test_a_mail_server_that_is_down_for_a_day_loses_no_retraction(world: ApiWorld, catcher: MailCatcher) -> None:
    advocate = await world.advocate()
    _, _, notice = await sent(world, advocate, catcher)
    await advocate.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    began, down = world.clock.time, FakeDelivery()
    down.errors = [NotSent("no-connection")] * 20
    sender = LetterSender(world.services.database, world.context, down)
    while world.clock.time - began < timedelta(hours=24):
        row = await letter_row(world, notice, 2)
        assert row.state == "queued" and row.due_at is not None
        world.clock.time = max(world.clock.time, row.due_at)
        await sender.send(row.id, row.attempt)
    await deliver(world, catcher, notice)
    assert (await letter_row(world, notice, 2)).state == "sent"


async def test_the_pages_write_send_and_take_back(world: ApiWorld, catcher: MailCatcher) -> None:
    advocate = await world.advocate()
    _, sighting, notice = await sent(world, advocate, catcher)
    page = f"/advocate/notices/{notice}"
    values = {"purpose": "reminder", "paragraph": "A word of mine."}
    assert "done=letter-written" in await send_form(world, advocate, f"{page}/letters", values)
    seen = await see(world, advocate, f"{page}?lang=ko")
    assert "이 신고에 이어 보낸 글" in seen and "> A word of mine." in seen and f"{page}/letters/2/send" in seen
    wrong = await send_form(world, advocate, f"{page}/letters/2/send", {"digest": "0" * 64})
    assert wrong == f"{page}?problem=leaves-changed"
    assert "철회" in seen
    back = await send_form(world, advocate, f"{page}/retract", {"reason": "person-asked", "sure": "on"})
    assert "done=retracted" in back
    seen = await see(world, advocate, f"{page}?lang=en")
    assert f"{page}/letters/3/undo" in seen and "This notice was taken back after it had left." in seen
    copy = f"/advocate/sightings/{sighting}"
    assert "done=taken-up-again" in await send_form(world, advocate, f"{copy}/reopen", {"reason": "wrong-copy"})
