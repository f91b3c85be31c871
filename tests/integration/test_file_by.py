"""A next step that is taken for some time only says until when, and whoever is in charge is told before."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from db.models.notices import Notice
from db.models.platform_side import PlatformAnswer
from db.models.sources import Alert
from monitor.jobs.escalate import Escalator
from monitor.jobs.reminders import remind
from monitor.model.notice_states import NoticeState
from tests.support.api_world import ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.page_forms import see

HALF_A_YEAR = timedelta(days=180)


async def lapsed(world: ApiWorld, advocate: Caller, person: Caller, *, refused: timedelta | None = None) -> str:
    """A copy whose notice under the EU's law led to nothing. `refused`: so long ago its recipient said no."""
    sighting = await world.sighting(person, post_id="1")
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": ["eu_dsa16"]})
    now = world.clock.now()
    async with world.services.database.begin() as session:
        notice = (await session.scalars(select(Notice).where(Notice.sighting_id == sighting))).one()
        sent = {"state": NoticeState.SENT, "sent_at": now - timedelta(days=4)}
        await session.execute(update(Notice).where(Notice.id == notice.id).values(**sent))
        if refused is not None:
            told = {"case_id": person.case_id, "notice_id": notice.id, "kind": "refused", "by": "link"}
            session.add(PlatformAnswer(**told, at=now - refused))
    await Escalator(world.services.database, world.context).escalate(notice.id)
    return sighting


async def step(advocate: Caller, sighting: str) -> dict[str, Any]:
    (found,) = (await advocate.get(f"/copies/{sighting}"))["steps"]
    return dict(found)


async def reminded(world: ApiWorld) -> list[tuple[str, str]]:
    await remind(world.services.database, world.context)
    async with world.services.database.read() as session:
        query = select(Alert).where(Alert.kind == "filing-near", Alert.resolved_at.is_(None))
        return [(one.subject, one.reason) for one in await session.scalars(query)]


@on_sqlite
async def test_time_to_file_is_shown_listed_and_told_a_week_before_until_it_was_filed(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"country": "DE"})
    sighting = await lapsed(world, advocate, person)
    found = await step(advocate, sighting)
    ends = datetime.fromisoformat(found["file_by"])
    assert (found["step"], ends) == ("eu_dsa20", datetime.fromisoformat(found["prepared_at"]) + HALF_A_YEAR)
    shown = await see(world, advocate, f"/advocate/copies/{sighting}?lang=en")
    assert "To be filed by" in shown and str(ends.year) in shown
    assert "늦어도" in await see(world, advocate, f"/advocate/copies/{sighting}?lang=ko")
    clocks = [(one["kind"], one["route"]) for one in (await advocate.get("/clocks"))["clocks"]]
    assert ("file-by", "eu_dsa20") in clocks
    assert "the next step may be filed until then" in await see(world, advocate, "/advocate/clocks?lang=en")
    world.clock.move(days=172)
    assert await reminded(world) == []
    world.clock.move(days=2)
    assert await reminded(world) == [(sighting, "file-by")] == await reminded(world)
    world.clock.move(days=7)
    assert await reminded(world) == [], "it is over"


@on_sqlite
async def test_who_filed_it_is_reminded_no_more_and_time_counts_from_the_refusal(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"country": "DE"})
    sighting = await lapsed(world, advocate, person, refused=timedelta(days=3))
    found = await step(advocate, sighting)
    prepared = datetime.fromisoformat(found["prepared_at"])
    assert datetime.fromisoformat(found["file_by"]) == prepared + HALF_A_YEAR - timedelta(days=3)
    await advocate.post(f"/copies/{sighting}/filings", {"step": "eu_dsa20"})
    assert "file-by" not in [one["kind"] for one in (await advocate.get("/clocks"))["clocks"]]
    assert "To be filed by" not in await see(world, advocate, f"/advocate/copies/{sighting}?lang=en")
    world.clock.move(days=174)
    assert (sighting, "file-by") not in await reminded(world)
