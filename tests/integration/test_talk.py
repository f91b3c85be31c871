"""A person and their centre write to each other, sealed; and "is this yours?" is answered without seeing it."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.locking import lock_one
from db.models.cases import Case
from db.models.messages import Message, SightingQuestion
from db.models.people import Advocate
from db.models.sightings import Sighting
from monitor.actions import messages
from monitor.actions.messages import MOST_UNREAD
from monitor.cases.erasure import erase
from tests.support.api_world import PDQ, ApiWorld, Caller
from tests.support.browser import Browser

SECRET = "The blue room was in my flat."


async def talk(who: Caller, case_id: str) -> list[dict[str, Any]]:
    return list((await who.get(f"/cases/{case_id}/messages"))["messages"])


async def kinds(world: ApiWorld, case_id: str) -> list[tuple[str, str]]:
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    wanted = ("message", "person-a")
    return [(one.row.kind, str(one.by.who) if one.by else "") for one in told if one.row.kind.startswith(wanted)]


async def test_messages_go_both_ways_sealed_with_read_marks_and_counts(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    async with world.services.database.begin() as session:
        await session.execute(update(Advocate).where(Advocate.login == "first").values(work_alias="Desk Name"))
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}/messages"
    await person.post(path, {"text": f"  {SECRET}\nSecond line.  "})
    async with world.services.database.read() as session:
        (row,) = (await session.scalars(select(Message))).all()
    assert SECRET.encode() not in row.content and row.read_at is None
    # Its text is in no list, and who does not have the case is told of nothing.
    assert (await advocate.get("/cases"))["unread"] == {person.case_id: 1}
    assert (await other.get("/cases"))["unread"] == {}
    page = await Browser(world, advocate).see("/advocate/cases?lang=en")
    assert f"/advocate/cases/{person.case_id}/messages" in page and SECRET not in page
    queue = await Browser(world, advocate).see("/advocate?lang=ko")
    assert "새 메시지" in queue and person.case_id in queue

    # Read on the page, answered there; the person sees that it was read, by whom it was answered, and counts it.
    page = await Browser(world, advocate).see(f"/advocate/cases/{person.case_id}/messages?lang=en")
    assert SECRET in page and (await advocate.get("/cases"))["unread"] == {}
    assert (await person.get(f"/cases/{person.case_id}/standing"))["unread"] == 0
    sent = await Browser(world, advocate).send(
        f"/advocate/cases/{person.case_id}/messages/write", text="<b>We look.</b>"
    )
    assert "done=message-written" in sent.headers["location"]
    assert (await person.get(f"/cases/{person.case_id}/standing"))["unread"] == 1
    mine, theirs = await talk(person, person.case_id)
    assert (mine["text"], mine["mine"], bool(mine["read_at"])) == (f"{SECRET}\nSecond line.", True, True)
    assert (theirs["text"], theirs["by"], theirs["mine"]) == ("<b>We look.</b>", "Desk Name · Centre A", False)
    assert (await person.get(f"/cases/{person.case_id}/standing"))["unread"] == 0
    assert "&lt;b&gt;We look" in await Browser(world, advocate).see(f"/advocate/cases/{person.case_id}/messages")
    assert await kinds(world, person.case_id) == [
        *(("message-written", "person"), ("messages-read", "advocate")),
        *(("message-written", "advocate"), ("messages-read", "person")),
    ]
    assert await other.refused("GET", path) == (404, "not-found")
    assert await person.refused("POST", path, {"text": "  "}) == (422, "invalid")
    assert await person.refused("POST", path, {"text": "x" * 2001}) == (422, "invalid")
    assert await person.refused("POST", path, {"text": "x", "file": "y"}) == (422, "invalid")
    # The same words a moment later are the same message, whose answer was lost; a while later they are another one.
    for minutes in (0, 0, 5, 6):
        world.clock.move(minutes=minutes)
        await person.post(path, {"text": "Are you there?"})
    texts = [one["text"] for one in (await person.get(path))["messages"]]
    assert texts.count("Are you there?") == 2
    for number in range(MOST_UNREAD - 2):
        await person.post(path, {"text": f"again {number}"})
    assert await person.refused("POST", path, {"text": "once more"}) == (409, "too-many-messages")

    await advocate.put(f"/cases/{person.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    assert await person.refused("GET", path) == await advocate.refused("GET", path) == (409, "case-frozen")
    assert (await advocate.get("/cases"))["unread"] == {}
    await advocate.delete(f"/cases/{person.case_id}/freeze")
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    assert await person.refused("GET", path) == (409, "case-closed")
    async with world.services.database.begin() as session:
        await erase(session, world.context, await lock_one(session, Case, person.case_id))
    async with world.services.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0


async def test_while_a_case_waits_only_the_centre_in_touch_takes_part(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.person()
    path = f"/cases/{person.case_id}/messages"
    assert await person.refused("POST", path, {"text": "Is anybody there?"}) == (409, "nobody-reads")
    assert (await person.get(path)) == {"messages": [], "centre": ""}
    for who in (advocate, other):
        assert await who.refused("GET", path) == (409, "not-in-hand")
        assert await who.refused("POST", path, {"text": "x"}) == (409, "not-in-hand")
    await advocate.post(f"/cases/{person.case_id}/in-hand")
    await person.post(path, {"text": SECRET})
    assert [one["text"] for one in await talk(advocate, person.case_id)] == [SECRET]
    await advocate.post(path, {"text": "Please call."})
    assert await other.refused("GET", path) == (409, "not-in-hand")
    # Handed back and taken by another centre: what was written to the first one stays between those two.
    await advocate.delete(f"/cases/{person.case_id}/in-hand")
    await other.post(f"/cases/{person.case_id}/vouch")
    assert await talk(other, person.case_id) == []
    assert await advocate.refused("GET", path) == (404, "not-found")
    assert len(await talk(person, person.case_id)) == 2


async def moved(world: ApiWorld, old: Caller, person: Caller) -> None:
    """The person says yes to Centre B."""
    path = f"/cases/{person.case_id}/transfers"
    await old.post("/transfers", {"case_id": person.case_id, "to": "Centre B", "days": 7})
    asked = next(one for one in (await person.get(path))["transfers"] if one["state"] == "asked")
    await person.post(f"{path}/{asked['transfer_id']}/agree")


async def test_what_the_centre_before_never_read_keeps_nobody_from_writing_to_the_new_one(world: ApiWorld) -> None:
    old, new = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(old)
    path = f"/cases/{person.case_id}/messages"
    await person.post(path, {"text": "Was read."})
    await talk(old, person.case_id)
    await old.post(path, {"text": "Good evening."})
    for number in range(MOST_UNREAD):
        await person.post(path, {"text": f"number {number}"})
    assert await person.refused("POST", path, {"text": "one more"}) == (409, "too-many-messages")
    assert all(one["former"] == "" for one in [*await talk(person, person.case_id), *await talk(old, person.case_id)])
    await moved(world, old, person)
    for number in range(MOST_UNREAD):
        await person.post(path, {"text": f"to the new one, {number}"})
    assert await person.refused("POST", path, {"text": "one more"}) == (409, "too-many-messages")
    # The new centre reads what was written to it, and beside the old ones stands who cannot read them any more.
    assert len(await talk(new, person.case_id)) == MOST_UNREAD
    assert {one["former"] for one in await talk(new, person.case_id)} == {""}
    seen = await talk(person, person.case_id)
    former = [one["former"] for one in seen if one["mine"]]
    assert former == ["Centre A"] * (MOST_UNREAD + 1) + [""] * MOST_UNREAD
    assert [one["former"] for one in seen if not one["mine"]] == [""], "what the centre wrote is the person's to read"


async def test_the_limit_of_all_messages_is_of_one_centre_too(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST", 3)
    old = await sqlite_world.advocate()
    await sqlite_world.advocate("second", "Centre B")
    person = await sqlite_world.vouched(old)
    path = f"/cases/{person.case_id}/messages"
    for text in "abc":
        await person.post(path, {"text": text})
    assert await person.refused("POST", path, {"text": "d"}) == (409, "too-many-messages")
    await moved(sqlite_world, old, person)
    await person.post(path, {"text": "d"})


async def test_a_message_goes_to_the_centre_that_was_shown_or_nowhere(world: ApiWorld) -> None:
    first, second = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.person()
    path = f"/cases/{person.case_id}/messages"
    await person.put(f"/cases/{person.case_id}/any-centre", {"allowed": True})
    await first.post(f"/cases/{person.case_id}/in-hand")
    shown = (await person.get(path))["centre"]
    assert shown == "Centre A"
    to_it = {"text": SECRET, "centre": shown}
    await first.delete(f"/cases/{person.case_id}/in-hand")
    assert await person.refused("POST", path, to_it) == (409, "nobody-reads")
    await second.post(f"/cases/{person.case_id}/in-hand")
    assert await person.refused("POST", path, to_it) == (409, "centre-changed")
    assert await talk(second, person.case_id) == [], "nobody reads it whom the person did not see there"
    shown = (await person.get(path))["centre"]
    await person.post(path, {"text": SECRET, "centre": shown})
    assert [one["text"] for one in await talk(second, person.case_id)] == [SECRET]
    # After a vouching and a move by the person's own yes it is the same.
    await second.post(f"/cases/{person.case_id}/vouch")
    await second.post("/transfers", {"case_id": person.case_id, "to": "Centre A", "days": 7})
    (asked,) = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    await person.post(f"/cases/{person.case_id}/transfers/{asked['transfer_id']}/agree")
    assert await person.refused("POST", path, {"text": "And this?", "centre": shown}) == (409, "centre-changed")
    await person.post(path, {"text": "And this?", "centre": "Centre A"})
    assert [one["text"] for one in await talk(first, person.case_id)] == ["And this?"]


async def test_is_this_yours_tells_place_time_photo_and_part_and_the_answer_arrives(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person, stranger = await world.vouched(advocate), await world.vouched(advocate)
    body = {"pdq": PDQ, "quality": 90, "kind": "intimate", "label": "Beach"}
    made = await person.post(f"/cases/{person.case_id}/fingerprints", body)
    sighting = await world.sighting(person)
    path = f"/cases/{person.case_id}/questions"
    async with world.services.database.begin() as session:
        how = "whole picture, mirrored: 4 of 256 bits differ (limit 31), quality 87"
        found = {"fingerprint_id": made["fingerprint_id"], "how": how}
        await session.execute(update(Sighting).where(Sighting.id == sighting).values(**found))
    # Nothing of an open copy is told before an advocate asks.
    assert (await person.get(path))["questions"] == []
    assert await person.refused("POST", f"{path}/{sighting}", {"answer": "yes"}) == (404, "not-found")
    assert (await advocate.post(f"/sightings/{sighting}/ask"))["person_says"] is None
    assert (await person.get(f"/cases/{person.case_id}/standing"))["asked"] == 1
    (one,) = (await person.get(f"{path}?language=ko"))["questions"]
    assert (one["platform"], one["source"], one["label"], one["own"]) == ("telegram", "examplechannel", "Beach", True)
    assert one["posted_at"] and one["compared"] == "전체" and one["mine"]["box"][2] > 0 and one["theirs"]["flag"]
    assert "t.me" not in str(one) and "caption" not in str(one)
    assert await advocate.refused("GET", path) == (403, "only-the-person")
    assert await stranger.refused("POST", f"{path}/{sighting}", {"answer": "yes"}) == (404, "not-found")
    for answer, words in (("unsure", "not sure"), ("no", "no, it is not"), ("yes", "yes, it is theirs")):
        await person.post(f"{path}/{sighting}", {"answer": answer})
        listed = (await advocate.get("/sightings?state=open"))["sightings"]
        assert [row["person_says"] for row in listed] == [answer]
        assert words in await Browser(world, advocate).see("/advocate?lang=en")
    assert (await person.get(f"/cases/{person.case_id}/standing"))["asked"] == 0
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    assert (await person.get(path))["questions"] == []
    assert await person.refused("POST", f"{path}/{sighting}", {"answer": "no"}) == (409, "nothing-waits")
    assert await kinds(world, person.case_id) == [("person-asked", "advocate"), *[("person-answered", "person")] * 3]
    async with world.services.database.read() as session:
        assert (await session.get_one(SightingQuestion, sighting)).answer == "yes"
