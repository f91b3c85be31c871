"""No notice leaves in the name of a centre that has its case no more, however it was under way when the case went.

What a move stops has not begun to leave. What was being handed over, was in doubt, or comes back later is met here.
"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models.notices import Notice, NoticeClock
from db.models.people import Organisation
from db.models.sightings import Sighting
from monitor.core.errors import InDoubt, NotSent, WorkStopped
from monitor.core.leave import ask_leave
from monitor.delivery.base import WORK_STOPPED
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.send import Sender
from monitor.model.facts import Basis
from monitor.model.notice_states import NoticeState
from tests.integration.test_copies import KOREAN_FIRST, lapsed
from tests.integration.test_letters_stopped import A, B, deeds, move
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see, send_form

BODY = {"basis": "caption-context", "routes": ["us_tida"]}
MOVED = "case-moved"


async def queued(world: ApiWorld, advocate: Caller, *posts: str) -> tuple[Caller, list[str]]:
    """(person, notices): they leave in a minute, several of them in the mail of the first."""
    person, notices = await world.vouched(advocate), []
    for post in posts or ("17",):
        sighting = await world.sighting(person, post_id=post)
        written = await advocate.post(f"/sightings/{sighting}/confirm", BODY)
        notices.append(str(written["notices"][0]["notice_id"]))
    if len(notices) > 1:
        await advocate.post(f"/notices/{notices[0]}/together", {"notice_ids": notices[1:]})
    await release(advocate, notices[0])
    return person, notices


async def release(advocate: Caller, notice: str) -> None:
    """Somebody looks at it and sends it."""
    shown = await advocate.get(f"/notices/{notice}/preview")
    await advocate.post(f"/notices/{notice}/send", {"digest": shown["digest"]})


async def row(world: ApiWorld, notice: str) -> Notice:
    async with world.services.database.read() as session:
        return await session.get_one(Notice, notice)


async def leave(world: ApiWorld, notice: str, *errors: Exception, way: FakeDelivery | None = None) -> FakeDelivery:
    """What its task does when the minute is over; what left."""
    way = way or FakeDelivery()
    way.errors = list(errors)
    world.clock.time += timedelta(minutes=10)
    attempt = (await row(world, notice)).attempt
    await Sender(world.services.database, world.context, {"smtp": way}).send(notice, attempt)
    return way


async def stands(world: ApiWorld, notices: list[str]) -> list[tuple[str, str | None]]:
    rows = [await row(world, one) for one in notices]
    return [(one.state, one.reason) for one in rows]


async def leaves_as_the_new_centre(world: ApiWorld, new: Caller, notices: list[str]) -> None:
    """Ready, looked at and sent it speaks for centre B, in one mail, and for A in no part of it."""
    shown = await new.get(f"/notices/{notices[0]}/preview")
    assert shown["envelope"]["sender"].startswith(f'"{B}')
    await release(new, notices[0])
    (left,) = (await leave(world, notices[0])).sent
    assert left.sender.startswith(f'"{B}') and "who took this over from the centre that confirmed it" in left.body
    for text in (left.body, left.subject, *(one.text for one in left.attachments)):
        assert A not in text
    assert {state for state, _ in await stands(world, notices)} == {"sent"}
    second = (await world.advocate_row("second")).id
    async with world.services.database.read() as session:
        clocks = await session.scalars(select(NoticeClock.advocate_id).where(NoticeClock.notice_id.in_(notices)))
        assert set(clocks) == {second}


@pytest.mark.parametrize("posts", [("17",), ("17", "18")], ids=["alone", "joint"])
@pytest.mark.parametrize("seen", [True, False], ids=["no-connection", "at-the-last-moment"])
async def test_what_was_being_handed_over_is_withdrawn(world: ApiWorld, posts: tuple[str, ...], seen: bool) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notices = await queued(world, old, *posts)

    class Slow(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            await move(world, old, person)
            if seen:
                raise NotSent("no-connection")
            try:
                await ask_leave()
            except WorkStopped:  # as each way out says it
                raise NotSent(WORK_STOPPED) from None
            return await super().send(outgoing)

    assert (await leave(world, notices[0], way=Slow())).sent == []
    assert await stands(world, notices) == [("withdrawn", MOVED)] * len(notices)
    assert (await leave(world, notices[0])).sent == []
    ended = await deeds(world, person.case_id, EntryKind.NOTICE_WITHDRAWN)
    assert sorted((facts["notice"], facts["reason"]) for _, facts in ended) == sorted((one, MOVED) for one in notices)
    # As what the move itself stops it can be written anew.
    sighting = (await row(world, notices[0])).sighting_id
    assert (await new.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]}))["notices"]
    await leaves_as_the_new_centre(world, new, notices[:1])


async def test_what_waits_to_leave_is_asked_once_more(sqlite_world: ApiWorld) -> None:
    """Whoever sent it may have been quicker than the stop."""
    world = sqlite_world
    old, _ = await world.advocate(), await world.advocate("second", B)
    person, (notice,) = await queued(world, old)
    await move(world, old, person)
    async with world.services.database.begin() as session:
        about = update(Notice).where(Notice.id == notice)
        await session.execute(about.values(state=NoticeState.QUEUED, reason=None))
    assert (await leave(world, notice)).sent == []
    assert await stands(world, [notice]) == [("withdrawn", MOVED)]


@pytest.mark.parametrize("posts", [("17",), ("17", "18")], ids=["alone", "joint"])
@pytest.mark.parametrize("how", ["in-doubt", "came-back"])
async def test_sent_again_after_the_move_it_is_written_anew_and_looked_at(
    world: ApiWorld, posts: tuple[str, ...], how: str
) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    person, notices = await queued(world, old, *posts)
    await leave(world, notices[0], *([InDoubt("connection-lost")] if how == "in-doubt" else []))
    await move(world, old, person)
    before = [(await row(world, one)).message_id for one in notices]
    if how == "in-doubt":
        await new.post(f"/notices/{notices[0]}/settle", {"arrived": False})
    else:
        await new.post(f"/notices/{notices[0]}/returned")
        await new.post(f"/notices/{notices[0]}/retry")
    assert await stands(world, notices) == [("prepared", MOVED)] * len(notices)
    # No task of it runs, and another mail has another Message-ID.
    assert (await leave(world, notices[0])).sent == []
    after = [await row(world, one) for one in notices]
    assert all(one.message_id != known and one.due_at is None for one, known in zip(after, before, strict=True))
    alerts = (await new.get("/operations/alerts"))["alerts"]
    assert [one["kind"] for one in alerts] == ["case-arrived"], "nothing of the notice"
    # The new text stands in the ledger, with whoever had it written.
    second = (await world.advocate_row("second")).id
    written = await deeds(world, person.case_id, EntryKind.NOTICE_QUEUED)
    anew = [(who, facts) for who, facts in written if facts.get("attempt") == 2]
    assert sorted(str(facts["notice"]) for _, facts in anew) == sorted(notices)
    for who, facts in anew:
        assert (who, facts["by"], facts["state"]) == ("advocate", second, "prepared")
        content = facts["content"]
        assert isinstance(content, dict) and content["sender"].startswith(f'"{B}')
    page = await see(world, new, f"/advocate/notices/{notices[0]}?lang=en")
    assert "this is written anew in your centre's name" in page
    await leaves_as_the_new_centre(world, new, notices)


async def test_the_page_says_that_it_was_written_anew(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person, (notice,) = await queued(world, old)
    await leave(world, notice, InDoubt("connection-lost"))
    await move(world, old, person)
    went = await send_form(world, new, f"/advocate/notices/{notice}/settle", {"arrived": "no"})
    assert "done=written-anew" in went
    page = await see(world, new, f"/advocate/notices/{notice}?lang=ko")
    assert "우리 센터 이름으로 다시 썼어요" in page


async def test_a_text_that_an_older_program_sent_again_is_known_by_its_sender(sqlite_world: ApiWorld) -> None:
    """The one who had it sent again is of the centre that has the case, and the text still is not."""
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person, (notice,) = await queued(world, old)
    await leave(world, notice, InDoubt("connection-lost"))
    await move(world, old, person)
    second = (await world.advocate_row("second")).id
    async with world.services.database.begin() as session:
        await session.execute(update(Notice).where(Notice.id == notice).values(created_by=second))
    await new.post(f"/notices/{notice}/settle", {"arrived": False})
    assert await stands(world, [notice]) == [("prepared", MOVED)]
    await leaves_as_the_new_centre(world, new, [notice])


async def test_what_may_not_be_written_any_more_is_ready_and_says_why(sqlite_world: ApiWorld) -> None:
    """The answer to the doubt counts whatever becomes of the text."""
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person, (notice,) = await queued(world, old)
    await leave(world, notice, InDoubt("connection-lost"))
    await move(world, old, person)
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "good_faith_facts": ""})
    await new.post(f"/notices/{notice}/settle", {"arrived": False})
    assert await stands(world, [notice]) == [("prepared", MOVED)]
    digest = {"digest": "0" * 64}
    assert (await new.refused("POST", f"/notices/{notice}/send", digest))[1] == "missing-fields"
    assert (await leave(world, notice)).sent == []


async def test_back_at_the_centre_that_wrote_it_it_is_sent_again_as_it_is(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person, (notice,) = await queued(world, old)
    await leave(world, notice, InDoubt("connection-lost"))
    await move(world, old, person)
    await new.post("/transfers", {"case_id": person.case_id, "to": A})
    both = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    (question,) = [one for one in both if one["state"] == "asked"]
    await person.post(f"/cases/{person.case_id}/transfers/{question['transfer_id']}/agree")
    assert (await old.post(f"/notices/{notice}/settle", {"arrived": False}))["state"] == "queued"
    (left,) = (await leave(world, notice)).sent
    assert left.sender.startswith(f'"{A}')


@pytest.mark.parametrize("how", ["settled-as-arrived", "left-meanwhile"])
async def test_what_left_in_the_old_name_is_the_new_centres_to_watch(world: ApiWorld, how: str) -> None:
    """It was with the recipient before the case went, and is told so afterwards: its clocks are nobody else's."""
    old, new = await world.advocate(), await world.advocate("second", B)
    person, (notice,) = await queued(world, old)

    class Moving(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            receipt = await super().send(outgoing)
            await move(world, old, person)
            return receipt

    if how == "left-meanwhile":
        await leave(world, notice, way=Moving())
    else:
        await leave(world, notice, InDoubt("connection-lost"))
        await move(world, old, person)
        await new.post(f"/notices/{notice}/settle", {"arrived": True})
    assert (await row(world, notice)).state == "sent"
    second = (await world.advocate_row("second")).id
    async with world.services.database.read() as session:
        clocks = await session.scalars(select(NoticeClock.advocate_id).where(NoticeClock.notice_id == notice))
        assert set(clocks) == {second}


async def test_what_was_prepared_to_be_filed_asks_for_answers_to_the_new_centre(world: ApiWorld) -> None:
    old, new = await world.advocate(), await world.advocate("second", B)
    mailboxes = {A: "answers@a.invalid", B: "answers@b.invalid"}
    async with world.services.database.begin() as session:
        for centre in (await session.scalars(select(Organisation))).all():
            centre.reply_to = mailboxes.get(centre.name)
    person = await world.vouched(old)
    sighting = await lapsed(world, old, person, "17")
    await old.post(f"/copies/{sighting}/filings", {"step": "kr_d4u"})
    before = (await old.get(f"/copies/{sighting}"))["steps"]
    assert [one["step"] for one in before if mailboxes[A] in one["body"]] == KOREAN_FIRST
    await move(world, old, person)
    whole = await new.get(f"/copies/{sighting}")
    assert [(one["step"], one["prepared_at"]) for one in whole["steps"]] == [
        (one["step"], one["prepared_at"]) for one in before
    ]
    assert [one["step"] for one in whole["steps"] if mailboxes[B] in one["body"]] == KOREAN_FIRST
    (notice,) = {one["notice_id"] for one in whole["steps"]}
    assert "@a.invalid" not in str([whole["steps"], (await new.get(f"/notices/{notice}"))["escalations"]])
    # What was filed is what was filed.
    (filed,) = whole["filings"]
    assert mailboxes[A] in filed["body"]


@pytest.mark.parametrize("centres", [("KR", "FR"), ("FR", "KR")], ids=["ends", "begins"])
async def test_a_step_of_the_old_centres_country_ends_and_one_of_the_new_begins(
    sqlite_world: ApiWorld, centres: tuple[str, str]
) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    countries = dict(zip((A, B), centres, strict=True))
    async with world.services.database.begin() as session:
        for centre in (await session.scalars(select(Organisation))).all():
            centre.country = countries.get(centre.name, centre.country)
    person = await world.vouched(old, intake={"country": "US"})
    sighting = await lapsed(world, old, person, "17", "kr_tba22_5")

    async def steps(who: Caller) -> set[str]:
        return {one["step"] for one in (await who.get(f"/copies/{sighting}"))["steps"]}

    before = await steps(old)
    await move(world, old, person)
    after = await steps(new)
    assert ("kr_ministry" in before, "kr_ministry" in after) == (centres[0] == "KR", centres[1] == "KR")
    assert before - {"kr_ministry"} == after - {"kr_ministry"}


async def test_who_took_over_an_identical_copy_did_not_confirm_the_other_post(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    await new.put("/account/alias", {"alias": "After"})
    person = await world.vouched(old)
    sighting = await world.sighting(person)
    await old.post(f"/sightings/{sighting}/confirm", {**BODY, "routes": []})
    async with world.services.database.begin() as session:
        # As it is confirmed because the same picture was confirmed elsewhere: by whoever did that.
        about = update(Sighting).where(Sighting.id == sighting)
        await session.execute(about.values(basis=Basis.IDENTICAL_COPY))
    await move(world, old, person)
    written = await new.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]})
    text = (await new.get(f"/notices/{written['notices'][0]['notice_id']}/preview"))["text"]
    assert "After, who took this over from the centre that confirmed another post with the identical picture" in text
    assert "(of another post with the identical picture)" not in text
