"""What a person is told rests, is read, is checked or is asked is what does, by the server's clock alone."""

from datetime import timedelta
from typing import Any

from tests.integration.test_centre_list import YES, listed
from tests.integration.test_standing import left, log_in_again, standing
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world

BOTH = {"platform": "telegram", "source": "@examplechannel", "purposes": ["watch", "follow"]}
OTHER = {"platform": "telegram", "source": "@another", "purposes": ["watch"]}


async def reported(world: ApiWorld) -> tuple[Caller, str]:
    """(person, their case's path), with one reported copy in a place that they have followed."""
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": ["us_tida"]})
    await left(world, sighting)
    path = f"/cases/{person.case_id}"
    await person.post(f"{path}/consents", BOTH)
    return person, path


def checked(seen: dict[str, Any]) -> tuple[int, int, int]:
    return seen["followed"], seen["resting"], seen["unfollowed"]


async def followed(person: Caller, path: str) -> list[bool]:
    return [one["followed"] for one in (await person.get(f"{path}/notices"))["notices"]]


async def test_what_nobody_checks_is_not_said_to_be_checked(sqlite_world: ApiWorld) -> None:
    person, path = await reported(sqlite_world)
    assert checked(await standing(person)) == (1, 0, 0) and await followed(person, path) == [True]
    await person.put(f"{path}/watching", {"paused": True})
    assert checked(await standing(person)) == (0, 1, 0) and await followed(person, path) == [False]
    await person.put(f"{path}/watching", {"paused": False})
    assert checked(await standing(person)) == (1, 0, 0)
    for one in (await person.get(f"{path}/consents"))["consents"]:
        await person.delete(f"{path}/consents/{one['consent_id']}")
    seen = await standing(person)
    assert checked(seen) == (0, 0, 1) and seen["next_check_at"] is None
    assert await followed(person, path) == [False]


async def test_a_place_that_goes_on_is_counted_where_everything_was_paused(sqlite_world: ApiWorld) -> None:
    person, path = await reported(sqlite_world)
    await person.post(f"{path}/consents", OTHER)
    await person.put(f"{path}/watching", {"paused": True})
    seen = await standing(person)
    assert (seen["paused_at"] is not None, seen["coverage"]["going"]) == (True, 0)
    (place, _) = (await person.get(f"{path}/places"))["places"]
    await person.put(f"{path}/watching", {"paused": False, "source_id": place["source_id"]})
    seen = await standing(person)
    assert (seen["coverage"]["going"], seen["coverage"]["paused"], seen["coverage"]["places"]) == (1, 1, 2)
    assert seen["next_check_at"] is not None and seen["paused_at"] is not None, "what is added rests, and links do"


async def test_the_centres_list_alone_has_a_next_look_and_is_named_when_all_is_taken_back(
    sqlite_world: ApiWorld,
) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await listed(sqlite_world, advocate)
    await person.put(f"{path}/list", YES)
    seen = await standing(person)
    assert (seen["coverage"]["places"], seen["coverage"]["listed"]) == (0, 3)
    assert seen["next_check_at"] is not None and seen["next_check_due"] is True
    await person.put(f"{path}/watching", {"paused": True})
    assert (await standing(person))["next_check_at"] is None
    typed = {"passphrase": person.passphrase}
    assert await person.post(f"{path}/consents/withdrawal", typed) == {
        **{"withdrawn": 0, "listed": True, "stopped_notices": 0},
    }
    await person.post(f"{path}/consents", BOTH)
    told = await person.post(f"{path}/consents/withdrawal", typed)
    assert (told["withdrawn"], told["listed"]) == (1, False), "one place with two purposes is one place"


async def test_whoever_wanted_to_be_asked_again_about_the_police_is_asked(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.vouched(await sqlite_world.advocate())
    path, now = f"/cases/{person.case_id}", sqlite_world.clock.now()
    waits = {**INTAKE, "timing": "wait-for-police", "police_until": (now + timedelta(days=3)).date().isoformat()}
    assert (await person.put(f"{path}/intake", waits))["police_over"] is False
    assert (await standing(person))["asked"] == 0
    sqlite_world.clock.move(days=5)
    seen = await standing(person)
    assert (seen["asked"], seen["police_over"]) == (1, True)
    assert (await person.get(f"{path}/intake"))["police_over"] is True
    later = (sqlite_world.clock.now() + timedelta(days=3)).date().isoformat()
    assert (await person.put(f"{path}/intake", {**waits, "police_until": later}))["police_over"] is False
    assert (await standing(person))["asked"] == 0
    # Of who may be a child nothing is sent, so nothing waits.
    sqlite_world.clock.move(days=5)
    await person.put(f"{path}/intake", {**waits, "age_group": "unsure"})
    assert (await standing(person))["asked"] == 0


async def test_a_link_says_what_it_waits_for(sqlite_world: ApiWorld, tmp_path: Any) -> None:
    link = {"url": "https://t.me/examplechannel/5", "kind": "intimate"}
    waiting = await sqlite_world.person()
    await waiting.post(f"/cases/{waiting.case_id}/links", link)
    person = await sqlite_world.vouched(await sqlite_world.advocate())
    await person.post(f"/cases/{person.case_id}/links", link)

    async def waits(one: Caller) -> str:
        return str((await one.get(f"/cases/{one.case_id}/links"))["links"][0]["waits_for"])

    assert (await waits(waiting), await waits(person)) == ("vouching", "platform")  # none is read in this world


async def test_a_link_waits_for_its_turn_or_for_the_person(prepared_url: str, tmp_path: Any) -> None:
    async with api_world(prepared_url, tmp_path, accounts={"telegram": "telegram"}) as world:
        person = await world.vouched(await world.advocate())
        path = f"/cases/{person.case_id}"
        await person.post(f"{path}/links", {"url": "https://t.me/examplechannel/5", "kind": "intimate"})
        for paused, what in ((False, "turn"), (True, "go-on")):
            await person.put(f"{path}/watching", {"paused": paused})
            assert (await person.get(f"{path}/links"))["links"][0]["waits_for"] == what


async def test_whether_vouching_is_late_and_a_mailbox_may_be_named_is_the_servers_to_say(
    sqlite_world: ApiWorld,
) -> None:
    person = await sqlite_world.person()
    path = f"/cases/{person.case_id}"
    assert (await person.get(path))["vouch_overdue"] is False
    assert (await person.get(f"{path}/news-mail"))["vouched"] is False
    sqlite_world.clock.move(days=4)
    again = await log_in_again(sqlite_world, person)
    assert (await again.get(path))["vouch_overdue"] is True
