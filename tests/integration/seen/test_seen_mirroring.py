"""A post that is deleted, or shows something else, takes along what was kept of it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from db.models.sources import Inspection, Source
from monitor.core.errors import PlatformFault, RateLimited, SourceUnavailable
from monitor.jobs.sync_deletions import DeletionSync
from monitor.platforms.base import Media, MediaKind, Post
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, run_backfills
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    crawl,
    found,
    late_person,
    new_case,
    post,
    rows,
    source_of,
    two_posts_were_seen,
)


async def test_post_that_is_gone_is_no_sighting_and_its_rows_go(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    del world.platform.posts["1"]
    await run_backfills(world)
    assert await found(world, case_id) == []
    assert [row.post_id for row in await rows(world)] == ["2"]
    async with world.database.read() as session:
        assert (await session.scalars(select(Inspection.gone_at).order_by(Inspection.post_id))).all() == [
            world.clock.now(),
            None,
        ]
    other = await new_case(world, picture=PICTURES[1])
    await run_backfills(world)
    assert await found(world, other) == []
    async with world.database.read() as session:
        assert (await session.get_one(Source, await source_of(world))).look_back_at is None


async def test_picture_that_was_replaced_is_no_sighting_and_its_row_goes(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.platform.posts["1"] = Post("1", "u", world.clock.now(), (Media("photo:new", MediaKind.PHOTO),))
    await run_backfills(world)
    assert await found(world, case_id) == []
    assert [row.post_id for row in await rows(world)] == ["2"]


@on_sqlite
async def test_post_that_hides_its_media_is_not_taken_for_gone(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.platform.posts["1"] = Post("1", "u", world.clock.now(), ())
    await run_backfills(world)
    assert await found(world, case_id) == []
    assert len(await rows(world)) == 2


async def test_deletions_are_mirrored_by_asking_for_many_posts_at_once(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    recheck = DeletionSync(world.database, world.context, world.accounts)
    del world.platform.posts["2"]
    await recheck.sync(await source_of(world))
    assert (len(await rows(world)), world.platform.calls) == (2, [])  # seen a moment ago: not asked
    world.clock.move(hours=21)
    await recheck.sync(await source_of(world))
    assert [(row.post_id, row.checked_at) for row in await rows(world)] == [("1", world.clock.now())]
    assert world.platform.calls == ["standing"]


async def test_recheck_of_an_older_post_finds_its_replaced_picture_and_has_it_read(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await new_case(world, picture=PICTURES[2])
    await run_backfills(world)
    world.platform.posts["1"] = Post(
        "1", "u", world.clock.now(), (Media("photo:new", MediaKind.PHOTO, token=PICTURES[2]),)
    )
    world.clock.move(hours=21)
    await DeletionSync(world.database, world.context, world.accounts).sync(await source_of(world))
    assert [row.media_id for row in await rows(world)] == ["photo:20"]  # what it showed before is forgotten
    await crawl(world)  # nothing new: the post is far older than what a crawl reads
    assert [row.media_id for row in await rows(world)] == ["photo:new", "photo:20"]
    assert await found(world, case_id) == ["1"]
    calls = world.platform.calls.count("read")
    await crawl(world)
    assert world.platform.calls.count("read") == calls  # once


async def test_picture_that_went_from_an_older_post_and_came_back_is_read_again(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    whole = world.platform.posts["1"]
    recheck = DeletionSync(world.database, world.context, world.accounts)
    beside = Media("photo:beside", MediaKind.PHOTO, token=OTHERS[1])
    world.platform.posts["1"] = replace(whole, media=(beside,))
    world.clock.move(hours=21)
    await recheck.sync(await source_of(world))
    await crawl(world)
    assert [row.media_id for row in await rows(world)] == ["photo:beside", "photo:20"]
    world.platform.posts["1"] = replace(whole, media=(*whole.media, beside))
    world.clock.move(hours=21)
    await recheck.sync(await source_of(world))
    await crawl(world)
    assert {row.media_id for row in await rows(world)} == {"photo:20", "photo:beside", whole.media[0].id}


async def test_recheck_leaves_alone_what_a_post_does_not_tell(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    world.platform.posts["1"] = Post("1", "u", world.clock.now(), (Media("paid:1", MediaKind.UNSUPPORTED),))
    world.clock.move(hours=21)
    await DeletionSync(world.database, world.context, world.accounts).sync(await source_of(world))
    assert len(await rows(world)) == 2


@pytest.mark.parametrize("error", [RateLimited(60), PlatformFault("http-503"), SourceUnavailable("private")])
async def test_question_that_fails_mirrors_nothing(sqlite_world: DomainWorld, error: Exception) -> None:
    world = sqlite_world
    await two_posts_were_seen(world)
    world.platform.posts.clear()
    world.clock.move(hours=21)
    world.platform.errors = [error]
    await DeletionSync(world.database, world.context, world.accounts).sync(await source_of(world))
    assert len(await rows(world)) == 2


async def test_edit_that_a_crawl_reads_takes_the_old_picture_along(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    world.platform.posts["3"] = post(3, OTHERS[1])
    edited = Media("photo:new", MediaKind.PHOTO, token=PICTURES[2])
    world.platform.posts["1"] = Post("1", "u", world.clock.now(), (edited,))
    page = world.platform.page

    async def with_edits(ref, cursor, *, since, limit=100):
        return await page(ref, None, since=since, limit=limit)

    world.platform.page = with_edits  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await crawl(world)
    assert [row.media_id for row in await rows(world)] == ["photo:new", "photo:20", "photo:30"]


async def test_sqlite_file_holds_nothing_of_a_deleted_row(sqlite_world: DomainWorld) -> None:
    world = sqlite_world
    await two_posts_were_seen(world)
    (row, _), file = await rows(world), Path(make_url(world.database.url).database or "")
    del world.platform.posts["1"]
    world.clock.move(hours=21)
    await DeletionSync(world.database, world.context, world.accounts).sync(await source_of(world))
    async with world.database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute("pragma wal_checkpoint(truncate)")
    data = await asyncio.to_thread(file.read_bytes)
    assert row.payload[13:] not in data
    assert (await rows(world))[0].payload[13:60] in data
