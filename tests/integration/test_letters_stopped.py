"""What follows a notice by mail stops where the notice itself would: a case that moved, a consent that was taken back.

That a notice is taken back is told all the same, and what was wrong in it is put right.
"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Letter
from db.models.platform_side import NoticeReply
from db.models.sources import Consent
from db.types import new_id
from monitor.core.errors import NotSent, WorkStopped
from monitor.core.leave import ask_leave
from monitor.delivery.base import WORK_STOPPED
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.send import Sender
from monitor.jobs.send_letter import LetterSender
from monitor.jobs.send_reply import Replier
from monitor.mailbox.report import ReportKind
from monitor.model.records.answer import AnswerRecord
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see

A, B = "Centre A", "Centre B"
MOVED, TAKEN_BACK = "case-moved", "consent-withdrawn"


async def out(world: ApiWorld, advocate: Caller) -> tuple[Caller, str]:
    """(person, notice): an e-mail that left, about a copy whose place the person sees."""
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    written = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    notice = str(written["notices"][0]["notice_id"])
    await Sender(world.services.database, world.context, {"smtp": FakeDelivery()}).send(notice, 1)
    return person, notice


async def prepared(advocate: Caller, notice: str, purpose: str) -> tuple[int, str]:
    """A letter that waits to be sent: its number, and the digest of what would leave."""
    text = "The time of the post was wrong." if purpose == "revision" else ""
    made = await advocate.post(f"/notices/{notice}/letters", {"purpose": purpose, "text": text})
    return int(made["number"]), str(made["leaving"]["digest"])


async def queued(advocate: Caller, notice: str, purpose: str) -> int:
    """A letter that leaves in a minute."""
    number, digest = await prepared(advocate, notice, purpose)
    await advocate.post(f"/notices/{notice}/letters/{number}/send", {"digest": digest})
    return number


async def letter_row(world: ApiWorld, notice: str, number: int) -> Letter:
    async with world.services.database.read() as session:
        query = select(Letter).where(Letter.notice_id == notice, Letter.number == number)
        return (await session.scalars(query)).one()


async def run(world: ApiWorld, notice: str, number: int) -> FakeDelivery:
    """What the letter's task does; what left."""
    row, way = await letter_row(world, notice, number), FakeDelivery()
    world.clock.time += timedelta(minutes=2)
    await LetterSender(world.services.database, world.context, way).send(row.id, row.attempt)
    return way


async def move(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    """The person agrees that the case goes to centre B."""
    await advocate.post("/transfers", {"case_id": person.case_id, "to": B})
    (question,) = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    await person.post(f"/cases/{person.case_id}/transfers/{question['transfer_id']}/agree")


async def take_back_one(world: ApiWorld, person: Caller) -> None:
    path = f"/cases/{person.case_id}/consents"
    for one in (await person.get(path))["consents"]:
        await person.delete(f"{path}/{one['consent_id']}")


async def take_back_all(world: ApiWorld, person: Caller) -> None:
    await person.post(f"/cases/{person.case_id}/consents/withdrawal", {"passphrase": person.passphrase})


async def told(world: ApiWorld, person: Caller, notice: str) -> list[tuple[str, str]]:
    """What the person's list says did not leave about a notice, and why."""
    (row,) = (await person.get(f"/cases/{person.case_id}/notices"))["notices"]
    assert row["notice_id"] == notice
    return [(one["what"], one["reason"]) for one in row["stopped"]]


async def deeds(world: ApiWorld, case_id: str, kind: EntryKind) -> list[tuple[str | None, dict[str, object]]]:
    async with world.services.database.read() as session:
        entries = await world.context.ledger.told(session, case_id)
    mine = [one for one in entries if one.row.kind == kind]
    return [(None if one.by is None else one.by.who, dict(one.facts or {})) for one in mine]


async def test_no_letter_leaves_in_the_name_of_the_centre_before(world: ApiWorld) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notice = await out(world, old)
    reminder = await queued(old, notice, "reminder")
    revision, digest = await prepared(old, notice, "revision")
    await move(world, old, person)
    for number in (reminder, revision):
        row = await letter_row(world, notice, number)
        assert (row.state, row.reason, row.due_at) == ("withdrawn", MOVED, None)
        assert (await run(world, notice, number)).sent == []
    path = f"/notices/{notice}/letters/{revision}/send"
    assert await new.refused("POST", path, {"digest": digest}) == (409, "notice-state")
    # Both are told why, in words, and the ledger says who did it.
    assert await told(world, person, notice) == [("reminder", MOVED), ("revision", MOVED)]
    page = await see(world, new, f"/advocate/notices/{notice}?lang=en")
    assert "so what the one before had written does not leave" in page
    ended = await deeds(world, person.case_id, EntryKind.LETTER_ENDED)
    assert [(who, facts["number"], facts["reason"]) for who, facts in ended] == [
        ("person", reminder, MOVED),
        ("person", revision, MOVED),
    ]
    # Written anew it is the new centre's.
    number = await queued(new, notice, "reminder")
    (left,) = (await run(world, notice, number)).sent
    assert left.sender.startswith(f'"{B}') and A not in left.body and B in left.body


async def test_a_retraction_leaves_after_the_move_in_the_name_of_whoever_has_the_case(world: ApiWorld) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notice = await out(world, old)
    await old.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    await move(world, old, person)
    assert (await letter_row(world, notice, 2)).state == "queued"
    (left,) = (await run(world, notice, 2)).sent
    assert "On a second look this post is not what the notice says." in left.body
    assert left.sender.startswith(f'"{B}') and B in left.body and A not in left.body
    assert all(A not in one.text for one in left.attachments)
    assert (await letter_row(world, notice, 2)).state == "sent"
    assert await told(world, person, notice) == []
    assert (await new.get(f"/notices/{notice}/letters"))["letters"][0]["state"] == "sent"


async def test_a_retraction_that_was_undone_is_sent_by_the_new_centre_as_its_own(world: ApiWorld) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notice = await out(world, old)
    await old.post(f"/notices/{notice}/retract", {"reason": "person-asked"})
    await old.post(f"/notices/{notice}/letters/2/undo")
    await move(world, old, person)
    (shown,) = (await new.get(f"/notices/{notice}/letters"))["letters"]
    assert shown["leaving"]["envelope"]["sender"].startswith(f'"{B}') and A not in shown["leaving"]["text"]
    await new.post(f"/notices/{notice}/letters/2/send", {"digest": shown["leaving"]["digest"]})
    (left,) = (await run(world, notice, 2)).sent
    assert A not in left.body and "no longer asks for this" in left.body


@pytest.mark.parametrize("door", [take_back_one, take_back_all])
async def test_a_consent_that_was_taken_back_stops_letters_but_no_correction(world: ApiWorld, door: Any) -> None:
    advocate = await world.advocate()
    person, notice = await out(world, advocate)
    reminder, revision = await queued(advocate, notice, "reminder"), await queued(advocate, notice, "revision")
    refiling, _ = await prepared(advocate, notice, "refiling")
    await door(world, person)
    for number in (reminder, refiling):
        row = await letter_row(world, notice, number)
        assert (row.state, row.reason) == ("withdrawn", TAKEN_BACK)
        assert (await run(world, notice, number)).sent == []
    assert await told(world, person, notice) == [("reminder", TAKEN_BACK), ("refiling", TAKEN_BACK)]
    page = await see(world, advocate, f"/advocate/notices/{notice}?lang=en")
    assert "The person took back their consent to this place." in page
    # None of these is written any more.
    for purpose in ("reminder", "refiling"):
        body = {"purpose": purpose, "text": ""}
        assert await advocate.refused("POST", f"/notices/{notice}/letters", body) == (409, TAKEN_BACK)
    # What was wrong is put right, and the notice is taken back.
    assert len((await run(world, notice, revision)).sent) == 1
    another = await queued(advocate, notice, "revision")
    assert len((await run(world, notice, another)).sent) == 1
    await advocate.post(f"/notices/{notice}/retract", {"reason": "person-asked"})
    assert len((await run(world, notice, another + 1)).sent) == 1


async def test_a_yes_to_a_list_that_was_taken_back_stops_them_too(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    await advocate.post("/centre/places", {"platform": "telegram", "sources": ["@examplechannel"]})
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/list", {"places": 1, "purposes": ["watch"]})
    sighting = await world.sighting(person)
    async with world.services.database.begin() as session:
        # Only the list covers the place.
        mine = (Consent.case_id == person.case_id, Consent.list_consent_id.is_(None))
        await session.execute(update(Consent).where(*mine).values(expires_at=world.clock.now()))
    written = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    notice = written["notices"][0]["notice_id"]
    await Sender(world.services.database, world.context, {"smtp": FakeDelivery()}).send(notice, 1)
    reminder = await queued(advocate, notice, "reminder")
    await person.delete(f"{path}/list")
    row = await letter_row(world, notice, reminder)
    assert (row.state, row.reason) == ("withdrawn", TAKEN_BACK)


@pytest.mark.parametrize("change", [MOVED, TAKEN_BACK])
async def test_both_are_asked_once_more_right_before_a_letter_leaves(world: ApiWorld, change: str) -> None:
    """Whoever wrote it may have been quicker than the stop: the stop saw no letter, and the letter no stop."""
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notice = await out(world, old)
    reminder = await queued(old, notice, "reminder")
    waiting, digest = await prepared(old, notice, "reminder")
    home = (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        if change == MOVED:
            await session.execute(update(Case).where(Case.id == person.case_id).values(organisation_id=home))
        else:
            mine = update(Consent).where(Consent.case_id == person.case_id)
            await session.execute(mine.values(withdrawn_at=world.clock.now()))
    assert (await run(world, notice, reminder)).sent == []
    row = await letter_row(world, notice, reminder)
    assert (row.state, row.reason) == ("withdrawn", change)
    who = new if change == MOVED else old
    path = f"/notices/{notice}/letters/{waiting}/send"
    assert await who.refused("POST", path, {"digest": digest}) == (409, change)


async def test_a_retraction_that_was_quicker_than_the_move_leaves_in_the_new_centres_name(world: ApiWorld) -> None:
    old, _ = await world.advocate(), await world.advocate("second", B)
    person, notice = await out(world, old)
    await old.post(f"/notices/{notice}/retract", {"reason": "sent-in-error"})
    home = (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id == person.case_id).values(organisation_id=home))
    (left,) = (await run(world, notice, 2)).sent
    assert left.sender.startswith(f'"{B}') and A not in left.body and "sent in error" in left.body


async def reply(world: ApiWorld, advocate: Caller, person: Caller, notice: str) -> tuple[str, str]:
    """(mail, reply): the recipient wrote, and an answer waits to leave."""
    mail = new_id()
    record = AnswerRecord(sender="desk@example.org", text="Which post?", message_id="<one@example.org>")
    async with world.services.database.begin() as session:
        row = NoticeMail(id=mail, case_id=person.case_id, notice_id=notice, kind=ReportKind.REPLY, reason="reply")
        row.digest, row.proven, row.at = new_id().ljust(64, "0"), True, world.clock.now()
        row.content = world.context.seal_record(person.case_id, mail, record)
        session.add(row)
    return mail, await answer(advocate, notice, mail)


async def answer(advocate: Caller, notice: str, mail: str) -> str:
    path, body = f"/notices/{notice}/replies", {"mail_id": mail, "text": "The post is number 17."}
    shown = await advocate.post(f"{path}/preview", body)
    return str((await advocate.post(path, {**body, "digest": shown["digest"]}))["reply_id"])


async def replied(world: ApiWorld, reply_id: str) -> tuple[NoticeReply, FakeDelivery]:
    """The reply's task runs: how it stands then, and what left."""
    way = FakeDelivery()
    async with world.services.database.read() as session:
        attempt = (await session.get_one(NoticeReply, reply_id)).attempt
    await Replier(world.services.database, world.context, way).send(reply_id, attempt)
    async with world.services.database.read() as session:
        return await session.get_one(NoticeReply, reply_id), way


@pytest.mark.parametrize("seen", [True, False], ids=["stopped", "right-before-leaving"])
async def test_a_reply_does_not_leave_in_the_name_of_the_centre_before(world: ApiWorld, seen: bool) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notice = await out(world, old)
    mail, waiting = await reply(world, old, person, notice)
    home = (await world.advocate_row("second")).organisation_id
    if seen:
        await move(world, old, person)
    else:
        async with world.services.database.begin() as session:
            await session.execute(update(Case).where(Case.id == person.case_id).values(organisation_id=home))
    row, way = await replied(world, waiting)
    assert way.sent == [] and (row.state, row.reason, row.due_at) == ("failed", MOVED, None)
    assert ("reply-not-sent", MOVED) in [
        (one["kind"], one["reason"]) for one in (await new.get("/operations/alerts"))["alerts"]
    ]
    assert await told(world, person, notice) == [("reply", MOVED)]
    page = await see(world, new, f"/advocate/notices/{notice}?lang=en")
    assert "so what the one before had written does not leave" in page and f"/notices/{notice}/reply" in page
    # The mail is still to be answered, by whoever has the case now.
    again = await answer(new, notice, mail)
    row, way = await replied(world, again)
    assert row.state == "sent" and way.sent[0].sender.startswith(f'"{B}') and A not in way.sent[0].body
    assert "reply-not-sent" not in [one["kind"] for one in (await new.get("/operations/alerts"))["alerts"]]
    assert await told(world, person, notice) == []


async def test_a_reply_does_not_leave_after_the_consent_was_taken_back(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, notice = await out(world, advocate)
    mail, waiting = await reply(world, advocate, person, notice)
    await take_back_all(world, person)
    row, way = await replied(world, waiting)
    assert way.sent == [] and (row.state, row.reason) == ("failed", TAKEN_BACK)
    assert await told(world, person, notice) == [("reply", TAKEN_BACK)]
    body = {"mail_id": mail, "text": "The post is number 17."}
    assert await advocate.refused("POST", f"/notices/{notice}/replies/preview", body) == (409, TAKEN_BACK)
    failed = await deeds(world, person.case_id, EntryKind.REPLY_FAILED)
    assert [(who, facts["reason"]) for who, facts in failed] == [("person", TAKEN_BACK)]


async def test_the_last_moment_before_a_reply_leaves_counts(sqlite_world: ApiWorld) -> None:
    """Connecting to a mail server takes its time; the consent is taken back meanwhile."""
    world = sqlite_world
    advocate = await world.advocate()
    person, notice = await out(world, advocate)
    _, waiting = await reply(world, advocate, person, notice)

    class Slow(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            await take_back_all(world, person)
            try:
                await ask_leave()
            except WorkStopped:  # as each way out says it
                raise NotSent(WORK_STOPPED) from None
            return await super().send(outgoing)

    way = Slow()
    await Replier(world.services.database, world.context, way).send(waiting, 1)
    assert way.sent == []
    row, second = await replied(world, waiting)
    assert second.sent == [] and (row.state, row.reason) == ("failed", TAKEN_BACK)
