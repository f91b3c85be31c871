"""Items, deadlines and the two switches, through the JSON API and the pages."""

import re

from sqlalchemy import update

from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.jobs.send import Sender
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery

PAGE = {"Accept-Language": "en", "Origin": "https://jikimi.example.org"}


async def reported(world: ApiWorld, advocate: Caller, person: Caller) -> tuple[str, str]:
    """A confirmed sighting and its notice, which has left."""
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    answer = await advocate.confirm(sighting, body)
    notice = answer["notices"][0]["notice_id"]
    await Sender(world.services.database, world.context, {"smtp": FakeDelivery()}).send(notice, 1)
    return sighting, notice


async def page(world: ApiWorld, who: Caller, path: str, language: str = "en") -> str:
    headers = {**PAGE, "Accept-Language": language, "Cookie": f"__Host-jikimi_login={who.token}"}
    answer = await world.http.get(path, headers=headers)
    assert answer.status_code == 200, path
    return answer.text


async def test_both_switches_have_doors_and_each_is_somebodys_own(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}/resending"
    assert await person.get(path) == {"person": False, "advocate": False, "on": False, "most_a_day": 20}
    assert (await person.put(path, {"on": True}))["on"] is False
    assert await advocate.put(path, {"on": True}) == {"person": True, "advocate": True, "on": True, "most_a_day": 20}
    assert (await person.put(path, {"on": False}))["person"] is False
    assert (await advocate.get(path))["advocate"] is True
    ledger = (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]
    assert [entry["kind"] for entry in ledger].count("resending-switched") == 3


async def test_nothing_is_switched_on_for_a_minor_or_before_vouching(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    waiting = await world.person()
    path = f"/cases/{waiting.case_id}/resending"
    assert (await waiting.refused("PUT", path, {"on": True}))[1] == "case-state"
    minor = await world.vouched(advocate, intake={"age_group": "unsure"})
    path = f"/cases/{minor.case_id}/resending"
    for who in (minor, advocate):
        assert (await who.refused("PUT", path, {"on": True}))[1] == "minor-or-unsure"


async def test_deadlines_are_listed_with_who_is_in_charge(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    other = await world.advocate("second")
    person = await world.vouched(advocate)
    _, notice = await reported(world, advocate, person)
    (clock,) = (await advocate.get("/clocks"))["clocks"]
    whole = await advocate.get(f"/notices/{notice}")
    assert (clock["notice_id"], clock["kind"], clock["mine"]) == (notice, "answer", True)
    assert clock["ends_at"] == whole["deadline_at"] and clock["ends_at"].endswith(("Z", "+00:00"))
    (same,) = (await advocate.get(f"/notices/{notice}/clocks"))["clocks"]
    assert (same["kind"], same["ends_at"], same["reminded_at"]) == ("answer", clock["ends_at"], None)
    assert (await other.get("/clocks"))["clocks"][0]["mine"] is False
    assert "You are in charge" in await page(world, advocate, "/advocate/clocks")
    shown = await page(world, other, "/advocate/clocks", "ko")
    assert f"/advocate/notices/{notice}" in shown and "답변 기한" in shown and "내가 담당이에요" not in shown
    async with world.services.database.begin() as session:
        await session.execute(update(Notice).values(state="withdrawn"))
    assert (await advocate.get("/clocks"))["clocks"] == []
    assert "No deadline runs now." in await page(world, advocate, "/advocate/clocks")


async def test_reuploads_that_left_by_themselves_are_listed_and_the_first_is_named(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    first, notice = await reported(world, advocate, person)
    again = await world.sighting(person, post_id="18")
    assert "Nothing was reported by itself so far." in await page(world, advocate, "/advocate/resent")
    async with world.services.database.begin() as session:
        now = world.clock.now()
        row = update(Sighting).where(Sighting.id == again)
        await session.execute(row.values(item_id=first, by_itself_at=now, state="confirmed", decided_at=now))
    item = await advocate.get(f"/sightings/{again}/item")
    assert (item["item_id"], item["first"], item["copies"], item["first_notice_id"]) == (first, False, 2, notice)
    (listed,) = (await advocate.get("/resent"))["resent"]
    assert (listed["sighting_id"], listed["item_id"], listed["notices"]) == (again, first, [])
    assert f"/advocate/sightings/{again}" in await page(world, advocate, "/advocate/resent")
    shown = await page(world, advocate, f"/advocate/sightings/{again}", "ko")
    assert f"/advocate/sightings/{first}" in shown and f"/advocate/notices/{notice}" in shown
    assert "자동으로 신고됐어요" in shown


async def test_advocate_switches_it_on_and_off_by_the_page(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    for on in (True, False):
        shown = await page(world, advocate, "/advocate/resent")
        token = re.search(r'name="token" value="([^"]+)"', shown)
        assert token is not None
        form = {"token": token[1], "case": f" {person.case_id.upper()} ", **({"on": "on"} if on else {})}
        headers = {**PAGE, "Cookie": f"__Host-jikimi_login={advocate.token}"}
        answer = await world.http.post("/advocate/resent/switch", headers=headers, data=form)
        assert answer.headers["location"].startswith("/advocate/resent?done=resending-")
        assert (await advocate.get(f"/cases/{person.case_id}/resending"))["advocate"] is on
        assert (person.case_id in await page(world, advocate, "/advocate/resent")) is on
