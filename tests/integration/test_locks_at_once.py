"""Two who want the same row at the same moment, on PostgreSQL: one waits, and then decides by what the other did.

SQLite lets one transaction write at a time, so nothing here can happen there.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from api.pages.forms import form_token
from api.throttle import take_try, was_right
from db.models.cases import Case
from db.models.notices import Notice
from db.models.seen import Backfill
from db.models.sources import Consent
from db.queries.actors import AdvocateActor, PersonActor
from db.queries.cases import find_case
from db.queries.notices import find_notice
from db.session import Database
from monitor.actions.erase import ask_erasure, cancel_erasure
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.erasure import due_erasures
from monitor.core.errors import InDoubt, RuleBroken
from monitor.core.refusals import Refusal
from monitor.delivery.base import Receipt
from monitor.history import backfill
from monitor.jobs.send import Sender
from monitor.jobs.sweeps import Ticks
from monitor.model.notice_states import NoticeState
from monitor.notices.outcomes import mark_sent
from monitor.notices.stopping import hold_unsent, stop_unsent
from monitor.notices.writing import settle
from monitor.work import tasks
from monitor.work.outbox import Outbox
from tests.support.api_world import ApiWorld, Caller, api_world
from tests.support.domain_world import (
    DomainWorld,
    FakeDelivery,
    domain_world,
    make_advocate,
    make_case,
    make_sighting,
    notice_tasks,
)
from tests.support.leaving import write_and_send

ROOT = Path(__file__).resolve().parents[2]
_WAITING = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")


@pytest.fixture
async def world(prepared_postgres_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_postgres_url, tmp_path) as made:
        yield made


async def waits(database: Database, *waiting: "asyncio.Task[object]") -> None:
    """Until each of the tasks waits for a lock that somebody else holds."""
    async with asyncio.timeout(20):
        while True:
            async with database.read() as session:
                if await session.scalar(_WAITING) == len(waiting):
                    return
            for task in waiting:
                assert not task.done(), "it waited for nobody"
            await asyncio.sleep(0.02)


async def queued(world: DomainWorld) -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    return notice


async def reread(world: DomainWorld, notice: Notice) -> Notice:
    async with world.database.read() as session:
        return await session.get_one(Notice, notice.id)


async def test_notice_whose_consent_is_being_taken_back_does_not_leave(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    async with world.database.begin() as session:
        case = await session.get_one(Case, notice.case_id)
        watch = select(Consent.id).where(Consent.case_id == case.id, Consent.purpose == "watch")
        assert await withdraw_consent(session, world.context, case, (await session.scalars(watch)).one()) == 1
        sending = asyncio.create_task(Sender(world.database, world.context, {"smtp": delivery}).send(notice.id, 1))
        await waits(world.database, sending)
    await sending
    assert delivery.sent == []
    assert (await reread(world, notice)).state == NoticeState.WITHDRAWN


async def withdrawn(world: DomainWorld, case_id: str) -> int:
    async with world.database.begin() as session:
        return await stop_unsent(session, world.context, case_id, Refusal.CONSENT_WITHDRAWN)


async def held(world: DomainWorld, case_id: str) -> int:
    async with world.database.begin() as session:
        return await hold_unsent(session, world.context, await session.get_one(Case, case_id))


@pytest.mark.parametrize("stop", [withdrawn, held])
async def test_notice_that_is_leaving_is_not_called_stopped(
    world: DomainWorld, stop: Callable[[DomainWorld, str], Coroutine[Any, Any, int]]
) -> None:
    notice = await queued(world)
    async with world.database.begin() as session:
        row = await session.get_one(Notice, notice.id, with_for_update=True)
        row.state = NoticeState.SENDING  # as the sender does before it sends
        await session.flush()
        stopping = asyncio.create_task(stop(world, notice.case_id))
        await waits(world.database, stopping)
    assert await stopping == 0
    assert (await reread(world, notice)).state == NoticeState.SENDING


async def test_doubt_is_settled_by_one_of_two_advocates(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [InDoubt("no-reply")]
    await Sender(world.database, world.context, {"smtp": delivery}).send(notice.id, 1)
    async with world.database.read() as session:
        case = await session.get_one(Case, notice.case_id)
    actor = AdvocateActor(notice.created_by, str(case.organisation_id), "Signing Advocate")

    async def settled(*, arrived: bool) -> None:
        async with world.database.begin() as session:
            found = await find_notice(session, actor, notice.id, lock=True)
            assert found is not None
            await settle(session, world.context, found[0], arrived=arrived, by=actor.id)

    async with world.database.begin() as session:
        found = await find_notice(session, actor, notice.id, lock=True)
        assert found is not None
        await settle(session, world.context, found[0], arrived=True, by=actor.id)
        second = asyncio.create_task(settled(arrived=False))
        await waits(world.database, second)
    with pytest.raises(RuleBroken, match="notice-state"):
        await second
    assert (await reread(world, notice)).state == NoticeState.SENT
    assert [task.workflow for task in notice_tasks(world.tasks)] == ["send", "verify"]


async def test_erasure_that_is_being_called_off_is_not_carried_out(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        await ask_erasure(session, world.context, case, PersonActor(case.id))
    world.clock.move(days=7)

    async def due() -> list[str]:
        async with world.database.begin() as session:
            return [one.id for one in await due_erasures(session, world.clock.now())]

    assert await due() == [case.id]
    async with world.database.begin() as session:
        mine = await find_case(session, PersonActor(case.id), case.id, lock=True)
        assert mine is not None
        await cancel_erasure(session, world.context, mine, PersonActor(case.id))
        tidying = asyncio.create_task(due())
        await waits(world.database, tidying)
    assert await tidying == []


class StillWorker:
    """A worker in which nothing runs."""

    async def live(self, task_ids: object) -> set[str]:
        """See Worker."""
        return set()


async def test_notice_that_has_just_left_is_not_put_in_doubt_by_the_sweeper(world: DomainWorld, tmp_path: Path) -> None:
    notice = await queued(world)
    assert await Sender(world.database, world.context, {})._intend(notice.id, 1) is not None
    async with world.database.begin() as session:
        (await session.get_one(Notice, notice.id)).due_at = None
    ticks = Ticks(
        world.database,
        world.context,
        StillWorker(),  # type: ignore[arg-type]
        heads_file=tmp_path / "heads",
        interval=timedelta(minutes=15),
        seen_for=timedelta(days=30),
    )
    async with world.database.begin() as session:
        row = await session.get_one(Notice, notice.id, with_for_update=True)
        await mark_sent(session, world.context, row, Receipt("ref-1"))
        sweeping = asyncio.create_task(ticks.sweep())
        await waits(world.database, sweeping)
    await sweeping
    assert (await reread(world, notice)).state == NoticeState.SENT


async def test_two_who_make_a_watch_grow_are_both_compared(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        await make_sighting(session, world.context, case)
        source_id = (await session.scalars(select(Backfill.source_id))).one()
    world.tasks.clear()

    async def grow() -> None:
        async with world.database.begin() as session:
            await backfill.request_backfill(session, world.context, case.id, [source_id])

    async with world.database.begin() as session:
        await backfill.request_backfill(session, world.context, case.id, [source_id])
        second = asyncio.create_task(grow())
        await waits(world.database, second)
    await second
    assert len({task.id for task in world.tasks if task.workflow == "look_back"}) == 2


async def test_two_advocates_on_the_page_make_one_decision(prepared_postgres_url: str, tmp_path: Path) -> None:
    async with api_world(prepared_postgres_url, tmp_path) as world:
        first, second = await world.advocate(), await world.advocate("second")
        sighting = await world.sighting(await world.vouched(first))

        async def confirm(advocate: Caller) -> str:
            return await sent_form(world, advocate, f"/advocate/sightings/{sighting}/confirm", basis="caption-context")

        async with world.services.database.begin() as session:
            await session.execute(text("select 1 from sightings for update"))
            both = [asyncio.create_task(confirm(one)) for one in (first, second)]
            await waits(world.services.database, *both)
        answers = [await one for one in both]
    assert sorted(one.partition("?")[2].partition("&")[0] for one in answers) == [
        "done=confirmed",
        "problem=already-decided",
    ]


async def test_log_ins_that_share_name_and_address_never_wait_for_each_other(world: DomainWorld) -> None:
    tries = {"z": 10**9, "m": 10**9}  # out of order, as keyed hashes of name and address may be

    async def log_in() -> None:
        for _ in range(30):
            async with world.database.begin() as session:
                assert await take_try(session, tries, datetime.now(UTC)) is None
            async with world.database.begin() as session:
                await was_right(session, forget=tries)

    await asyncio.gather(*(log_in() for _ in range(10)))


def start(url: str, folder: Path, mode: str) -> "subprocess.Popen[bytes]":
    """A worker of its own: see the module."""
    return subprocess.Popen([sys.executable, "-m", "tests.support.work_process", url, str(folder), mode], cwd=ROOT)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; bounded."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is asked is another process
            await asyncio.sleep(0.05)


async def test_work_of_a_living_worker_is_left_to_it(prepared_postgres_url: str, tmp_path: Path) -> None:
    url, workers = prepared_postgres_url, [await asyncio.to_thread(start, prepared_postgres_url, tmp_path, "hang")]
    try:
        await until(lambda: (tmp_path / "started-hang").exists())
        database, outbox = Database(url), Outbox(url)
        async with database.begin() as session:
            await outbox.enqueue(session, tasks.send("n1", 1, "telegram"))
        await until(lambda: (tmp_path / "ran").exists())
        outbox.close()
        await database.close()
        workers.append(await asyncio.to_thread(start, url, tmp_path, "finish"))
        await until(lambda: (tmp_path / "started-finish").exists())
        await asyncio.sleep(3)  # it looks for the dead every second
        assert (tmp_path / "ran").read_text() == "hang n1\n"
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


async def sent_form(world: ApiWorld, advocate: Caller, path: str, **values: str) -> str:
    """Where a form leads."""
    token = advocate.token or ""
    headers = {"Cookie": f"__Host-jikimi_login={token}", "Origin": "https://jikimi.example.org"}
    answer = await world.http.post(path, data={"token": form_token(token), **values}, headers=headers)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]
