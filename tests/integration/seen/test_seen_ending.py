"""Nothing that was kept of a source outlives the last consent to it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from db.locking import lock_one
from db.models.cases import Case
from db.models.sources import Consent
from db.queries.actors import PersonActor
from monitor.actions.erase import ask_erasure, cancel_erasure
from monitor.core.errors import KeyDestroyed
from monitor.history.expiry import end_seen
from monitor.history.reading import HistoryReader
from monitor.sources.turns import Turn
from tests.support.domain_world import START, DomainWorld, run_backfills
from tests.support.seen_world import (
    PICTURES,
    bare_case,
    crawl,
    crawler,
    found,
    late_person,
    live_keys,
    new_case,
    post,
    rows,
    show,
    source_of,
    two_posts_were_seen,
    watch,
    withdraw,
)
from tests.support.waiting import until_held_up

DAYS = timedelta(days=30)


async def test_consent_withdrawn_before_the_task_leads_to_nothing(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    await withdraw(world, case_id)
    await run_backfills(world)
    assert (await found(world, case_id), world.platform.calls) == ([], [])


async def test_consent_withdrawn_while_the_post_is_read_leads_to_nothing(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    show(world, post(3, PICTURES[1]))
    await crawl(world)
    case_id, read = await late_person(world), world.platform.post

    async def withdrawing(*asked):
        answer = await read(*asked)
        await withdraw(world, case_id)
        return answer

    world.platform.post = withdrawing  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await run_backfills(world)
    assert await found(world, case_id) == []
    assert world.platform.calls == ["post"]


async def test_last_withdrawal_destroys_rows_and_keys_at_once(world: DomainWorld) -> None:
    first = await two_posts_were_seen(world)
    second = await late_person(world)
    (copy, _), (name,) = await rows(world), live_keys(world)
    await withdraw(world, first)
    assert (len(await rows(world)), live_keys(world)) == (2, [name])
    await withdraw(world, second)
    assert (await rows(world), live_keys(world)) == ([], [])
    assert HistoryReader(world.context).open([copy]) == []
    with pytest.raises(KeyDestroyed):
        world.context.keys.create(name)


async def test_withdrawal_that_is_rolled_back_destroys_nothing(world: DomainWorld) -> None:
    first = await two_posts_were_seen(world)

    class Undone(Exception):
        pass

    with pytest.raises(Undone):
        async with world.database.begin() as session:
            await ask_erasure(session, world.context, await lock_one(session, Case, first), PersonActor(first))
            raise Undone
    assert len(HistoryReader(world.context).open(await rows(world))) == 2


async def test_key_that_outlived_its_rows_is_destroyed_by_tidying(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await two_posts_were_seen(world)
    monkeypatch.setattr(
        "monitor.history.forgetting.destroy_keys", lambda *_, **__: None
    )  # as if the process died at the commit
    await withdraw(world, first)
    assert len(live_keys(world)) == 1
    await end_seen(world.database, world.context, seen_for=DAYS)
    assert live_keys(world) == []


async def test_erasure_destroys_and_calling_it_off_reads_again(world: DomainWorld) -> None:
    first = await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await ask_erasure(session, world.context, await lock_one(session, Case, first), PersonActor(first))
    assert (await rows(world), live_keys(world)) == ([], [])
    world.clock.move(minutes=1)
    async with world.database.begin() as session:
        await cancel_erasure(session, world.context, await lock_one(session, Case, first), PersonActor(first))
    await run_backfills(world)
    assert [task.workflow for task in world.tasks] == ["crawl"]
    await crawl(world)
    assert len(HistoryReader(world.context).open(await rows(world))) == 2


async def test_consent_that_ends_by_itself_takes_everything_along(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        await watch(world, session, await session.get_one(Case, await bare_case(world)), days=2)
    show(world, post(1, PICTURES[1]))
    await crawl(world)
    world.clock.move(days=1)
    await end_seen(world.database, world.context, seen_for=DAYS)
    assert len(await rows(world)) == len(live_keys(world)) == 1
    world.clock.move(days=2)
    await end_seen(world.database, world.context, seen_for=DAYS)
    assert (await rows(world), live_keys(world)) == ([], [])


async def test_second_consent_on_the_same_day_keeps_under_a_new_key(world: DomainWorld) -> None:
    first = await two_posts_were_seen(world)
    (name,) = live_keys(world)
    await withdraw(world, first)
    world.clock.move(minutes=5)
    case_id = await late_person(world)
    await run_backfills(world)
    assert await found(world, case_id) == []
    assert "crawl" in {task.workflow for task in world.tasks}
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    assert len(HistoryReader(world.context).open(await rows(world))) == 2
    assert len(live_keys(world)) == 1
    assert name not in live_keys(world)


async def test_nothing_is_handed_on_from_consents_that_just_ended(world: DomainWorld) -> None:
    first = await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await session.execute(update(Consent).where(Consent.case_id == first).values(expires_at=world.clock.now()))
    await new_case(world, picture=PICTURES[1])
    assert (await rows(world), live_keys(world)) == ([], [])


async def test_withdrawal_within_a_crawl_leaves_nothing_behind(world: DomainWorld) -> None:
    first = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    read = world.platform.read

    async def withdrawing(*asked, **more):
        data = await read(*asked, **more)
        await withdraw(world, first)
        return data

    world.platform.read = withdrawing  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await crawl(world)
    assert (await rows(world), live_keys(world)) == ([], [])


async def test_withdrawal_waits_for_a_crawl_that_is_writing(world: DomainWorld) -> None:
    first = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    works, source_id = crawler(world), await source_of(world)
    queries = await works._inspect(
        world.platform, source_id, tuple(world.platform.posts.values()), Turn(source_id, START.date())
    )
    people: list[asyncio.Task[None]] = []

    async def then(*_: object) -> None:
        people.append(asyncio.create_task(withdraw(world, first)))
        await until_held_up(world.database)
        assert len(live_keys(world)) == 1

    await works._comparer.write(source_id, queries.media, then)
    await people[0]
    assert (await rows(world), live_keys(world)) == ([], [])
