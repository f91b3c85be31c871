"""A closed copy stands in no paper that asks for its removal; in those for the authorities where they have it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import monitor.actions.bulk_links
from api.views.copies import title_of
from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import PlatformCall
from db.models.sightings import Sighting
from monitor.evidence.by import By
from monitor.exports.custody.recording import posts_to_keep
from monitor.exports.reading import read_case
from monitor.exports.records import copies_csv
from monitor.notices.corresponding import retract
from monitor.notices.letters import RetractReason
from tests.integration.test_bulk_links import confirmed, links
from tests.integration.test_platform_api import made
from tests.support.api_world import ApiWorld, Caller, api_world
from tests.support.page_forms import see
from tests.support.platform_world import platform_world

PEER = {"route": "telegram_peer", "language": "en"}
REASONS = {
    "1": "person-wants-no-more",
    "2": "confirmed-by-mistake",
    "3": "with-the-authorities",
    "4": "seen-gone",
    "5": None,
}


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path) as made_world:
        yield made_world


async def copies(world: ApiWorld, advocate: Caller) -> tuple[Caller, dict[str, str]]:
    """A person whose copies were closed for each of `REASONS`, and one that stands, by their posts."""
    person, found = await world.vouched(advocate), {}
    for post, reason in REASONS.items():
        found[post] = sighting = await world.sighting(person, post_id=post)
        await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
        if reason is not None:
            await advocate.post(f"/copies/{sighting}/close", {"reason": reason})
    return person, found


async def test_papers_leave_out_closed_copies_and_say_how_many(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, found = await copies(world, advocate)
    assert await links(advocate) == (["https://t.me/examplechannel/5"], 4)
    pack = (await advocate.call("GET", f"/cases/{person.case_id}/hand-off/text?language=en")).text
    assert [post for post in REASONS if f"examplechannel/{post}" in pack] == ["3", "5"]
    # What was confirmed by mistake is not among the "more" that were confirmed.
    assert "The pack holds the latest 2 copies. 2 more were confirmed" in pack
    async with world.services.database.read() as session:
        case = await session.get_one(Case, person.case_id)
        (kept,) = (await posts_to_keep(session, world.context, case)).values()
    assert sorted(one.post_id for one in kept) == ["3", "4", "5"]
    source_id = (await world.row(found["5"])).source_id
    (place,) = (await advocate.get("/linking"))["places"]
    assert (place["confirmed"], place["source_id"]) == (1, source_id)


async def test_the_evidence_package_keeps_a_closed_copy_and_says_when_and_why(world: ApiWorld, tmp_path: Path) -> None:
    advocate = await world.advocate()
    person, _ = await copies(world, advocate)
    async with world.services.database.read() as session:
        case = await session.get_one(Case, person.case_id)
        told = await read_case(
            session, world.context, case, heads_file=tmp_path / "heads", export_id="x", language="en"
        )
    assert {one.post: one.closed_for or None for one in told.copies} == REASONS
    now = world.clock.now()
    assert {one.closed_at for one in told.copies} == {None, now}
    assert ",confirmed-by-mistake" in copies_csv(told).decode("utf-8-sig")


async def test_a_channel_of_which_every_copy_is_closed_is_not_reported(world: ApiWorld) -> None:
    advocate = await world.advocate()
    _, sighting = await confirmed(world, advocate, "1")
    source_id = (await world.row(sighting)).source_id
    report = (await advocate.post(f"/linking/{source_id}/reports", PEER))["report_id"]
    await advocate.post(f"/copies/{sighting}/close", {"reason": "confirmed-by-mistake"})
    nothing = (409, "nothing-confirmed-there")
    assert await advocate.refused("POST", f"/place-reports/{report}/send") == nothing
    await advocate.post(f"/place-reports/{report}/withdraw")
    assert await advocate.refused("POST", f"/linking/{source_id}/reports", PEER) == nothing


async def test_a_channel_of_the_persons_own_is_not_reported(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, sighting = await confirmed(world, advocate, "1")
    source_id = (await world.row(sighting)).source_id
    report = (await advocate.post(f"/linking/{source_id}/reports", PEER))["report_id"]
    mine = {"platform": "telegram", "source": "@examplechannel"}
    await person.post(f"/cases/{person.case_id}/own-pages", mine)
    assert await advocate.refused("POST", f"/place-reports/{report}/send") == (409, "own-page")
    await advocate.post(f"/place-reports/{report}/withdraw")
    assert await advocate.refused("POST", f"/linking/{source_id}/reports", PEER) == (409, "own-page")


async def test_a_place_whose_watching_was_taken_back_is_not_handed_out(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, _ = await confirmed(world, advocate, "1")
    assert (await links(advocate))[1] == 0
    for one in (await person.get(f"/cases/{person.case_id}/consents"))["consents"]:
        await person.delete(f"/cases/{person.case_id}/consents/{one['consent_id']}")
    assert await links(advocate) == ([], 1)


async def test_gone_copies_take_no_room_in_the_sheet_and_it_says_what_does_not_fit(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor.actions.bulk_links, "MOST_LINKS", 2)
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    for post in "12345":
        sighting = await world.sighting(person, post_id=post)
        await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
        async with world.services.database.begin() as session:
            row = await session.get_one(Sighting, sighting)
            row.removed_at = world.clock.now() if post in "12" else None
        world.clock.move(minutes=1)
    answer = await advocate.call("GET", "/bulk-sheet?language=en")
    assert [f"/{post}" in answer.text for post in "12345"] == [False, False, False, True, True]
    assert answer.headers["Jikimi-Too-Many"] == "1" and "1 older links did not fit" in answer.text


async def test_a_notice_that_is_taken_back_is_over_for_the_platforms_program(world: ApiWorld) -> None:
    async with platform_world(world) as platform:
        await made(world, webhook="https://reports.example.org/x")
        advocate = await world.advocate_row()
        context = replace(world.context, webhooks=True).acting(By.program("test"))
        async with world.services.database.begin() as session:
            notice = await lock_one(session, Notice, platform.notice_id)
            assert notice is not None
            await retract(session, context, notice, RetractReason.WRONG_COPY, by=advocate.id)
        async with world.services.database.read() as session:
            told = await session.scalars(select(PlatformCall.event))
            assert told.all() == ["notice.over"]


async def test_what_was_filed_by_hand_is_told_when_a_confirmation_is_taken_back(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "minor"})
    sighting = await world.sighting(person)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context"})
    await advocate.post(f"/copies/{sighting}/filings", {"step": "kr_police", "reference": "2026-4711"})
    page = f"/advocate/sightings/{sighting}?lang="
    assert "still standing there" not in await see(world, advocate, page + "en")
    await advocate.post(f"/sightings/{sighting}/reopen", {"reason": "wrong-copy"})
    for language, words in (("en", "still standing there"), ("ko", "직접 접수한 신고")):
        shown = await see(world, advocate, page + language)
        assert words in shown and "2026-4711" in shown and title_of("kr_police", language) in shown
