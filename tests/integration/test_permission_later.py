"""What the person tells after copies were confirmed: notices are written then, and an advocate alone sends them."""

import asyncio

from sqlalchemy import select, update

from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.platforms.base import PlatformName
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.databases import on_sqlite

BY_DEFAULT = {"kr_tba22_5", "telegram_report"}
"""The strongest way of an adult in Korea on Telegram, and the report inside it."""


async def confirmed(world: ApiWorld, advocate: Caller, person: Caller, post_id: str, *routes: str) -> str:
    sighting = await world.sighting(person, post_id=post_id)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": list(routes)})
    return sighting


async def tell(person: Caller, **changes: object) -> int:
    """How many notices the person is told were written by it."""
    kept = await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, **changes})
    return int(kept["notices_prepared"])


async def written(world: ApiWorld, sighting: str) -> dict[str, tuple[str, int]]:
    async with world.services.database.read() as session:
        rows = await session.scalars(select(Notice).where(Notice.sighting_id == sighting))
        return {row.route: (row.state, row.attempt) for row in rows}


async def waiting(advocate: Caller) -> list[int]:
    """Of each alert that notices may be sent now: how many it says are written."""
    told = (await advocate.get("/operations/alerts"))["alerts"]
    return [one["notices"] for one in told if one["kind"] == "copies-ready"]


@on_sqlite
async def test_permission_given_later_writes_what_the_confirmation_would_have_and_only_there(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"permission_to_send": False})
    first, second, closed, gone, child, mine = [
        await confirmed(world, advocate, person, post_id) for post_id in ("1", "2", "3", "4", "5", "6")
    ]
    await advocate.post(f"/copies/{closed}/close", {"reason": "handed-over"})
    elsewhere = await world.sighting(person, post_id="7", source="myownpage")
    await advocate.post(f"/sightings/{elsewhere}/confirm", {"basis": "caption-context", "routes": []})
    page = {"platform": "telegram", "source": "https://t.me/myownpage"}
    await person.post(f"/cases/{person.case_id}/own-pages", page)
    async with world.services.database.begin() as session:
        now = {"removed_at": world.clock.now()}
        await session.execute(update(Sighting).where(Sighting.id == gone).values(**now))
        await session.execute(update(Sighting).where(Sighting.id == child).values(age_group="minor"))
    assert await tell(person) == 6
    for sighting in (first, second, mine):
        assert await written(world, sighting) == dict.fromkeys(BY_DEFAULT, ("prepared", 1))
    for sighting in (closed, gone, child, elsewhere):
        assert await written(world, sighting) == {}
    assert await world.enqueued() == [], "nothing is sent by it"
    assert await waiting(advocate) == [6]
    assert await tell(person, good_faith_facts="said again") == 0
    assert await written(world, first) == dict.fromkeys(BY_DEFAULT, ("prepared", 1))


@on_sqlite
async def test_permission_taken_back_in_between_brings_back_what_it_stopped_and_nothing_else(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    chosen = await confirmed(world, advocate, person, "1", "us_tida")
    refused = await confirmed(world, advocate, person, "2", "us_tida")
    async with world.services.database.read() as session:
        theirs = await session.scalar(select(Notice.id).where(Notice.sighting_id == refused))
    await advocate.post(f"/notices/{theirs}/withdraw", {})
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "permission_to_send": False})
    assert await written(world, chosen) == {"us_tida": ("withdrawn", 1)}
    assert await tell(person) == 1
    assert await written(world, chosen) == {"us_tida": ("prepared", 2)}, "the way that the advocate had chosen"
    assert await written(world, refused) == {"us_tida": ("withdrawn", 1)}, "an advocate took it back"


@on_sqlite
async def test_a_signature_and_an_address_told_later_open_the_ways_that_need_them(world: ApiWorld) -> None:
    advocate = await world.advocate()
    lacking = {"country": "US", "signature": "", "contact": ""}
    person = await world.vouched(advocate, intake=lacking)
    sighting = await world.sighting(person, platform=PlatformName.X, post_id="1")
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": ["x_tida"]})
    assert await written(world, sighting) == {}
    assert await tell(person, country="US") == 1
    assert set(await written(world, sighting)) == {"x_tida"}


@on_sqlite
async def test_during_a_wait_for_the_police_nothing_is_written(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"permission_to_send": False, "timing": "wait-for-police"})
    sighting = await confirmed(world, advocate, person, "1")
    assert await tell(person, timing="wait-for-police") == 0
    assert await written(world, sighting) == {}
    assert await tell(person) == 2


async def test_two_servers_that_keep_it_at_once_write_each_notice_once(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"permission_to_send": False})
    sighting = await confirmed(world, advocate, person, "1")
    counted = await asyncio.gather(*(tell(person) for _ in range(3)))
    assert sorted(counted)[-1] == 2 and sum(counted) <= 6
    assert await written(world, sighting) == dict.fromkeys(BY_DEFAULT, ("prepared", 1))
