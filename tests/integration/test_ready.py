"""/healthz: the process answers. /readyz: the database can be written, a worker lives, work moves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text, update

from api.ready import Readiness
from db.models.pulses import Pulse
from monitor.jobs.sweeps import Ticks
from monitor.work.backlog import STUCK_AFTER
from monitor.work.pulses import DEAD_AFTER, beat
from monitor.work.tasks import Task
from monitor.work.worker import Worker
from tests.support.api_world import ApiWorld
from tests.support.page_routes import application


async def ready(world: ApiWorld) -> tuple[int, Any]:
    """What whoever asks now is told, not what was told a moment ago."""
    application(world).state.readiness = Readiness(world.services.database)
    answer = await world.http.get("/readyz")
    assert set(answer.json()) == {"status", "reasons"}
    return answer.status_code, answer.json()["reasons"]


@pytest.fixture
async def alive(world: ApiWorld) -> AsyncIterator[ApiWorld]:
    await beat(world.services.database, "one")
    yield world


async def test_alive_asks_no_database(world: ApiWorld, tmp_path: Path) -> None:
    await world.services.database.close()
    world.services.database.begin = world.services.database.read = None  # type: ignore[assignment,method-assign]
    answer = await world.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_while_a_worker_lives_and_not_once_it_is_gone(world: ApiWorld) -> None:
    assert await ready(world) == (503, ["worker-missing"])
    await beat(world.services.database, "one")
    assert await ready(world) == (200, [])
    async with world.services.database.begin() as session:
        await session.execute(update(Pulse).values(at=datetime.now(UTC) - DEAD_AFTER - timedelta(seconds=1)))
    assert await ready(world) == (503, ["worker-missing"])
    await beat(world.services.database, "two")
    assert await ready(world) == (200, [])


async def test_a_real_worker_leaves_signs_of_life(prepared_url: str, world: ApiWorld, tmp_path: Path) -> None:
    from monitor.app.bootstrap import build_worker

    worker, ticks = build_worker(world.services)
    assert await ready(world) == (503, ["worker-missing"])
    (sign,) = [tick for tick, seconds in ticks.schedule() if seconds == 10.0]
    await sign()
    assert await ready(world) == (200, [])
    assert isinstance(worker, Worker) and isinstance(ticks, Ticks)


async def test_work_that_waits_too_long_is_not_ready_and_what_is_delayed_does_not_wait(alive: ApiWorld) -> None:
    services = alive.services
    async with services.database.begin() as session:
        await services.outbox.enqueue(session, Task("crawl-a-1", "crawl", ("a",), "crawls", partition="telegram"))
        await services.outbox.enqueue(session, Task("verify-a-1", "verify", ("a", 1), "later", delay=86_400.0))
    assert await ready(alive) == (200, [])
    table = "workflow_status" if "sqlite" in services.database.url else "dbos.workflow_status"
    long_ago = int((datetime.now(UTC) - STUCK_AFTER - timedelta(minutes=1)).timestamp() * 1000)

    async def change(what: str) -> None:
        async with services.database.begin() as session:
            await session.execute(text(f"update {table} set {what}"))  # noqa: S608  # constants

    await change(f"created_at = {long_ago} where name = 'verify'")
    assert await ready(alive) == (200, [])
    await change(f"created_at = {long_ago} where name = 'crawl'")
    assert await ready(alive) == (503, ["queue-stuck"])
    await change("status = 'SUCCESS' where name = 'crawl'")
    assert await ready(alive) == (200, [])


async def test_database_that_cannot_be_written_is_not_ready_though_it_can_be_read(sqlite_world: ApiWorld) -> None:
    world, engine = sqlite_world, sqlite_world.services.database.engine.sync_engine
    await beat(world.services.database, "one")
    advocate = await world.advocate()

    full = True

    def fill(connection: Any, *_more: Any) -> None:
        connection.cursor().execute(f"pragma query_only = {'on' if full else 'off'}")  # every write fails

    event.listen(engine, "checkout", fill)
    assert await ready(world) == (503, ["database-not-writable"])
    assert (await world.http.get("/healthz")).status_code == 200
    assert (await advocate.call("GET", "/operations/health")).status_code == 200
    full = False
    assert await ready(world) == (200, [])


async def test_many_who_ask_at_once_ask_the_database_once(alive: ApiWorld) -> None:
    application(alive).state.readiness = Readiness(alive.services.database)
    answers = await asyncio.gather(*(alive.http.get("/readyz") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    async with alive.services.database.begin() as session:
        await session.execute(update(Pulse).values(at=datetime.now(UTC) - timedelta(hours=2)))
    assert (await alive.http.get("/readyz")).status_code == 200
