"""A backfill survives faults and deaths, waits for a crawl that is writing, and not for one that is long."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.cases import Case
from db.models.ledger import LedgerEntry
from db.models.sources import Consent
from monitor.core.errors import AccountStopped, PlatformFault, RateLimited
from monitor.jobs.backfill import SHORTEST
from monitor.jobs.sweeps import Ticks
from monitor.platforms.base import Media, Post, SourceRef
from monitor.sources.turns import Turn
from tests.support.databases import on_sqlite
from tests.support.domain_world import START, DomainWorld, run_backfills
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    backfills,
    crawl,
    crawler,
    found,
    late_person,
    new_case,
    post,
    register,
    rows,
    show,
    source_of,
    two_posts_were_seen,
)
from tests.support.waiting import until_held_up, until_wanted

DAYS = timedelta(days=30)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(RateLimited(900), 900), (PlatformFault("http-503"), 30), (AccountStopped("revoked"), 30)],
)
@on_sqlite
async def test_post_that_could_not_be_read_comes_back_later(
    world: DomainWorld, error: Exception, seconds: float
) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.tasks[:] = [task for task in world.tasks if task.workflow == "look_back"]
    world.platform.errors = [error]
    await run_backfills(world)
    assert (await found(world, case_id), len(await rows(world))) == ([], 2)
    assert [(task.workflow, task.delay) for task in world.tasks] == [("look_back", seconds)]
    await run_backfills(world)
    assert await found(world, case_id) == ["1"]


@on_sqlite
async def test_one_bad_post_holds_up_no_other(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]), post(2, PICTURES[1]))
    await crawl(world)
    case_id = await late_person(world)
    world.platform.errors = [PlatformFault("unreadable-answer")]
    await run_backfills(world)
    assert await found(world, case_id) == ["2"]
    await run_backfills(world)
    assert await found(world, case_id) == ["1", "2"]


async def test_post_that_raises_what_nobody_foresaw_holds_up_no_other(sqlite_world: DomainWorld) -> None:
    """Else the sweeper would ask for all of it anew each minute."""
    world = sqlite_world
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]), post(2, PICTURES[1]))
    await crawl(world)
    case_id = await late_person(world)
    reach = world.platform.post

    async def odd(source: SourceRef, post_id: str) -> Post | None:
        if post_id == "1":
            raise ValueError("nobody foresaw this")
        return await reach(source, post_id)

    world.platform.post = odd  # type: ignore[method-assign]  # a platform in memory
    await run_backfills(world)
    assert await found(world, case_id) == ["2"]
    (again,) = [task for task in world.tasks if task.workflow == "look_back"]
    assert again.delay == SHORTEST.total_seconds()


async def test_task_that_died_before_its_end_doubles_nothing(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    (task,) = [one for one in world.tasks if one.workflow == "look_back"]

    class Killed(BaseException):
        pass

    async def die(*_):
        raise Killed

    dying = backfills(world)
    dying._done = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await dying.backfill(*task.arguments)  # type: ignore[arg-type]  # ids and a number
    await backfills(world).backfill(*task.arguments)  # type: ignore[arg-type]  # ids and a number
    assert await found(world, case_id) == ["1"]
    async with world.database.read() as session:
        query = select(func.count()).where(LedgerEntry.case_id == case_id, LedgerEntry.kind == "sighting-found")
        assert await session.scalar(query) == 1


class StillWorker:
    """A worker in which nothing runs."""

    async def live(self, task_ids):
        return set()


async def test_backfill_whose_task_is_lost_is_picked_up(world: DomainWorld, tmp_path: Path) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.tasks.clear()
    world.clock.move(minutes=1)
    ticks = Ticks(
        world.database,
        world.context,
        StillWorker(),  # type: ignore[arg-type]
        heads_file=tmp_path / "heads",
        interval=timedelta(minutes=15),
        seen_for=DAYS,
    )
    await ticks.sweep()
    assert len({task.id for task in world.tasks}) == 2  # of the first person nothing ran either
    await run_backfills(world)
    assert await found(world, case_id) == ["1"]


async def test_crawl_that_compared_without_the_new_picture_is_waited_for(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    works, source_id = crawler(world), await source_of(world)
    queries = await works._inspect(
        world.platform, source_id, tuple(world.platform.posts.values()), Turn(source_id, START.date())
    )
    if world.database.url.startswith("sqlite"):
        case_id = await late_person(world)  # one writer at a time: it comes before or after, never beside
        await crawl(world)
    else:
        tasks: list[asyncio.Task[None]] = []
        cases: list[str] = []

        async def join(*_: object) -> None:
            cases.append(await late_person_elsewhere(world, source_id))
            tasks.append(asyncio.create_task(run_backfills(world)))
            await until_held_up(world.database)

        await works._comparer.write(source_id, queries.media, join)
        await tasks[0]
        (case_id,) = cases
    assert await found(world, case_id) == ["1"]


async def late_person_elsewhere(world: DomainWorld, source_id: str) -> str:
    """A picture more of a case that consents already: needs no lock of the source."""
    async with world.database.begin() as session:
        case_id = (await session.scalars(select(Consent.case_id).where(Consent.source_id == source_id))).one()
        await register(world, session, await lock_one(session, Case, case_id), PICTURES[1])
    return case_id


async def test_backfill_does_not_wait_for_a_long_crawl(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    show(world, post(3, *OTHERS[1:9]))
    works, accounts, read = crawler(world), world.accounts, world.platform.read
    waiting: list[asyncio.Task[None]] = []
    works._accounts = accounts
    late = backfills(world)
    if world.database.url.startswith("sqlite"):
        late._accounts = accounts
    # On PostgreSQL it waits with a lease of its own, as in another process.
    (task,) = [one for one in world.tasks if one.workflow == "look_back"]

    async def slow(media: Media, *, max_bytes: int) -> bytes:
        if not waiting:
            waiting.append(asyncio.create_task(late.backfill(*task.arguments)))  # type: ignore[arg-type]  # ids and a number
            await until_wanted(accounts)
        return await read(media, max_bytes=max_bytes)

    world.platform.read = slow  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await works.crawl(await source_of(world))
    await waiting[0]
    assert await found(world, case_id) == ["1"]
    assert world.platform.calls == ["page", "read", "post", *["read"] * 7]
    assert len(await rows(world)) == 10


async def test_who_is_stopped_while_giving_way_takes_nothing_from_others(world: DomainWorld) -> None:
    accounts, order = world.accounts, []
    holds, goes, inside, leaves = (asyncio.Event() for _ in range(4))

    async def gives_way() -> None:
        async with accounts.use("telegram") as platform:
            holds.set()
            await goes.wait()
            await accounts.give_way(platform)

    async def other() -> None:
        async with accounts.use("telegram"):
            order.append("other")
            inside.set()
            await leaves.wait()
            order.append("other done")

    async def third() -> None:
        async with accounts.use("telegram"):
            order.append("third")

    first = asyncio.create_task(gives_way())
    await holds.wait()
    second = asyncio.create_task(other())
    await until_wanted(accounts)
    goes.set()
    await inside.wait()
    await until_wanted(accounts)  # the first wants it back
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    last = asyncio.create_task(third())
    await until_wanted(accounts)
    leaves.set()
    await asyncio.gather(second, last)
    assert order == ["other", "other done", "third"]
