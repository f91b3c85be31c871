"""What is wrong with the installation itself is told by `check` and on the page, and ends by itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.app.bootstrap import build_worker
from monitor.jobs import conditions
from monitor.jobs.conditions import CONDITIONS_SECONDS
from monitor.work.backlog import STUCK_AFTER
from monitor.work.tasks import Task
from tests.support.api_world import ApiWorld, Caller


async def told(advocate: Caller) -> list[str]:
    return [one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]]


async def look(world: ApiWorld) -> None:
    _, ticks = build_worker(world.services)
    (tick, *_) = [
        tick for tick, seconds in ticks.schedule() if seconds == CONDITIONS_SECONDS and "Conditions" in repr(tick)
    ]
    await tick()


async def test_stuck_queue_is_told_until_the_work_is_done(world: ApiWorld) -> None:
    advocate, services = await world.advocate(), world.services
    async with services.database.begin() as session:
        await services.outbox.enqueue(session, Task("crawl-a-1", "crawl", ("a",), "crawls", partition="telegram"))
    await look(world)
    assert await told(advocate) == []
    table = "workflow_status" if "sqlite" in services.database.url else "dbos.workflow_status"
    long_ago = int((datetime.now(UTC) - STUCK_AFTER - timedelta(minutes=1)).timestamp() * 1000)
    for change, kinds in ((f"created_at = {long_ago}", ["queue-stuck"]), ("status = 'SUCCESS'", [])):
        async with services.database.begin() as session:
            await session.execute(text(f"update {table} set {change}"))  # noqa: S608  # constants
        await look(world)
        assert await told(advocate) == kinds


async def test_disk_with_little_room_is_told_until_there_is_more(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    with monkeypatch.context() as patched:
        patched.setattr(conditions, "LEAST_FREE", 2**62)  # more than any disk has
        await look(world)
    assert await told(advocate) == ["disk-full"]
    await look(world)
    assert await told(advocate) == []


async def test_refused_sealing_is_told_until_heads_are_signed_again(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    _, ticks = build_worker(world.services)
    await ticks.seal()
    assert await told(advocate) == []
    heads: Path = world.services.settings.ledger.heads_file
    kept = heads.read_bytes()  # noqa: ASYNC240  # a small file of the test
    assert json.loads(kept.splitlines()[0])
    heads.write_bytes(b"")  # noqa: ASYNC240
    await world.advocate("second", "Centre B")
    await ticks.seal()
    assert await told(advocate) == ["ledger-unsealed"]
    heads.write_bytes(kept)  # noqa: ASYNC240
    await build_worker(world.services)[1].seal()
    assert await told(advocate) == []
