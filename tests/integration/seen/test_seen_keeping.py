"""What sources showed is kept sealed, for its time: whoever comes later is matched at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.cases import Case
from db.models.seen import Backfill, SeenMedium
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.fingerprints.packing import keep, kept
from monitor.history.expiry import end_seen
from monitor.history.reading import HistoryReader
from monitor.jobs import backfill as job
from monitor.keys.store import seen_key
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.base import Media
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, run_backfills
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    crawl,
    found,
    inspected,
    late_person,
    live_keys,
    new_case,
    post,
    register,
    rows,
    show,
    source_of,
    two_posts_were_seen,
)

DAYS = timedelta(days=30)


async def test_late_person_is_matched_by_reading_one_post(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    await run_backfills(world)
    assert await found(world, case_id) == ["1"]
    assert world.platform.calls == ["post"]
    async with world.database.read() as session:
        sighting = (await session.scalars(select(Sighting).where(Sighting.case_id == case_id))).one()
        assert (await session.scalars(select(Backfill.due_at).where(Backfill.case_id == case_id))).all() == [None]
        assert (await session.get_one(Source, sighting.source_id)).look_back_at is None
    evidence = world.context.open_record(SightingRecord, case_id, sighting.id, sighting.evidence)
    assert evidence.url == "https://t.me/channel/1"
    assert evidence.media_sha256 == inspected(PICTURES[1]).sha256
    assert sighting.verdict == "confident"


async def test_new_picture_of_a_person_is_matched_at_once(world: DomainWorld) -> None:
    case_id = await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await register(world, session, await lock_one(session, Case, case_id), PICTURES[1])
    assert [task.workflow for task in world.tasks] == ["look_back"]
    await run_backfills(world)
    assert await found(world, case_id) == ["1"]


@on_sqlite
async def test_what_is_known_already_is_not_read_again(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    await run_backfills(world)
    async with world.database.begin() as session:
        await register(world, session, await lock_one(session, Case, case_id), PICTURES[2])
    world.platform.calls.clear()
    await run_backfills(world)
    assert world.platform.calls == []


@on_sqlite
async def test_source_that_was_never_read_for_a_case_is_crawled_at_once_whatever_others_have_read(
    world: DomainWorld,
) -> None:
    first = await new_case(world, picture=PICTURES[0])
    assert [task.workflow for task in world.tasks] == ["crawl", "look_back"]
    show(world, post(1, PICTURES[0]))
    await crawl(world)
    second = await new_case(world, picture=PICTURES[1])
    assert [(task.workflow, task.arguments[1]) for task in world.tasks] == [("crawl", second), ("look_back", second)]
    world.tasks.clear()
    async with world.database.begin() as session:
        await register(world, session, await lock_one(session, Case, first), PICTURES[2])
    assert [(task.workflow, task.arguments[1]) for task in world.tasks] == [("look_back", first)]


async def test_many_kept_fingerprints_are_compared_in_chunks(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "CHUNK", 2)
    await new_case(world, picture=PICTURES[0])
    show(world, *(post(number, PICTURES[1], OTHERS[0]) for number in range(1, 4)))
    await crawl(world)
    case_id = await late_person(world)
    await run_backfills(world)
    assert await found(world, case_id) == ["1", "2", "3"]


async def test_nothing_of_any_person_is_in_the_table() -> None:
    columns = set(SeenMedium.__table__.columns.keys())
    assert columns == {
        "source_id",
        "post_id",
        "media_id",
        "epoch",
        "day",
        "seen_at",
        "checked_at",
        "version",
        "payload",
    }


@on_sqlite
async def test_kept_payload_opens_only_in_its_own_place(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    one, other = await rows(world)
    found = [hashed for _, hashed in HistoryReader(world.context).open([one])]
    assert found == [kept(keep(inspected(PICTURES[1])))]
    one.payload = other.payload
    assert HistoryReader(world.context).open([one]) == []


async def test_kept_for_its_days_and_no_longer(world: DomainWorld) -> None:
    first = await two_posts_were_seen(world)
    (copy, _) = await rows(world)
    world.clock.move(days=29)
    await end_seen(world.database, world.context, seen_for=DAYS)
    assert len(await rows(world)) == 2
    world.clock.move(days=1)
    await end_seen(world.database, world.context, seen_for=DAYS)
    assert await rows(world) == []
    world.clock.move(days=1)
    await end_seen(world.database, world.context, seen_for=DAYS)
    assert live_keys(world) == []
    assert HistoryReader(world.context).open([copy]) == []
    assert await found(world, first) == []


@on_sqlite
async def test_keeping_can_be_switched_off_and_on_within_a_day(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    await end_seen(world.database, world.context, seen_for=timedelta(0))
    assert (await rows(world), live_keys(world)) == ([], [])
    show(world, post(3, OTHERS[1]))
    await crawl(world, seen_days=0)
    await end_seen(world.database, world.context, seen_for=timedelta(0))
    assert (await rows(world), live_keys(world)) == ([], [])
    show(world, post(4, OTHERS[1]))
    await crawl(world)
    assert [row.post_id for row in await rows(world)] == ["4"]


async def test_destroyed_key_of_today_is_never_written_under_again(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    source_id = await source_of(world)
    async with world.database.read() as session:
        epoch = (await session.get_one(Source, source_id)).seen_epoch
    world.context.keys.destroy(seen_key(source_id, epoch, world.clock.now().date()))
    show(world, post(1, PICTURES[1]))
    await crawl(world)
    assert len(HistoryReader(world.context).open(await rows(world))) == 1


@on_sqlite
async def test_without_keeping_the_source_is_read_again(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    await crawl(world, seen_days=0)
    world.clock.move(minutes=5)
    case_id = await late_person(world)
    world.tasks[:] = [task for task in world.tasks if task.workflow == "look_back"]
    await run_backfills(world)
    assert [task.workflow for task in world.tasks] == ["crawl"]
    await crawl(world, seen_days=0)
    assert await found(world, case_id) == ["1"]


@on_sqlite
async def test_row_of_another_version_is_not_compared_but_read_again(world: DomainWorld) -> None:
    await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await session.execute(update(SeenMedium).where(SeenMedium.post_id == "1").values(version="pdq-0"))
    world.clock.move(minutes=5)
    case_id = await late_person(world)
    await run_backfills(world)
    assert await found(world, case_id) == []
    reads, read = [], world.platform.read

    async def counted(media: Media, *, max_bytes: int) -> bytes:
        reads.append(media.id)
        return await read(media, max_bytes=max_bytes)

    world.platform.read = counted  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await crawl(world)
    assert reads == ["photo:10"]
    assert await found(world, case_id) == ["1"]
    assert {row.version for row in await rows(world)} == {"pdq-1"}
