"""A report about a whole channel whose task died is picked up, or put in doubt and told; it blocks no further one."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from db.models.linking import PlaceReport
from monitor.delivery.base import Receipt
from monitor.jobs.place_sweep import sweep_place_reports
from monitor.jobs.report_place import PlaceSender
from monitor.jobs.setbacks import MOST_ATTEMPTS
from monitor.jobs.sweeps import Ticks
from monitor.work import tasks
from tests.integration.test_place_reports import PEER, confirmed, kinds, run, state
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_visits import page


class Engine:
    """The workflow engine: what is alive in it."""

    def __init__(self, *live: str) -> None:
        self._live = set(live)

    async def live(self, ids: Any) -> set[str]:
        return self._live & set(ids)


class Forgetful(PlaceSender):
    """The database is away when the outcome is to be kept."""

    async def _left(self, report_id: str, attempt: int, receipt: Receipt) -> None:
        raise OperationalError("update", {}, ConnectionError("away"))

    async def _later(self, *given: Any) -> None:
        raise OperationalError("update", {}, ConnectionError("away"))


async def sweep(world: ApiWorld, *live: str) -> None:
    engine: Any = Engine(*live)
    await sweep_place_reports(world.services.database, world.context, engine)


async def released(world: ApiWorld, advocate: Caller) -> tuple[str, str]:
    """(place, report): an advocate had it sent."""
    _, place = await confirmed(world, advocate)
    report = str((await advocate.post(f"/linking/{place}/reports", dict(PEER)))["report_id"])
    await advocate.post(f"/place-reports/{report}/send")
    return place, report


async def alerts(advocate: Caller) -> list[tuple[str, str]]:
    return [(one["kind"], one["reason"]) for one in (await advocate.get("/operations/alerts"))["alerts"]]


async def attempt_of(world: ApiWorld, report: str) -> int:
    async with world.services.database.read() as session:
        return (await session.get_one(PlaceReport, report)).attempt


async def test_one_that_was_being_sent_is_in_doubt_told_and_settled_by_a_person(world: ApiWorld) -> None:
    advocate, delivery = await world.advocate(), FakeDelivery()
    place, report = await released(world, advocate)
    sender = Forgetful(world.services.database, world.context, {"telegram_peer": delivery})
    with pytest.raises(OperationalError):
        await sender.send(report, 2)
    assert len(delivery.sent) == 1 and (await state(advocate, report))[0] == "sending"
    # While its task lives, it is left alone.
    await sweep(world, tasks.report_place(report, 2, "telegram").id)
    assert (await state(advocate, report))[0] == "sending" and await alerts(advocate) == []
    await sweep(world)
    assert await state(advocate, report) == ("in_doubt", "cut-off-while-sending")
    assert await alerts(advocate) == [("place-report-waits", "cut-off-while-sending")]
    assert (await kinds(world))[-1] == "place-report-in-doubt"
    told = await page(world, advocate, f"/advocate/place-reports/{report}")
    assert "It may or may not have arrived" in told and "cut off" in told
    await sweep(world)  # nothing resends itself
    await run(world, delivery, report, 2)
    assert len(delivery.sent) == 1
    assert await advocate.refused("POST", f"/linking/{place}/reports", dict(PEER)) == (409, "place-report-open")
    await advocate.post(f"/place-reports/{report}/settle", {"arrived": True})
    assert (await state(advocate, report))[0] == "sent" and await alerts(advocate) == []
    await advocate.post(f"/linking/{place}/reports", dict(PEER))  # a further one can be written


async def test_one_that_waits_without_a_task_gets_one(world: ApiWorld) -> None:
    advocate, delivery = await world.advocate(), FakeDelivery()
    _, report = await released(world, advocate)
    await sweep(world, tasks.report_place(report, 2, "telegram").id)
    assert await attempt_of(world, report) == 2, "it waits for its own task"
    await sweep(world)
    attempt = await attempt_of(world, report)
    assert attempt == 3 and (await state(advocate, report))[0] == "queued"
    await run(world, delivery, report, 2)  # the task of before, should it be there after all
    assert delivery.sent == []
    await run(world, delivery, report, attempt)
    assert (await state(advocate, report))[0] == "sent" and len(delivery.sent) == 1


async def test_one_that_no_task_can_begin_is_told_in_the_end(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    _, report = await released(world, advocate)
    for _ in range(MOST_ATTEMPTS):
        await sweep(world)
    told, reason = await state(advocate, report)
    assert (told, reason) == ("failed", "never-begun")
    assert await alerts(advocate) == [("place-report-waits", "never-begun")]
    assert "never-begun" not in await page(world, advocate, f"/advocate/place-reports/{report}")
    assert "never-begun" not in await page(world, advocate, "/advocate/alerts")
    await advocate.post(f"/place-reports/{report}/send")  # a person has it sent again
    assert (await state(advocate, report))[0] == "queued"


async def test_the_sweeper_of_every_worker_looks_at_them(sqlite_world: ApiWorld, tmp_path: Path) -> None:
    world, engine = sqlite_world, Engine()
    advocate = await world.advocate()
    _, report = await released(world, advocate)
    async with world.services.database.begin() as session:
        await session.execute(update(PlaceReport).values(state="sending", dated_at=world.clock.now()))
    idle: Any = engine
    heads, hour = tmp_path / "heads", world.services.settings.crawl.interval
    made = Ticks(world.services.database, world.context, idle, heads_file=heads, interval=hour, seen_for=hour)
    await made.sweep()
    assert await state(advocate, report) == ("in_doubt", "cut-off-while-sending")
