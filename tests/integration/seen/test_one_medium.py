"""Whatever one medium does, it costs nothing but itself: the others of its page are compared, and the cursor moves."""

import logging
import threading
from dataclasses import replace
from types import ModuleType

import pytest
from sqlalchemy import select

from db.models.sightings import Sighting
from db.models.sources import Alert, Inspection, Source
from db.queries.seen import is_uncovered
from db.queries.tenants import CaseTenant, sources_of
from monitor.core.errors import NotInspected, PlatformFault
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.fingerprints.hashes.values import HashedMedium as Hashes
from monitor.history.recording import HistoryWriter
from monitor.jobs import backfill as backfill_job
from monitor.jobs import comparison as crawl_job
from monitor.matching.verdict import Match, judge
from monitor.matching.watch_set import WatchSet
from monitor.sightings import rate_gate
from monitor.sources.media_reader import MediaReader
from tests.support import seen_world
from tests.support.databases import on_sqlite
from tests.support.domain_world import START, DomainWorld, run_backfills
from tests.support.seen_world import (
    PICTURES,
    InProcess,
    crawl,
    crawler,
    found,
    late_person,
    new_case,
    post,
    rows,
    show,
    source_of,
    two_posts_were_seen,
)


async def outcomes(world: DomainWorld) -> dict[str, str]:
    async with world.database.read() as session:
        return {row.post_id: row.outcome for row in await session.scalars(select(Inspection))}


async def source(world: DomainWorld) -> Source:
    async with world.database.read() as session:
        return (await session.scalars(select(Source))).one()


async def test_medium_that_cannot_be_kept_blinds_nobody(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[0]), post(2, PICTURES[1]))
    keep, before = HistoryWriter.keep, await source(world)

    async def fails(self: HistoryWriter, post_id: str, *rest: object) -> None:
        await keep(self, post_id, *rest)  # type: ignore[arg-type]
        if post_id == "1":
            self._source.seen_epoch += 1
            raise OverflowError("abcdef")

    monkeypatch.setattr(HistoryWriter, "keep", fails)
    await crawl(world)

    assert await found(world, case_id) == ["2"]
    assert await outcomes(world) == {"1": "failed", "2": "inspected"}
    assert [row.post_id for row in await rows(world)] == ["2"]
    read = await source(world)
    assert (read.cursor, read.posts_seen, read.seen_epoch, read.unavailable) == ("2", 2, before.seen_epoch, None)
    assert "abcdef" not in caplog.text
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == ["medium not compared"]


async def test_match_that_cannot_be_written_blinds_nobody(world: DomainWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await new_case(world, picture=PICTURES[0]), await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[0]), post(2, PICTURES[1]))
    write = rate_gate.write_sighting  # type: ignore[attr-defined]  # the name under which the gate has it

    async def fails(*facts: object) -> bool:
        new = await write(*facts)  # type: ignore[arg-type]
        if facts[3].id == "1":  # type: ignore[attr-defined]
            raise OverflowError
        return new

    monkeypatch.setattr(rate_gate, "write_sighting", fails)
    await crawl(world)

    assert (await found(world, first), await found(world, second)) == ([], ["2"])
    assert await outcomes(world) == {"1": "failed", "2": "inspected"}
    assert (await source(world)).cursor == "2"


async def test_source_unread_for_a_day_is_told_once_and_closed_by_the_next_read(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])

    async def alerts() -> list[tuple[str, bool]]:
        async with world.database.read() as session:
            return [(row.kind, row.resolved_at is None) for row in await session.scalars(select(Alert))]

    for hours, told in ((0, []), (23, []), (1, [("source-unread", True)]), (9, [("source-unread", True)])):
        world.clock.move(hours=hours)
        world.platform.errors = [PlatformFault("http-503")]
        await crawler(world).crawl(await source_of(world))
        assert await alerts() == told
    await crawl(world)
    assert await alerts() == [("source-unread", False)]


@on_sqlite
async def test_first_fault_of_a_source_that_nobody_watched_for_long_is_no_alert(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    await crawl(world)
    world.clock.move(days=2)
    world.platform.errors = [PlatformFault("http-503")]
    await crawler(world).crawl(await source_of(world))
    async with world.database.read() as session:
        assert (await session.scalars(select(Alert))).all() == []


async def test_video_of_which_a_part_was_inspected_is_not_recorded_as_inspected(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, whole = sqlite_world, seen_world.inspected
    monkeypatch.setattr(seen_world, "inspected", lambda data: replace(whole(data), partial=data == PICTURES[1]))
    show(world, post(1, PICTURES[0]), post(2, PICTURES[1]))
    case_id = await new_case(world, picture=PICTURES[1])
    await crawl(world)

    assert await found(world, case_id) == ["2"]
    assert await outcomes(world) == {"1": "inspected", "2": "partial"}
    async with world.database.read() as session:
        (told,) = await sources_of(session, CaseTenant(case_id))
        assert (told.name.id, told.not_inspected) == (await source_of(world), 1)


async def test_partial_video_of_which_nothing_is_kept_is_read_again_for_somebody_new(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, whole = sqlite_world, seen_world.inspected
    monkeypatch.setattr(seen_world, "inspected", lambda data: replace(whole(data), partial=True))
    show(world, post(1, PICTURES[1]))
    await new_case(world, picture=PICTURES[0])
    await crawl(world, seen_days=0)
    world.clock.move(minutes=1)
    async with world.database.read() as session:
        row = await source(world)
        window = {"since": START, "before": world.clock.now()}
        assert await is_uncovered(session, row, version=FINGERPRINT_VERSION, **window)


class Stalled(InProcess):
    """A machine so busy that nothing ends in time."""

    def __init__(self, reason: str) -> None:
        self.reason, self.asked = reason, 0

    async def inspect(self, data: bytes, *, max_bytes: int, closely: bool = False, **_: object) -> Hashes:
        self.asked += 1
        raise NotInspected(self.reason)


async def crawl_with(world: DomainWorld, decoders: InProcess) -> None:
    made = crawler(world)
    made._reader = MediaReader(decoders, 20_000_000)  # type: ignore[arg-type]
    await made.crawl(await source_of(world))


@pytest.mark.parametrize("reason", ["hung", "crashed", "out-of-memory"])
async def test_medium_whose_inspection_broke_off_is_inspected_by_a_later_crawl(
    sqlite_world: DomainWorld, reason: str
) -> None:
    world = sqlite_world
    case_id = await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[1]))
    await crawl_with(world, Stalled(reason))
    assert (await outcomes(world), (await source(world)).cursor) == ({"1": reason}, "1")
    await crawl(world)
    assert (await outcomes(world), await found(world, case_id)) == ({"1": "inspected"}, ["1"])
    await crawl(world)
    assert (await source(world)).posts_seen == 1


async def test_medium_that_always_breaks_off_is_given_up_after_three_times(sqlite_world: DomainWorld) -> None:
    world, stalled = sqlite_world, Stalled("hung")
    await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[1]))
    for _ in range(5):
        await crawl_with(world, stalled)
    assert (stalled.asked, world.platform.calls.count("post")) == (3, 2)


@pytest.mark.parametrize("later", ["gone", "not shown", "unreadable"])
async def test_post_that_cannot_be_inspected_again_is_not_read_for_ever(sqlite_world: DomainWorld, later: str) -> None:
    world, stalled = sqlite_world, Stalled("hung")
    await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[1]))
    await crawl_with(world, stalled)

    async def unreadable(ref: object, post_id: str) -> None:
        world.platform.calls.append("post")
        raise PlatformFault("unreadable-post")

    if later == "unreadable":
        world.platform.post = unreadable  # type: ignore[method-assign, assignment]
    elif later == "gone":
        world.platform.posts.clear()
    else:
        show(world, post(1))
    for _ in range(5):
        await crawl_with(world, stalled)
    if later == "unreadable":  # and no other post could be read either: that may be an outage, for days
        assert world.platform.calls.count("post") == 5
        world.platform.calls.clear()
        world.clock.move(days=8)
        for _ in range(5):
            await crawl_with(world, stalled)
    assert (stalled.asked, world.platform.calls.count("post")) == (1, 1 if later == "gone" else 2)
    assert (await source(world)).unavailable is None


@pytest.mark.parametrize("module", [crawl_job, backfill_job])
async def test_comparing_leaves_the_event_loop_free(
    sqlite_world: DomainWorld, monkeypatch: pytest.MonkeyPatch, module: ModuleType
) -> None:
    threads: list[threading.Thread] = []

    def judged(hashed: Hashes, watch: WatchSet) -> tuple[Match, ...]:
        threads.append(threading.current_thread())
        return judge(hashed, watch)

    monkeypatch.setattr(module, "judge", judged)
    await two_posts_were_seen(sqlite_world)
    case_id = await late_person(sqlite_world)
    await run_backfills(sqlite_world)
    assert await found(sqlite_world, case_id) == ["1"]
    assert threads and threading.main_thread() not in threads


async def test_reason_longer_than_its_column_is_written_shorter(
    world: DomainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wordy(hashed: Hashes, watch: WatchSet) -> tuple[Match, ...]:
        return tuple(replace(match, how=match.how + "; and more" * 40) for match in judge(hashed, watch))

    monkeypatch.setattr(crawl_job, "judge", wordy)
    case_id = await new_case(world, picture=PICTURES[1])
    show(world, post(1, PICTURES[1]))
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    async with world.database.read() as session:
        assert 250 < len(await session.scalar(select(Sighting.how)) or "") <= 300
