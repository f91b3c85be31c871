"""The queue of crawls is bounded: a source that waits gets no second task. A person's link goes before the rest."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.models.sources import Consent
from monitor.cases.consents import give_consent
from monitor.context.context import DomainContext
from monitor.history.backfill import request_case_backfill
from monitor.jobs.sweeps import Ticks
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName
from monitor.work import tasks
from monitor.work.backlog import crawls_outstanding, crawls_waiting
from monitor.work.outbox import Outbox
from monitor.work.worker import Worker
from tests.support.domain_world import DomainWorld, domain_world, make_advocate, make_case
from tests.support.waiting import until

SOURCES = 8


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


class SlowAccount:
    """Jobs that all wait until a test lets them go on, and what ran in which order."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.open = False

    async def run(self, about: str, case_id: str = "") -> None:
        self.ran.append(f"{about} {case_id}".strip())
        while not self.open:  # noqa: ASYNC110 - jobs run in a loop of the engine's own
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(
    world: DomainWorld, folder: Path, elsewhere: Callable[[], bool] = lambda: False
) -> AsyncIterator[tuple[Ticks, Worker, SlowAccount]]:
    """A worker whose crawls are slow, and its ticks."""
    account = SlowAccount()
    jobs = dict.fromkeys(("crawl", "recheck", "read_link"), account.run)
    worker = Worker(world.database.url, jobs, lock_file=folder / "lock", polling=0.05, elsewhere=elsewhere)
    ticks = Ticks(
        world.database,
        world.context,
        worker,
        heads_file=folder / "heads",
        interval=timedelta(minutes=15),
        seen_for=timedelta(days=30),
    )
    await worker.start([])
    try:
        yield ticks, worker, account
    finally:
        account.open = True
        await worker.stop()


async def watching(world: DomainWorld) -> tuple[str, list[str]]:
    """A case that watches some sources: its id and theirs."""
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        made: list[Consent] = []
        for number in range(SOURCES):
            made += await give_consent(
                session,
                world.context,
                case,
                platform=PlatformName.TELEGRAM,
                source=f"channel_{number}",
                purposes=[Purpose.WATCH],
            )
    return case.id, [consent.source_id for consent in made]


async def outstanding(world: DomainWorld) -> set[str]:
    async with world.database.read() as session:
        return await crawls_outstanding(session)


async def test_source_that_still_waits_gets_no_second_task(world: DomainWorld, tmp_path: Path) -> None:
    _, source_ids = await watching(world)
    async with working(world, tmp_path) as (ticks, _, account):
        for _ in range(200):  # two days of a queue in which nothing moves
            world.clock.move(minutes=15)
            await ticks.crawl()
        waiting = Counter(task_id.rpartition("-")[0] for task_id in await outstanding(world))
        assert waiting == {f"{job}-{one}": 1 for job in ("crawl", "recheck") for one in source_ids}
        account.open = True
        await until(lambda: _gone(world))
        # Each was read once, and is due again in the next slot.
        assert Counter(account.ran) == dict.fromkeys(source_ids, 2)
        world.clock.move(minutes=15)
        await ticks.crawl()
        await until(lambda: _gone(world))
        assert Counter(account.ran) == dict.fromkeys(source_ids, 4)  # a day is over, so deletions are asked for too


async def _gone(world: DomainWorld) -> bool:
    return not await outstanding(world)


async def test_link_of_a_person_goes_before_the_sources_and_the_joining_before_their_turn(
    world: DomainWorld, tmp_path: Path
) -> None:
    _, source_ids = await watching(world)
    async with working(world, tmp_path) as (ticks, worker, account):
        await ticks.crawl()
        await until(lambda: _began(account))
        await worker.enqueue(tasks.crawl_now(source_ids[0], "telegram", "case", "1"))
        await worker.enqueue(tasks.read_link("link", "telegram"))
        account.open = True
        await until(lambda: _gone(world))
        assert account.ran[1:3] == ["link", f"{source_ids[0]} case"]


async def _began(account: SlowAccount) -> bool:
    return bool(account.ran)


async def test_sources_are_not_always_read_in_the_same_order(world: DomainWorld, tmp_path: Path) -> None:
    await watching(world)
    async with working(world, tmp_path) as (ticks, _, account):
        account.open = True
        orders = set()
        for _ in range(4):
            world.clock.move(days=1)
            account.ran.clear()
            await ticks.crawl()
            await until(lambda: _gone(world))
            orders.add(tuple(account.ran))
        assert len(orders) > 1


async def test_watch_that_grows_again_asks_for_no_second_read_while_the_first_one_waits(
    world: DomainWorld, tmp_path: Path
) -> None:
    case_id, source_ids = await watching(world)
    outbox = Outbox(world.database.url)
    try:
        async with working(world, tmp_path) as (_, worker, account):
            await worker.enqueue(tasks.crawl("another", "telegram", 1))
            await until(lambda: _began(account))  # now everything waits
            context = _enqueueing(world, outbox)
            for _ in range(5):
                async with world.database.begin() as session:
                    await request_case_backfill(session, context, case_id)
            async with world.database.read() as session:
                for source_id in source_ids:
                    assert len(await crawls_waiting(session, tasks.joinings_of(source_id, case_id))) == 1
    finally:
        outbox.close()


def _enqueueing(world: DomainWorld, outbox: Outbox) -> DomainContext:
    return replace(world.context, enqueue=outbox.enqueue)


async def test_crawls_are_left_to_the_process_that_has_the_accounts(world: DomainWorld, tmp_path: Path) -> None:
    await watching(world)
    elsewhere = [True]
    async with working(world, tmp_path, elsewhere=lambda: elsewhere[0]) as (ticks, _, account):
        account.open = True
        await ticks.crawl()
        await asyncio.sleep(1)
        assert account.ran == []
        elsewhere[0] = False
        await until(lambda: _gone(world))
        assert len(account.ran) == 2 * SOURCES
