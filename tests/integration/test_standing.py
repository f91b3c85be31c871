"""What a person is told first: four numbers, news, gaps, the next check; nothing that names a place or a post."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.case_reading import CaseSource
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.case_reading import tell_of_failure, tell_of_read
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_forms import see


async def log_in_again(world: ApiWorld, person: Caller) -> Caller:
    body = {"case_id": person.case_id, "passphrase": person.passphrase}
    token = (await world.nobody().post("/log-ins/person", body))["token"]
    return Caller(world.http, token, person.case_id, person.passphrase)


async def standing(person: Caller) -> dict[str, Any]:
    return dict(await person.get(f"/cases/{person.case_id}/standing"))


async def left(world: ApiWorld, sighting: str, **values: Any) -> None:
    async with world.services.database.begin() as session:
        sent = {"state": "sent", "sent_at": world.clock.now(), "due_at": world.clock.now() + timedelta(hours=3)}
        await session.execute(update(Notice).where(Notice.sighting_id == sighting).values(**sent))
        if values:
            await session.execute(update(Sighting).where(Sighting.id == sighting).values(**values))


async def test_four_numbers_news_and_the_next_check_without_a_name(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    seen = await standing(person)
    assert (seen["removed"], seen["waiting"], seen["followed"], seen["asked"]) == (0, 0, 0, 0)
    assert seen["news"]["since"] is None and seen["next_check_at"] is None and seen["coverage"]["places"] == 0

    ids = [await world.sighting(person, post_id=str(number)) for number in (1, 2, 3, 4)]
    world.clock.move(hours=1)
    for one in ids[:3]:
        await advocate.post(f"/sightings/{one}/confirm", {"basis": "caption-context", "routes": ["us_tida"]})
    await advocate.post(f"/sightings/{ids[3]}/confirm", {"basis": "caption-context", "release": False})
    await left(world, ids[1])
    await left(world, ids[2], removed_at=world.clock.now())
    person = await log_in_again(world, person)
    seen = await standing(person)
    assert (seen["removed"], seen["waiting"], seen["followed"]) == (1, 1, 1)
    assert seen["news"] == {
        **{"since": seen["news"]["since"], "found": 3, "removed": 1, "came_back": 0, "sent": 2},
        "taken_back": 0,
    }
    assert seen["coverage"] == {
        **{"places": 1, "paused": 0, "going": 1, "listed": 0, "unread": 0, "not_inspected": 0, "read_at": None},
    }
    assert seen["next_check_at"] is not None
    told = json.dumps(seen)
    assert "examplechannel" not in told and "t.me" not in told

    # Locked and opened again it is the same visit; a day later it is news no more.
    person = await log_in_again(world, person)
    assert (await standing(person))["news"]["found"] == 3
    world.clock.move(days=1)
    person = await log_in_again(world, person)
    assert (await standing(person))["news"]["found"] == 0
    assert await advocate.refused("GET", f"/cases/{person.case_id}/standing") == (403, "only-the-person")


async def test_place_is_a_gap_when_it_cannot_be_read_and_not_because_it_is_new(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    person = await world.vouched(await world.advocate())
    path = f"/cases/{person.case_id}"

    async def unread() -> int:
        return int((await standing(person))["coverage"]["unread"])

    async def told(by: Callable[[AsyncSession, Select[str], str], Awaitable[None]]) -> None:
        async with world.services.database.begin() as session:
            await by(session, select(Case.id).where(Case.id == person.case_id), place["source_id"])

    async def failed(session: AsyncSession, cases: Select[str], source: str) -> None:
        await tell_of_failure(session, cases, source, reason="no-access", now=world.clock.now(), waits_until=None)

    async def read(session: AsyncSession, cases: Select[str], source: str) -> None:
        await tell_of_read(session, cases, source, now=world.clock.now())

    world.clock.move(days=3)  # vouched long ago: a place that is named now was not missed meanwhile
    await person.post(f"{path}/consents", {"platform": "telegram", "source": "@examplechannel", "purposes": ["watch"]})
    (place,) = (await person.get(f"{path}/places"))["places"]
    assert await unread() == 0
    world.clock.move(hours=25)
    assert await unread() == 1
    async with world.services.database.begin() as session:
        session.add(
            CaseSource(
                case_id=person.case_id,
                source_id=place["source_id"],
                since=world.clock.now(),
                noted_at=world.clock.now(),
            )
        )
    await told(read)
    assert await unread() == 0
    await told(failed)
    assert await unread() == 1
    await told(read)
    assert await unread() == 0
    world.clock.move(hours=25)
    assert await unread() == 1
    await person.put(f"{path}/watching", {"paused": True, "source_id": place["source_id"]})
    assert await unread() == 0


async def test_person_pauses_and_goes_on_by_http_and_nobody_else(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    body = {"platform": "telegram", "source": "@examplechannel", "purposes": ["watch", "follow"]}
    await person.post(f"{path}/consents", body)
    (place,) = (await person.get(f"{path}/places"))["places"]
    assert [one["purpose"] for one in place["purposes"]] == ["watch", "follow"] and place["paused_at"] is None
    one = {"paused": True, "source_id": place["source_id"]}
    assert await advocate.refused("PUT", f"{path}/watching", one) == (403, "only-the-person")
    assert (await person.put(f"{path}/watching", one))["places"][0]["paused_at"]
    seen = await standing(person)
    assert seen["coverage"]["paused"] == 1 and seen["next_check_at"] is None and seen["paused_at"] is None
    await person.put(f"{path}/watching", {"paused": False})
    assert (await person.get(f"{path}/places"))["places"][0]["paused_at"] is None
    assert (await person.put(f"{path}/watching", {"paused": True}))["paused_at"]
    assert await person.refused("PUT", f"{path}/watching", {"paused": True, "source_id": "a" * 26}) == (
        404,
        "not-found",
    )
    # Said while a lead holds the case: resting is always allowed, going on is not.
    lead = await world.advocate()
    await lead.put(f"{path}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    rested = await person.put(f"{path}/watching", {"paused": True})
    assert rested["paused_at"] and rested["places"] == [], "what a hold hides is not told by the answer"
    assert await person.refused("PUT", f"{path}/watching", {"paused": False}) == (409, "case-frozen")


async def test_advocate_is_told_of_a_person_who_never_came_back_to_their_case(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    page, told = f"/advocate/cases/{person.case_id}?lang=en", "has not come back to this case so far"
    shown = await see(world, advocate, page)
    assert told in shown and 'href="/advocate/passphrases"' in shown
    await log_in_again(world, person)
    assert told not in await see(world, advocate, page)
