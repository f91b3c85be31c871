"""Taking a consent back in the middle of a run stops reading, matching and unsent notices for it, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from monitor.demo.driver import Person
from monitor.demo.run import DemoRun
from monitor.demo.world.pictures import copies
from monitor.demo.world.plan import PLACES, Place
from monitor.platforms.base import PlatformName
from tests.support.demo_run import demo, until


@pytest.mark.timeout(400)
async def test_withdrawn_consent_stops_matching_and_unsent_notices_for_that_person_only(tmp_path: Path) -> None:
    async with demo(tmp_path, "sqlite", samples=copies(1)) as run:
        await prepared_notices(run)
        person, place = await somebody_with_a_prepared_notice(run)
        theirs = await notices_at(run, person, place)
        assert await withdraw(person, place, "watch") == len(theirs)
        for notice in await notices_at(run, person, place):
            assert (notice["state"], notice["reason"]) == ("withdrawn", "consent-withdrawn")
        others = [one for one in await run.driver.notices(state="prepared") if one["case_id"] != person.case_id]
        assert others, "other people's notices are still there"

        # A new copy of this person's picture and one of somebody else's: only the other is found.
        known = {one["sighting_id"] for one in await run.driver.sightings("confirmed")}
        stranger = next(one for one in run.driver.persons if one is not person)
        hidden = repost(run, place, person.number)
        shown = repost(run, place, stranger.number)
        await until(lambda: is_found(run, shown))
        found = [one for one in await run.driver.sightings("open") if one["sighting_id"] not in known]
        assert {one["case_id"] for one in found} == {stranger.case_id}
        assert hidden not in {one["post_id"] for one in found}


@pytest.mark.timeout(400)
async def test_a_source_that_nobody_consents_to_any_more_is_not_read(tmp_path: Path) -> None:
    async with demo(tmp_path, "sqlite", samples=copies(1)) as run:
        await run.driver.prepare()
        quiet = (PLACES[0], PLACES[2])
        await until(lambda: all_read(run, dict.fromkeys(PLACES, 1)))
        for person in run.driver.persons:
            for place in quiet:
                await withdraw(person, place, "watch")
        await one_tick(run, PLACES[1], PLACES[3])
        before = {place: reads(run, place) for place in quiet}
        for place in quiet:
            repost(run, place, 0)
        await one_tick(run, PLACES[1], PLACES[3])
        await one_tick(run, PLACES[1], PLACES[3])
        assert {place: reads(run, place) for place in quiet} == before


async def prepared_notices(run: DemoRun) -> None:
    """Everything is found and decided; the forms for X wait for a human."""
    await run.driver.prepare()

    async def decided() -> bool:
        await run.driver.decide()
        return len(await run.driver.sightings("confirmed")) == len(copies(1))

    await until(decided)


async def somebody_with_a_prepared_notice(run: DemoRun) -> tuple[Person, Place]:
    notice = (await run.driver.notices(state="prepared"))[0]
    sighting = next(
        one for one in await run.driver.sightings("confirmed") if one["sighting_id"] == notice["sighting_id"]
    )
    person = next(one for one in run.driver.persons if one.case_id == notice["case_id"])
    return person, next(place for place in PLACES if place.handle == sighting["source"])


async def notices_at(run: DemoRun, person: Person, place: Place) -> list[dict[str, Any]]:
    there = {one["sighting_id"] for one in await run.driver.sightings("confirmed") if one["source"] == place.handle}
    return [
        one for one in await run.driver.notices() if one["sighting_id"] in there and one["case_id"] == person.case_id
    ]


async def withdraw(person: Person, place: Place, purpose: str) -> int:
    """Through the API, as the person does it. Returns how many notices it stopped."""
    path = f"/cases/{person.case_id}/consents"
    given = (await person.api.call("GET", path))["consents"]
    consent = next(one for one in given if (one["source"], one["purpose"]) == (place.handle, purpose))
    stopped = (await person.api.call("DELETE", f"{path}/{consent['consent_id']}"))["stopped_notices"]
    assert isinstance(stopped, int)
    return stopped


def repost(run: DemoRun, place: Place, number: int) -> str:
    """Somebody posts a copy of person `number`'s picture once more. Returns the post's id."""
    sample = next(sample for sample in copies(1) if sample.copy_of == number)
    return run.world.post(place, sample, "once more", run.world.clock.now()).post_id


async def is_found(run: DemoRun, post_id: str) -> bool:
    return post_id in {one["post_id"] for one in await run.driver.sightings("open")}


def reads(run: DemoRun, place: Place) -> int:
    """How often a place was read for new posts."""
    room = run.world.room(place)
    if place.platform is PlatformName.X:
        return sum(call.path == f"/2/users/{room.id}/tweets" for call in run.world.x_world.calls)
    calls = run.world.telegram_world.calls
    return sum((call.method, call.channel_id) == ("messages.getHistory", room.id) for call in calls)


async def all_read(run: DemoRun, at_least: dict[Place, int]) -> bool:
    return all(reads(run, place) >= count for place, count in at_least.items())


async def one_tick(run: DemoRun, *others: Place) -> None:
    """Until other places were read twice more: whatever ran before is over by then."""
    wanted = {place: reads(run, place) + 2 for place in others}
    await until(lambda: all_read(run, wanted))
