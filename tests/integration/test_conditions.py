"""What is wrong with the installation itself is told by `check` and on the page, and ends by itself."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text, update

from db.models.pulses import Pulse
from monitor.app import part_checks
from monitor.app.bootstrap import build_worker
from monitor.core.clock_watch import ClockWatch
from monitor.delivery.smtp_operator import SmtpOperatorMail
from monitor.delivery.smtp_session import SmtpServer
from monitor.jobs import conditions
from monitor.jobs.conditions import CONDITIONS_SECONDS, TOLD_FOR, Conditions
from monitor.work.backlog import STUCK_AFTER
from monitor.work.pulses import DEAD_AFTER, beat, farewell
from monitor.work.tasks import Task
from tests.support.api_world import ApiWorld, Caller
from tests.support.mail_troubles import TroubledMailCatcher


async def told(advocate: Caller) -> list[str]:
    return [one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]]


async def look(world: ApiWorld) -> None:
    _, ticks = build_worker(world.services)
    (tick, *_) = [
        tick for tick, seconds in ticks.schedule() if seconds == CONDITIONS_SECONDS and "Conditions" in repr(tick)
    ]
    await tick()


async def silent(world: ApiWorld, time: timedelta) -> None:
    """Nobody gave a sign of life for so long."""
    async with world.services.database.begin() as session:
        await session.execute(update(Pulse).values(at=datetime.now(UTC) - time))


async def checked(world: ApiWorld) -> str:
    """What `check` says of the work."""
    try:
        return await part_checks.work(world.services.settings)
    except (part_checks.Bad, part_checks.Low) as found:
        return f"{type(found).__name__}: {found}"


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


async def test_worker_that_fell_silent_is_told_until_another_takes_its_place(world: ApiWorld) -> None:
    advocate, database = await world.advocate(), world.services.database
    await beat(database, "ended-in-order")
    await beat(database, "killed")
    await farewell(database, "ended-in-order")
    await look(world)
    assert await told(advocate) == []
    await silent(world, DEAD_AFTER + timedelta(seconds=1))
    await look(world)
    assert await told(advocate) == ["worker-missing"]
    assert (await checked(world)).startswith("Bad: 1 stopped without being told to")
    await beat(database, "new")
    await look(world)
    assert await told(advocate) == []
    assert "a worker lives" in await checked(world)
    await farewell(database, "new")
    await look(world)
    assert await told(advocate) == [], "who was replaced is not missed again"
    assert (await checked(world)).startswith("Low: nothing runs now")


async def test_machine_that_slept_misses_nobody(sqlite_world: ApiWorld) -> None:
    """Its workers look before they have given a sign of life again."""
    world, advocate, database = sqlite_world, await sqlite_world.advocate(), sqlite_world.services.database
    here = build_worker(world.services)[0].name
    for name in (here, "another"):
        await beat(database, name)
    await silent(world, timedelta(hours=8))
    await look(world)
    assert await told(advocate) == []
    await beat(database, here)
    await look(world)
    assert await told(advocate) == ["worker-missing"]


async def test_each_of_two_silent_workers_needs_somebody_in_its_place(sqlite_world: ApiWorld) -> None:
    world, advocate, database = sqlite_world, await sqlite_world.advocate(), sqlite_world.services.database
    for name in ("first", "second"):
        await beat(database, name)
    await silent(world, DEAD_AFTER + timedelta(seconds=1))
    for name, kinds in (("third", ["worker-missing"]), ("fourth", [])):
        await beat(database, name)
        await look(world)
        assert await told(advocate) == kinds


async def test_worker_that_is_killed_is_missed(prepared_url: str, world: ApiWorld) -> None:
    """A real process, and its real end."""
    advocate = await world.advocate()
    database = world.services.database
    program = (
        "import asyncio, sys\n"
        "from db.session import Database\nfrom monitor.work.pulses import beat\n"
        "async def main():\n    await beat(Database(sys.argv[1]), 'process')\n    print('alive', flush=True)\n"
        "    await asyncio.Event().wait()\nasyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, database.url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None and await process.stdout.readline() == b"alive\n"
    process.kill()
    await process.wait()
    await silent(world, DEAD_AFTER + timedelta(seconds=1))
    await look(world)
    assert await told(advocate) == ["worker-missing"]


async def test_wrong_clock_is_told_until_it_is_right(world: ApiWorld) -> None:
    advocate, clocks = await world.advocate(), world.services.clocks
    await look(world)
    assert await told(advocate) == []
    clocks.off_by("x", timedelta(minutes=3))
    await look(world)
    # The database's server shares this machine's clock here, and says that all is well.
    on_this_machine = "sqlite" not in world.services.database.url
    assert await told(advocate) == ([] if on_this_machine else ["clock-off"])
    clocks.off_by("x", timedelta(seconds=1))
    await look(world)
    assert await told(advocate) == []


async def test_database_that_cannot_be_written_is_said_in_the_log_by_mail_and_afterwards_on_the_page(
    sqlite_world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    database, full = world.services.database, True

    def fill(connection: Any, *_more: Any) -> None:
        connection.cursor().execute(f"pragma query_only = {'on' if full else 'off'}")

    event.listen(database.engine.sync_engine, "checkout", fill)
    async with TroubledMailCatcher() as catcher:
        server = SmtpServer(catcher.host, catcher.port, False, timeout=1.0)
        mail = SmtpOperatorMail(server, sender="notices@ngo.invalid", recipient="operator@ngo.invalid")
        folder = world.services.settings.ledger.heads_file.parent
        job = Conditions(database, world.context, [folder], clocks=ClockWatch(), mail=mail)
        for _ in range(3):
            await job.tick()
        assert [record.message for record in caplog.records if record.name == conditions.__name__] == [
            "nothing can be saved"
        ] * 3
        (letter,) = catcher.messages
        assert "nothing can be saved" in str(letter.message["Subject"])
        assert "database could not be written" in letter.message.get_content()
        refused = await advocate.call("POST", "/codes", {"count": 1, "days": 1})
        assert refused.status_code == 503
        assert [record for record in caplog.records if "a request was refused" in record.message]
        full = False
        await job.tick()
        assert await told(advocate) == ["write-failed"]
        await job.tick()
        assert await told(advocate) == ["write-failed"]
        world.clock.time += TOLD_FOR + timedelta(minutes=1)
        await job.tick()
        assert await told(advocate) == []


async def test_heads_file_that_cannot_be_written_is_told_until_it_can(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    heads: Path = world.services.settings.ledger.heads_file
    _, ticks = build_worker(world.services)
    await ticks.seal()
    away = heads.with_suffix(".away")
    heads.rename(away)  # noqa: ASYNC240
    heads.mkdir()  # noqa: ASYNC240  # cannot be opened as a file
    await world.advocate("second", "Centre B")
    await ticks.seal()
    assert await told(advocate) == ["ledger-unsealed"]
    heads.rmdir()  # noqa: ASYNC240
    away.rename(heads)
    await ticks.seal()
    assert await told(advocate) == []
