"""Comparing keeps nobody waiting: it is done before the transaction that writes, which asks once more what may be."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.cases.fingerprints import remove_fingerprint
from monitor.cases.links import enter_link
from monitor.jobs import comparison
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.comparison import MOST_TIMES, Comparer
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import PictureKind
from monitor.sources.media_reader import MediaReader
from tests.support.domain_world import DomainWorld, run_backfills
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    InProcess,
    crawl,
    found,
    late_person,
    live_keys,
    new_case,
    post,
    register,
    rows,
    show,
    two_posts_were_seen,
    withdraw,
)
from tests.support.slow_while_writing import slow_while_writing

Change = Callable[[DomainWorld, str], Awaitable[None]]


async def remove(world: DomainWorld, case_id: str) -> None:
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        for row in (await session.scalars(select(Fingerprint.id).where(Fingerprint.case_id == case_id))).all():
            await remove_fingerprint(session, world.context, case, row)


async def quarantine(world: DomainWorld, case_id: str) -> None:
    async with world.database.begin() as session:
        row_id = (await session.scalars(select(Fingerprint.id).where(Fingerprint.case_id == case_id))).one()
        (await lock_one(session, Fingerprint, row_id)).quarantined_at = world.clock.now()


async def add(world: DomainWorld, case_id: str, picture: bytes) -> None:
    async with world.database.begin() as session:
        await register(world, session, await lock_one(session, Case, case_id), picture)


def after(
    monkeypatch: pytest.MonkeyPatch, made: type, method: str, change: Callable[[], Awaitable[None]], *, times: int = 1
) -> list[int]:
    """Let `change` happen each time that `method` has compared and nothing is written yet, so many times at most."""
    compare = getattr(made, method)
    done: list[int] = []

    async def compared(self: Any, *arguments: Any) -> Any:
        result = await compare(self, *arguments)
        if len(done) < times:
            done.append(len(done))
            await change()
        return result

    monkeypatch.setattr(made, method, compared)
    return done


async def test_crawl_compares_and_asks_for_keys_before_it_writes(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [await new_case(world, picture=picture) for picture in PICTURES[:3]]
    show(world, *(post(number, picture) for number, picture in enumerate(PICTURES[:3], 1)))
    with slow_while_writing(world.context.keys, monkeypatch) as watcher:
        await crawl(world)
    assert watcher.found == []
    assert (watcher.compared, bool(watcher.keys_asked)) == (3, True)
    assert [await found(world, case_id) for case_id in cases] == [["1"], ["2"], ["3"]]


async def test_backfill_compares_and_asks_for_keys_before_it_writes(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    with slow_while_writing(world.context.keys, monkeypatch) as watcher:
        await run_backfills(world)
    assert watcher.found == []
    assert watcher.compared and watcher.keys_asked
    assert await found(world, case_id) == ["1"]


async def test_link_asks_for_keys_before_it_writes(world: DomainWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = await new_case(world, source=None)
    show(world, post(1, PICTURES[1], OTHERS[0]))
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        url = "https://t.me/channel/1"
        link = await enter_link(session, world.context, case, url=url, kind=PictureKind.INTIMATE)
    reader = MediaReader(InProcess(), 20_000_000)  # type: ignore[arg-type]
    with slow_while_writing(world.context.keys, monkeypatch) as watcher:
        await LinkReader(world.database, world.context, world.accounts, reader).read_link(link.id)
    assert watcher.found == []
    assert watcher.keys_asked
    async with world.database.read() as session:
        assert len((await session.scalars(select(Sighting.id))).all()) == 2
        assert len((await session.scalars(select(Fingerprint.id).where(Fingerprint.origin == "link"))).all()) == 2


async def test_opened_fingerprints_take_one_query_for_all_their_keys(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    for picture in PICTURES[:3]:
        await add(world, await new_case(world, picture=picture), OTHERS[0])
    show(world, post(1, OTHERS[1]))
    with slow_while_writing(world.context.keys, monkeypatch) as watcher:
        await crawl(world)
    # The watch's; then the day's own key: is it there, is the master key right, make it, fetch it, have it in hand.
    assert watcher.keys_asked <= 6


@pytest.mark.parametrize("change", [remove, quarantine, withdraw])
async def test_what_may_not_be_compared_any_more_when_a_crawl_writes_is_not_written(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    case_id = await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[1]))
    done = after(monkeypatch, Comparer, "_compare", lambda: change(world, case_id))
    await crawl(world)
    assert (done, await found(world, case_id)) == ([0], [])
    if change is withdraw:
        assert (await rows(world), live_keys(world)) == ([], [])
    else:
        assert [row.post_id for row in await rows(world)] == ["1"]


@pytest.mark.parametrize("change", [remove, quarantine, withdraw])
async def test_what_may_not_be_compared_any_more_when_a_backfill_writes_is_not_written(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    done = after(monkeypatch, BackfillJob, "_compared", lambda: change(world, case_id))
    await run_backfills(world)
    assert (done, await found(world, case_id)) == ([0], [])


async def test_others_are_told_although_one_took_a_consent_back_meanwhile(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves, stays = await new_case(world, picture=PICTURES[1]), await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[1]))
    after(monkeypatch, Comparer, "_compare", lambda: withdraw(world, leaves))
    await crawl(world)
    assert (await found(world, leaves), await found(world, stays)) == ([], ["1"])


async def test_fingerprint_added_while_a_crawl_compares_is_compared_by_it(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))

    async def join() -> None:
        await add(world, case_id, PICTURES[1])
        # Its backfill comes too early: nothing is kept yet.
        await run_backfills(world)

    after(monkeypatch, Comparer, "_compare", join)
    await crawl(world)
    assert await found(world, case_id) == ["1"]


async def test_watch_that_grows_each_time_is_compared_under_the_lock_in_the_end(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]))
    waiting = [*OTHERS[: MOST_TIMES - 1], PICTURES[1]]
    done = after(monkeypatch, Comparer, "_compare", lambda: add(world, case_id, waiting.pop(0)), times=MOST_TIMES)
    await crawl(world)
    assert (len(done), await found(world, case_id)) == (MOST_TIMES, ["1"])


async def test_fingerprint_added_while_a_backfill_compares_brings_one_of_its_own(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_posts_were_seen(world)
    case_id = await late_person(world)
    after(monkeypatch, BackfillJob, "_compared", lambda: add(world, case_id, OTHERS[0]))
    await run_backfills(world)
    assert await found(world, case_id) == ["1"]
    await run_backfills(world)
    assert await found(world, case_id) == ["1", "2"]


async def test_medium_that_cannot_be_compared_costs_nothing_but_itself(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    case_id = await new_case(world, picture=PICTURES[1])
    show(world, post(1, OTHERS[0]), post(2, PICTURES[1]))
    judge, asked = comparison.judge, []  # type: ignore[attr-defined]  # the name under which it is called

    def judged(*arguments: Any) -> Any:
        asked.append(arguments)
        if len(asked) == 1:
            raise OverflowError
        return judge(*arguments)

    monkeypatch.setattr(comparison, "judge", judged)
    await crawl(world)
    assert await found(world, case_id) == ["2"]
    assert [row.post_id for row in await rows(world)] == ["2"]


async def test_others_write_between_the_posts_of_a_long_page(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a hundred media would keep every other writer away for as long as it takes."""
    world, media, ends = sqlite_world, [], []
    case_id = await new_case(world, picture=PICTURES[0])
    pictures = [PICTURES[0], *OTHERS[:3]]
    show(world, *(post(number, *pictures) for number in range(1, 11)))
    write, part = Comparer._write, Comparer._write_part

    async def written(self: Any, session: Any, source: Any, read: Any, *others: Any) -> None:
        media.append([one.post.id for one in read])
        await write(self, session, source, read, *others)

    async def ended(self: Any, *arguments: Any) -> None:
        await part(self, *arguments)
        ends.append((await rows(world), await cursor(world)))

    monkeypatch.setattr(Comparer, "_write", written)
    monkeypatch.setattr(Comparer, "_write_part", ended)
    await crawl(world)
    assert [len(one) for one in media] == [12, 12, 12, 4]
    assert [len(set(one)) for one in media] == [3, 3, 3, 1], "a post is written about as a whole"
    assert [len(seen) for seen, _ in ends] == [12, 24, 36, 40]
    assert [at for _, at in ends] == [None, None, None, "10"], "the cursor moves when all before it is written"
    assert await found(world, case_id) == sorted(str(number) for number in range(1, 11))


async def test_crawl_that_dies_between_two_parts_finds_each_copy_once(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, *(post(number, PICTURES[0], *OTHERS[:3]) for number in range(1, 7)))
    part = Comparer._write_part
    died: list[str] = []

    async def dies(self: Any, *arguments: Any) -> None:
        if len(died) == 1:
            died.append("here")
            raise RuntimeError("died")
        await part(self, *arguments)
        died.append("written")

    monkeypatch.setattr(Comparer, "_write_part", dies)
    await crawl(world)
    assert died == ["written", "here"]
    assert await cursor(world) is None
    await crawl(world)
    assert (await cursor(world), await found(world, case_id)) == ("6", ["1", "2", "3", "4", "5", "6"])


async def cursor(world: DomainWorld) -> str | None:
    async with world.database.read() as session:
        return (await session.scalars(select(Source.cursor))).one()
