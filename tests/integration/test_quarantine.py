"""A fingerprint that fits too much is paused with an alert; an advocate lets it go on or removes it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.ledger import LedgerEntry
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from db.queries.consents import fingerprints_to_compare
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint, remove_fingerprint
from monitor.cases.quarantine import release
from monitor.core.errors import RuleBroken
from monitor.demo.world.pictures import registered
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.crawl import Crawler
from monitor.matching.verdict import Match, Verdict
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sightings.rate_gate import FoundMatch, write_matches
from monitor.sources.sources import locked
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    INSPECTION,
    START,
    DomainWorld,
    domain_world,
    make_advocate,
    make_case,
    run_backfills,
)

LIMIT = 3


@dataclass
class Watch:
    """A case with two fingerprints and two sources."""

    case_id: str
    advocate_id: str
    organisation_id: str
    fingerprints: list[str]
    sources: list[str]


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        made.context = replace(made.context, most_matches_an_hour=LIMIT)
        yield made


async def watching(world: DomainWorld) -> Watch:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        rows, sources = [], []
        for number in range(2):
            whole = hash_picture(registered(1)[number]).whole
            rows.append(
                await add_fingerprint(
                    session, world.context, case, pdq=whole.hex, quality=90, kind=PictureKind.INTIMATE
                )
            )
            consents = await give_consent(
                session,
                world.context,
                case,
                platform=PlatformName.TELEGRAM,
                source=f"channel{number}",
                purposes=[Purpose.WATCH],
            )
            sources.append(consents[0].source_id)
    return Watch(case.id, advocate.id, advocate.organisation_id, [row.id for row in rows], sources)


def found(watch: Watch, post_id: str, *, fingerprint: int = 0, age: timedelta = timedelta()) -> FoundMatch:
    match = Match(
        fingerprint_id=watch.fingerprints[fingerprint],
        case_id=watch.case_id,
        kind="intimate",
        verdict=Verdict.CONFIDENT,
        distance=4,
        view="whole",
        orientation=0,
        quality=90,
        identical=False,
        how="whole picture",
    )
    media = Media(f"photo:{post_id}", MediaKind.PHOTO)
    return FoundMatch(match, Post(post_id, f"https://t.me/channel/{post_id}", START - age, (media,)), media, INSPECTION)


async def write(world: DomainWorld, source_id: str, matches: list[FoundMatch]) -> bool:
    async with world.database.begin() as session:
        await locked(session, source_id)
        return (await write_matches(session, world.context, source_id, matches)).quarantined


async def sightings_of(world: DomainWorld, fingerprint_id: str) -> int:
    async with world.database.read() as session:
        query = select(func.count()).select_from(Sighting).where(Sighting.fingerprint_id == fingerprint_id)
        return await session.scalar(query) or 0


async def row_of(world: DomainWorld, fingerprint_id: str) -> Fingerprint:
    async with world.database.read() as session:
        return await session.get_one(Fingerprint, fingerprint_id)


async def alerts(world: DomainWorld) -> list[Alert]:
    async with world.database.read() as session:
        query = select(Alert).where(Alert.kind == "fingerprint-quarantined", Alert.resolved_at.is_(None))
        return list((await session.scalars(query)).all())


async def test_one_too_many_in_an_hour_is_quarantined_and_others_are_not(world: DomainWorld) -> None:
    watch = await watching(world)
    many = [found(watch, str(number)) for number in range(1, LIMIT + 4)]
    assert await write(world, watch.sources[0], [*many, found(watch, "99", fingerprint=1)])
    first, second = watch.fingerprints
    assert (await sightings_of(world, first), await sightings_of(world, second)) == (LIMIT, 1)
    assert (await row_of(world, first)).quarantined_at == START
    assert (await row_of(world, second)).quarantined_at is None
    (alert,) = await alerts(world)
    assert (alert.subject, alert.organisation_id, alert.reason) == (first, watch.organisation_id, "more-than-3-an-hour")
    async with world.database.read() as session:
        query = select(func.count()).where(LedgerEntry.kind == "fingerprint-quarantined")
        assert await session.scalar(query) == 1
        listed = await fingerprints_to_compare(session, watch.sources[0], START)
    assert [row_id for row_id, _ in listed] == [second]


async def test_known_sightings_and_older_ones_do_not_count(world: DomainWorld) -> None:
    watch = await watching(world)
    many = [found(watch, str(number)) for number in range(1, LIMIT + 1)]
    for _ in range(3):
        assert not await write(world, watch.sources[0], many)
    world.clock.move(hours=1)
    assert not await write(world, watch.sources[0], [found(watch, str(number)) for number in range(11, LIMIT + 11)])
    assert await alerts(world) == []
    assert await sightings_of(world, watch.fingerprints[0]) == 2 * LIMIT


@on_sqlite
async def test_old_posts_are_no_wave_and_use_up_nothing(world: DomainWorld) -> None:
    watch = await watching(world)
    old = [found(watch, str(number), age=timedelta(hours=number)) for number in range(1, 3 * LIMIT + 1)]
    assert not await write(world, watch.sources[0], old)
    assert not await write(world, watch.sources[0], [found(watch, str(100 + number)) for number in range(LIMIT)])
    assert await sightings_of(world, watch.fingerprints[0]) == 4 * LIMIT
    assert await write(world, watch.sources[0], [found(watch, "200")])
    (alert,) = await alerts(world)
    assert alert.reason == "more-than-3-an-hour"


async def test_what_fits_too_many_old_posts_is_quarantined_all_the_same(world: DomainWorld) -> None:
    watch = await watching(world)
    old = [found(watch, str(number), age=timedelta(days=3)) for number in range(1, 10 * LIMIT + 2)]
    assert await write(world, watch.sources[0], old)
    assert await sightings_of(world, watch.fingerprints[0]) == 10 * LIMIT
    (alert,) = await alerts(world)
    assert alert.reason == "more-than-30-an-hour"


@on_sqlite
async def test_backfill_finds_many_old_copies_without_a_pause(world: DomainWorld, decoders: DecoderPool) -> None:
    watch, copies = await watching(world), LIMIT + 4
    async with world.database.begin() as session:
        case = await lock_one(session, Case, watch.case_id)
        await remove_fingerprint(session, world.context, case, watch.fingerprints[0])
    show_old = START - timedelta(hours=1)
    for number in range(1, copies + 1):
        media = (Media(f"photo:{number}", MediaKind.PHOTO, token=registered(1)[0]),)
        world.platform.posts[str(number)] = Post(str(number), f"https://t.me/channel0/{number}", show_old, media)
    accounts = (world.database, world.context, world.accounts, decoders)
    await Crawler(*accounts, first_look=timedelta(days=7), max_media_bytes=20_000_000).crawl(watch.sources[0])
    async with world.database.begin() as session:
        case, whole = await lock_one(session, Case, watch.case_id), hash_picture(registered(1)[0]).whole
        kind = PictureKind.INTIMATE
        row = await add_fingerprint(session, world.context, case, pdq=whole.hex, quality=90, kind=kind, label="again")
    await run_backfills(world)
    assert await sightings_of(world, row.id) == copies
    assert await alerts(world) == []


async def test_two_crawls_at_once_count_together(world: DomainWorld) -> None:
    watch = await watching(world)
    pages = [[found(watch, str(10 * page + number)) for number in range(LIMIT)] for page in (1, 2)]
    await asyncio.gather(*(write(world, source, page) for source, page in zip(watch.sources, pages, strict=True)))
    assert await sightings_of(world, watch.fingerprints[0]) == LIMIT
    assert len(await alerts(world)) == 1


async def test_crawls_with_the_same_fingerprints_in_another_order_do_not_block_each_other(world: DomainWorld) -> None:
    watch = await watching(world)
    world.context = replace(world.context, most_matches_an_hour=1000)
    turns = [[found(watch, f"{turn}{n}", fingerprint=(n + turn) % 2) for n in range(6)] for turn in range(2)]
    for _ in range(3):
        crawls = (write(world, source, page) for source, page in zip(watch.sources, turns, strict=True))
        await asyncio.wait_for(asyncio.gather(*crawls), 120)
    assert await sightings_of(world, watch.fingerprints[0]) == 6


async def test_rollback_leaves_neither_quarantine_nor_alert(world: DomainWorld) -> None:
    watch = await watching(world)
    many = [found(watch, str(number)) for number in range(1, LIMIT + 4)]
    with pytest.raises(ZeroDivisionError):
        async with world.database.begin() as session:
            await locked(session, watch.sources[0])
            assert (await write_matches(session, world.context, watch.sources[0], many)).quarantined
            raise ZeroDivisionError
    assert (await row_of(world, watch.fingerprints[0])).quarantined_at is None
    assert await alerts(world) == []
    assert await sightings_of(world, watch.fingerprints[0]) == 0


@on_sqlite
async def test_released_fingerprint_may_work_a_wave_for_a_day(world: DomainWorld) -> None:
    watch = await watching(world)
    await write(world, watch.sources[0], [found(watch, str(number)) for number in range(1, LIMIT + 4)])
    world.tasks.clear()
    async with world.database.begin() as session:
        case = await lock_one(session, Case, watch.case_id)
        await release(session, world.context, case, watch.fingerprints[0], by=watch.advocate_id)
    assert await alerts(world) == []
    assert {task.arguments[0] for task in world.tasks if task.workflow == "look_back"} == set(watch.sources)
    wave = [found(watch, str(number)) for number in range(100, 100 + 10 * LIMIT)]
    assert await write(world, watch.sources[0], wave)
    assert await sightings_of(world, watch.fingerprints[0]) == 10 * LIMIT
    (alert,) = await alerts(world)
    assert alert.reason == "more-than-30-an-hour"
    async with world.database.begin() as session:
        await release(session, world.context, case, watch.fingerprints[0], by=watch.advocate_id)
    world.clock.move(days=1, seconds=1)
    next_day = [found(watch, str(n), age=timedelta(days=-1)) for n in range(500, 501 + LIMIT)]
    assert await write(world, watch.sources[0], next_day)


@on_sqlite
async def test_removing_closes_the_alert_and_release_of_it_is_refused(world: DomainWorld) -> None:
    watch = await watching(world)
    await write(world, watch.sources[0], [found(watch, str(number)) for number in range(1, LIMIT + 4)])
    async with world.database.begin() as session:
        case = await lock_one(session, Case, watch.case_id)
        await remove_fingerprint(session, world.context, case, watch.fingerprints[0])
        with pytest.raises(RuleBroken, match="not-found"):
            await release(session, world.context, case, watch.fingerprints[0], by=watch.advocate_id)
    assert await alerts(world) == []


@on_sqlite
async def test_crawl_stops_at_the_limit_and_a_release_finds_the_rest(world: DomainWorld, decoders: DecoderPool) -> None:
    watch = await watching(world)
    picture = registered(1)[0]
    for number in range(1, LIMIT + 4):
        media = (Media(f"photo:{number}", MediaKind.PHOTO, token=picture),)
        world.platform.posts[str(number)] = Post(str(number), f"https://t.me/channel0/{number}", START, media)
    crawler = Crawler(
        world.database,
        world.context,
        world.accounts,
        decoders,
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
    )
    await crawler.crawl(watch.sources[0])
    assert await sightings_of(world, watch.fingerprints[0]) == LIMIT
    async with world.database.begin() as session:
        source = await session.get_one(Source, watch.sources[0])
        assert source.cursor == str(LIMIT + 3)
        case = await lock_one(session, Case, watch.case_id)
        await release(session, world.context, case, watch.fingerprints[0], by=watch.advocate_id)
    await run_backfills(world)
    assert await sightings_of(world, watch.fingerprints[0]) == LIMIT + 3


@on_sqlite
async def test_backfill_reads_no_post_for_a_fingerprint_that_went_into_quarantine(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    watch = await watching(world)
    picture, number_of_posts = registered(1)[0], LIMIT + 6
    async with world.database.begin() as session:
        case = await lock_one(session, Case, watch.case_id)
        await remove_fingerprint(session, world.context, case, watch.fingerprints[0])
    for number in range(1, number_of_posts + 1):
        media = (Media(f"photo:{number}", MediaKind.PHOTO, token=picture),)
        world.platform.posts[str(number)] = Post(str(number), f"https://t.me/channel0/{number}", START, media)
    crawler = Crawler(
        world.database,
        world.context,
        world.accounts,
        decoders,
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
    )
    await crawler.crawl(watch.sources[0])
    async with world.database.begin() as session:
        case = await lock_one(session, Case, watch.case_id)
        whole = hash_picture(picture).whole
        row = await add_fingerprint(
            session, world.context, case, pdq=whole.hex, quality=90, kind=PictureKind.INTIMATE, label="again"
        )
    world.platform.calls.clear()
    await run_backfills(world)
    assert await sightings_of(world, row.id) == LIMIT
    assert world.platform.calls.count("post") == LIMIT + 1
    assert [alert.subject for alert in await alerts(world)] == [row.id]
