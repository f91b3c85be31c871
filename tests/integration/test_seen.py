"""What sources showed is kept sealed: whoever comes later is matched at once, and nothing outlives its time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, update

from db.models.cases import Case, Fingerprint
from db.models.ledger import LedgerEntry
from db.models.seen import LookBack, SeenMedium
from db.models.sightings import Sighting
from db.models.sources import Consent, Inspection, Source
from monitor import looking_back as job
from monitor.cases.erasure import ask_erasure, cancel_erasure
from monitor.cases.facts import Basis
from monitor.cases.reviewing import confirm
from monitor.errors import AccountStopped, KeyDestroyed, PlatformFault, RateLimited, SourceUnavailable
from monitor.fingerprints.keeping import keep, kept
from monitor.keys import seen_key
from monitor.platforms.base import Media, MediaKind, Post
from monitor.rechecking import Recheck
from monitor.seen import Opener
from monitor.seen_ending import end_seen
from monitor.ticks import Ticks
from tests.support.desk_world import DeskWorld, desk_world, look_back, make_advocate
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    crawl,
    crawler,
    found,
    inspected,
    live_keys,
    looking,
    new_case,
    post,
    register,
    rows,
    show,
    source_of,
    watch,
    withdraw,
)

DAYS = timedelta(days=30)


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def sqlite_world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(prepared_sqlite_url, tmp_path) as made:
        yield made


async def two_posts_were_seen(world: DeskWorld) -> str:
    """Somebody watches a channel for the first picture; post 1 shows the second, post 2 another. Id of the case."""
    first = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]), post(2, OTHERS[0]))
    await crawl(world)
    return first


async def late_person(world: DeskWorld) -> str:
    """A case whose picture post 1 showed, with its look back asked for and not run."""
    case_id = await new_case(world, picture=PICTURES[1])
    world.platform.calls.clear()
    return case_id


async def test_late_person_is_matched_by_reading_one_post(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    await look_back(world)
    assert await found(world, case_id) == ["1"]
    assert world.platform.calls == ["post"]
    async with world.database.read() as session:
        sighting = (await session.scalars(select(Sighting).where(Sighting.case_id == case_id))).one()
        assert (await session.scalars(select(LookBack.due_at).where(LookBack.case_id == case_id))).all() == [None]
        assert (await session.get_one(Source, sighting.source_id)).look_back_at is None
    evidence = world.desk.open(case_id, f"sighting:{sighting.id}", sighting.evidence)
    assert evidence["url"] == "https://t.me/channel/1"
    assert evidence["media_sha256"] == inspected(PICTURES[1]).sha256
    assert sighting.verdict == "confident"


async def test_new_picture_of_a_person_is_matched_at_once(world: DeskWorld) -> None:
    case_id = await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await register(world, session, await session.get_one(Case, case_id), PICTURES[1])
    assert [task.workflow for task in world.tasks] == ["look_back"]
    await look_back(world)
    assert await found(world, case_id) == ["1"]


async def test_what_is_known_already_is_not_read_again(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    await look_back(world)
    async with world.database.begin() as session:
        await register(world, session, await session.get_one(Case, case_id), PICTURES[2])
    world.platform.calls.clear()
    await look_back(world)
    assert world.platform.calls == []


async def test_source_that_was_never_read_is_crawled_at_once(world: DeskWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    assert [task.workflow for task in world.tasks] == ["crawl", "look_back"]
    show(world, post(1, PICTURES[0]))
    await crawl(world)
    await new_case(world, picture=PICTURES[1])
    assert [task.workflow for task in world.tasks] == ["look_back"]


async def test_many_kept_fingerprints_are_compared_in_chunks(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "CHUNK", 2)
    await new_case(world, picture=PICTURES[0])
    show(world, *(post(number, PICTURES[1], OTHERS[0]) for number in range(1, 4)))
    await crawl(world)
    case_id = await late_person(world)
    await look_back(world)
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


async def test_kept_payload_opens_only_in_its_own_place(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    one, other = await rows(world)
    found = [inspection for _, inspection in Opener(world.desk).open([one])]
    assert found == [kept(keep(inspected(PICTURES[1])))]
    one.payload = other.payload
    assert Opener(world.desk).open([one]) == []


# Consents that end.


async def test_consent_withdrawn_before_the_task_leads_to_nothing(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    await withdraw(world, case_id)
    await look_back(world)
    assert (await found(world, case_id), world.platform.calls) == ([], [])


async def test_consent_withdrawn_while_the_post_is_read_leads_to_nothing(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    show(world, post(3, PICTURES[1]))
    await crawl(world)
    case_id, read = await late_person(world), world.platform.post

    async def withdrawing(*asked):
        answer = await read(*asked)
        await withdraw(world, case_id)
        return answer

    world.platform.post = withdrawing  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await look_back(world)
    assert await found(world, case_id) == []
    assert world.platform.calls == ["post"]


async def test_last_withdrawal_destroys_rows_and_keys_at_once(world: DeskWorld) -> None:
    first = await two_posts_were_seen(world)
    second = await late_person(world)
    (copy, _), (name,) = await rows(world), live_keys(world)
    await withdraw(world, first)
    assert (len(await rows(world)), live_keys(world)) == (2, [name])
    await withdraw(world, second)
    assert (await rows(world), live_keys(world)) == ([], [])
    assert Opener(world.desk).open([copy]) == []
    with pytest.raises(KeyDestroyed):
        world.desk.keys.create(name)


async def test_withdrawal_that_is_rolled_back_destroys_nothing(world: DeskWorld) -> None:
    first = await two_posts_were_seen(world)

    class Undone(Exception):
        pass

    with pytest.raises(Undone):
        async with world.database.begin() as session:
            await ask_erasure(session, world.desk, await session.get_one(Case, first))
            raise Undone
    assert len(Opener(world.desk).open(await rows(world))) == 2


async def test_key_that_outlived_its_rows_is_destroyed_by_tidying(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await two_posts_were_seen(world)
    monkeypatch.setattr("monitor.seen.destroy_keys", lambda *_, **__: None)  # as if the process died at the commit
    await withdraw(world, first)
    assert len(live_keys(world)) == 1
    await end_seen(world.database, world.desk, seen_for=DAYS)
    assert live_keys(world) == []


async def test_erasure_destroys_and_calling_it_off_reads_again(world: DeskWorld) -> None:
    first = await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await ask_erasure(session, world.desk, await session.get_one(Case, first))
    assert (await rows(world), live_keys(world)) == ([], [])
    world.clock.move(minutes=1)
    async with world.database.begin() as session:
        await cancel_erasure(session, world.desk, await session.get_one(Case, first))
    await look_back(world)
    assert [task.workflow for task in world.tasks] == ["crawl"]
    await crawl(world)
    assert len(Opener(world.desk).open(await rows(world))) == 2


async def test_consent_that_ends_by_itself_takes_everything_along(world: DeskWorld) -> None:
    async with world.database.begin() as session:
        await watch(world, session, await session.get_one(Case, await bare_case(world)), days=2)
    show(world, post(1, PICTURES[1]))
    await crawl(world)
    world.clock.move(days=1)
    await end_seen(world.database, world.desk, seen_for=DAYS)
    assert len(await rows(world)) == len(live_keys(world)) == 1
    world.clock.move(days=2)
    await end_seen(world.database, world.desk, seen_for=DAYS)
    assert (await rows(world), live_keys(world)) == ([], [])


async def bare_case(world: DeskWorld) -> str:
    return await new_case(world, source=None)


async def test_second_consent_on_the_same_day_keeps_under_a_new_key(world: DeskWorld) -> None:
    first = await two_posts_were_seen(world)
    (name,) = live_keys(world)
    await withdraw(world, first)
    world.clock.move(minutes=5)
    case_id = await late_person(world)
    await look_back(world)
    assert await found(world, case_id) == []
    assert "crawl" in {task.workflow for task in world.tasks}
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    assert len(Opener(world.desk).open(await rows(world))) == 2
    assert len(live_keys(world)) == 1
    assert name not in live_keys(world)


async def test_nothing_is_handed_on_from_consents_that_just_ended(world: DeskWorld) -> None:
    first = await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await session.execute(update(Consent).where(Consent.case_id == first).values(expires_at=world.clock.now()))
    await new_case(world, picture=PICTURES[1])
    assert (await rows(world), live_keys(world)) == ([], [])


async def test_withdrawal_within_a_crawl_leaves_nothing_behind(world: DeskWorld) -> None:
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


async def test_withdrawal_waits_for_a_crawl_that_is_writing(world: DeskWorld) -> None:
    first = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    works, source_id = crawler(world), await source_of(world)
    looks = await works._inspect(world.platform, source_id, tuple(world.platform.posts.values()))
    async with world.database.begin() as session:
        await works._compare(session, source_id, looks.media)
        person = asyncio.create_task(withdraw(world, first))
        await asyncio.sleep(0.3)
        assert len(live_keys(world)) == 1
    await person
    assert (await rows(world), live_keys(world)) == ([], [])


# Time.


async def test_kept_for_its_days_and_no_longer(world: DeskWorld) -> None:
    first = await two_posts_were_seen(world)
    (copy, _) = await rows(world)
    world.clock.move(days=29)
    await end_seen(world.database, world.desk, seen_for=DAYS)
    assert len(await rows(world)) == 2
    world.clock.move(days=1)
    await end_seen(world.database, world.desk, seen_for=DAYS)
    assert await rows(world) == []
    world.clock.move(days=1)
    await end_seen(world.database, world.desk, seen_for=DAYS)
    assert live_keys(world) == []
    assert Opener(world.desk).open([copy]) == []
    assert await found(world, first) == []


async def test_keeping_can_be_switched_off_and_on_within_a_day(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    await end_seen(world.database, world.desk, seen_for=timedelta(0))
    assert (await rows(world), live_keys(world)) == ([], [])
    show(world, post(3, OTHERS[1]))
    await crawl(world, seen_days=0)
    await end_seen(world.database, world.desk, seen_for=timedelta(0))
    assert (await rows(world), live_keys(world)) == ([], [])
    show(world, post(4, OTHERS[1]))
    await crawl(world)
    assert [row.post_id for row in await rows(world)] == ["4"]


async def test_destroyed_key_of_today_is_never_written_under_again(world: DeskWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    source_id = await source_of(world)
    async with world.database.read() as session:
        epoch = (await session.get_one(Source, source_id)).seen_epoch
    world.desk.keys.destroy(seen_key(source_id, epoch, world.clock.now().date()))
    show(world, post(1, PICTURES[1]))
    await crawl(world)
    assert len(Opener(world.desk).open(await rows(world))) == 1


async def test_without_keeping_the_source_is_read_again(world: DeskWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    await crawl(world, seen_days=0)
    world.clock.move(minutes=5)
    case_id = await late_person(world)
    await look_back(world)
    assert [task.workflow for task in world.tasks] == ["crawl"]
    await crawl(world, seen_days=0)
    assert await found(world, case_id) == ["1"]


async def test_row_of_another_version_is_not_compared_but_read_again(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    async with world.database.begin() as session:
        await session.execute(update(SeenMedium).where(SeenMedium.post_id == "1").values(version="pdq-0"))
    world.clock.move(minutes=5)
    case_id = await late_person(world)
    await look_back(world)
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


# Deleted posts.


async def test_post_that_is_gone_is_no_sighting_and_its_rows_go(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    del world.platform.posts["1"]
    await look_back(world)
    assert await found(world, case_id) == []
    assert [row.post_id for row in await rows(world)] == ["2"]
    async with world.database.read() as session:
        assert (await session.scalars(select(Inspection.gone_at).order_by(Inspection.post_id))).all() == [
            world.clock.now(),
            None,
        ]
    other = await new_case(world, picture=PICTURES[1])
    await look_back(world)
    assert await found(world, other) == []
    async with world.database.read() as session:
        assert (await session.get_one(Source, await source_of(world))).look_back_at is None


async def test_picture_that_was_replaced_is_no_sighting_and_its_row_goes(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.platform.posts["1"] = Post("1", "u", world.clock.now(), (Media("photo:new", MediaKind.PHOTO),))
    await look_back(world)
    assert await found(world, case_id) == []
    assert [row.post_id for row in await rows(world)] == ["2"]


async def test_post_that_hides_its_media_is_not_taken_for_gone(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.platform.posts["1"] = Post("1", "u", world.clock.now(), ())
    await look_back(world)
    assert await found(world, case_id) == []
    assert len(await rows(world)) == 2


async def test_deletions_are_mirrored_by_asking_for_many_posts_at_once(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    recheck = Recheck(world.database, world.desk, world.accounts)
    del world.platform.posts["2"]
    await recheck.recheck(await source_of(world))
    assert (len(await rows(world)), world.platform.calls) == (2, [])  # seen a moment ago: not asked
    world.clock.move(hours=21)
    await recheck.recheck(await source_of(world))
    assert [(row.post_id, row.checked_at) for row in await rows(world)] == [("1", world.clock.now())]
    assert world.platform.calls == ["deleted"]


@pytest.mark.parametrize("error", [RateLimited(60), PlatformFault("http-503"), SourceUnavailable("private")])
async def test_question_that_fails_mirrors_nothing(sqlite_world: DeskWorld, error: Exception) -> None:
    world = sqlite_world
    await two_posts_were_seen(world)
    world.platform.posts.clear()
    world.clock.move(hours=21)
    world.platform.errors = [error]
    await Recheck(world.database, world.desk, world.accounts).recheck(await source_of(world))
    assert len(await rows(world)) == 2


async def test_edit_that_a_crawl_reads_takes_the_old_picture_along(world: DeskWorld) -> None:
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


async def test_sqlite_file_holds_nothing_of_a_deleted_row(sqlite_world: DeskWorld) -> None:
    world = sqlite_world
    await two_posts_were_seen(world)
    (row, _), file = await rows(world), Path(make_url(world.database.url).database or "")
    del world.platform.posts["1"]
    world.clock.move(hours=21)
    await Recheck(world.database, world.desk, world.accounts).recheck(await source_of(world))
    async with world.database.engine.connect() as connection:
        driver = await connection.get_raw_connection()
        await driver.driver_connection.execute("pragma wal_checkpoint(truncate)")
    data = await asyncio.to_thread(file.read_bytes)
    assert row.payload[13:] not in data
    assert (await rows(world))[0].payload[13:60] in data


# Faults and deaths.


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(RateLimited(900), 900), (PlatformFault("http-503"), 30), (AccountStopped("revoked"), 30)],
)
async def test_post_that_could_not_be_read_comes_back_later(world: DeskWorld, error: Exception, seconds: float) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.platform.errors = [error]
    await look_back(world)
    assert (await found(world, case_id), len(await rows(world))) == ([], 2)
    assert [(task.workflow, task.delay) for task in world.tasks] == [("look_back", seconds)]
    await look_back(world)
    assert await found(world, case_id) == ["1"]


async def test_one_bad_post_holds_up_no_other(world: DeskWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]), post(2, PICTURES[1]))
    await crawl(world)
    case_id = await late_person(world)
    world.platform.errors = [PlatformFault("unreadable-answer")]
    await look_back(world)
    assert await found(world, case_id) == ["2"]
    await look_back(world)
    assert await found(world, case_id) == ["1", "2"]


async def test_task_that_died_before_its_end_doubles_nothing(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    (task,) = [one for one in world.tasks if one.workflow == "look_back"]

    class Killed(BaseException):
        pass

    async def die(*_):
        raise Killed

    dying = looking(world)
    dying._done = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await dying.look_back(*task.arguments)
    await looking(world).look_back(*task.arguments)
    assert await found(world, case_id) == ["1"]
    async with world.database.read() as session:
        query = select(func.count()).where(LedgerEntry.case_id == case_id, LedgerEntry.kind == "sighting-found")
        assert await session.scalar(query) == 1


class StillWorker:
    """A worker in which nothing runs."""

    async def live(self, task_ids):
        return set()


async def test_look_back_whose_task_is_lost_is_picked_up(world: DeskWorld, tmp_path: Path) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    world.tasks.clear()
    world.clock.move(minutes=1)
    ticks = Ticks(
        world.database,
        world.desk,
        StillWorker(),  # type: ignore[arg-type]
        heads_file=tmp_path / "heads",
        interval=timedelta(minutes=15),
        seen_for=DAYS,
    )
    await ticks.sweep()
    assert len({task.id for task in world.tasks}) == 2  # of the first person nothing ran either
    await look_back(world)
    assert await found(world, case_id) == ["1"]


async def test_crawl_that_compared_without_the_new_picture_is_waited_for(world: DeskWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    works, source_id = crawler(world), await source_of(world)
    looks = await works._inspect(world.platform, source_id, tuple(world.platform.posts.values()))
    if world.database.url.startswith("sqlite"):
        case_id = await late_person(world)  # one writer at a time: it comes before or after, never beside
        await crawl(world)
    else:
        async with world.database.begin() as session:
            await works._compare(session, source_id, looks.media)
            case_id = await late_person_elsewhere(world, source_id)
            late = asyncio.create_task(look_back(world))
            await asyncio.sleep(0.3)
        await late
    assert await found(world, case_id) == ["1"]


async def late_person_elsewhere(world: DeskWorld, source_id: str) -> str:
    """A picture more of a case that consents already: needs no lock of the source."""
    async with world.database.begin() as session:
        case_id = (await session.scalars(select(Consent.case_id).where(Consent.source_id == source_id))).one()
        await register(world, session, await session.get_one(Case, case_id), PICTURES[1])
    return case_id


# Confirmed posts.


async def test_all_media_of_a_confirmed_post_join_the_watch(world: DeskWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[0], PICTURES[1]), post(2, PICTURES[1]), post(3, OTHERS[0]))
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        sighting = (await session.scalars(select(Sighting))).one()
        await confirm(session, world.desk, sighting, advocate, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["beside", "confirmed", "registered"]
    await look_back(world)
    assert await found(world, case_id) == ["1", "1", "2"]
    async with world.database.read() as session:
        identical = (await session.scalars(select(Sighting.identical))).all()
    assert identical == [False, False, False]


async def test_medium_beside_a_confirmed_one_that_was_dismissed_does_not_join(world: DeskWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    async with world.database.begin() as session:
        await register(world, session, await session.get_one(Case, case_id), PICTURES[1])
    show(world, post(1, PICTURES[0], PICTURES[1]))
    await crawl(world)
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        own, beside = (await session.scalars(select(Sighting).order_by(Sighting.media_id))).all()
        beside.state = "dismissed"
        await confirm(session, world.desk, own, advocate, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["confirmed", "registered", "registered"]


# A crawl that takes long.


async def test_look_back_does_not_wait_for_a_long_crawl(world: DeskWorld) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    show(world, post(3, *OTHERS[1:9]))
    works, accounts, read, waiting = crawler(world), world.accounts, world.platform.read, []
    works._accounts = accounts
    late = looking(world)
    if world.database.url.startswith("sqlite"):
        late._accounts = accounts
    # On PostgreSQL it waits with a lease of its own, as in another process.
    (task,) = [one for one in world.tasks if one.workflow == "look_back"]

    async def slow(media: Media, *, max_bytes: int) -> bytes:
        if not waiting:
            waiting.append(asyncio.create_task(late.look_back(*task.arguments)))
            async with asyncio.timeout(20):
                while not await accounts._lease.wanted("telegram"):  # noqa: ASYNC110 - PostgreSQL is asked
                    await asyncio.sleep(0.05)
        return await read(media, max_bytes=max_bytes)

    world.platform.read = slow  # type: ignore[method-assign]  # a fake is changed, nothing of ours
    await works.crawl(await source_of(world))
    await waiting[0]
    assert await found(world, case_id) == ["1"]
    assert world.platform.calls == ["page", "read", "post", *["read"] * 7]
    assert len(await rows(world)) == 10


async def test_who_is_stopped_while_giving_way_takes_nothing_from_others(world: DeskWorld) -> None:
    accounts, order = world.accounts, []

    async def gives_way() -> None:
        async with accounts.use("telegram") as platform:
            await asyncio.sleep(0.2)
            await accounts.give_way(platform)

    async def other() -> None:
        async with accounts.use("telegram"):
            order.append("other")
            await asyncio.sleep(0.6)
            order.append("other done")

    async def third() -> None:
        async with accounts.use("telegram"):
            order.append("third")

    first = asyncio.create_task(gives_way())
    await asyncio.sleep(0.1)
    second = asyncio.create_task(other())
    await asyncio.sleep(0.4)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.gather(second, third())
    assert order == ["other", "other done", "third"]
