"""A crawl writes each sighting once, with its evidence, and never takes a failure for a clean bill."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.ledger import LedgerEntry
from db.models.sightings import Sighting
from db.models.sources import Alert, Inspection, Source
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.links import enter_link
from monitor.core.errors import AccountStopped, DecoderUnavailable, PlatformFault, RateLimited, SourceUnavailable
from monitor.demo.world.pictures import feed, registered
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.crawl import Crawler
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import PictureKind
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sources.media_reader import MediaReader
from tests.support.databases import on_sqlite
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_case
from tests.support.waves import encoded

SEED = 1


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


def crawler(world: DomainWorld, decoders: DecoderPool) -> Crawler:
    return Crawler(
        world.database,
        world.context,
        world.accounts,
        decoders,
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
    )


def link_reader(world: DomainWorld, decoders: DecoderPool) -> LinkReader:
    return LinkReader(world.database, world.context, world.accounts, MediaReader(decoders, 20_000_000))


def post(number: int, *pictures: bytes) -> Post:
    media = tuple(Media(f"photo:{number}{i}", MediaKind.PHOTO, token=data) for i, data in enumerate(pictures))
    return Post(str(number), f"https://t.me/channel/{number}", START - timedelta(hours=1), media)


async def watching(world: DomainWorld) -> tuple[str, str, str]:
    """A vouched case that watches one channel for one picture: ids of case, source and consent."""
    picture = hash_picture(registered(SEED)[0]).whole
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        await add_fingerprint(
            session, world.context, case, pdq=picture.hex, quality=picture.quality, kind=PictureKind.INTIMATE
        )
        (consent,) = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=[Purpose.WATCH]
        )
    return case.id, consent.source_id, consent.id


async def sightings(world: DomainWorld) -> list[Sighting]:
    async with world.database.read() as session:
        return list((await session.scalars(select(Sighting).order_by(Sighting.post_id))).all())


async def test_copies_are_found_once_and_others_are_not(world: DomainWorld, decoders: DecoderPool) -> None:
    case_id, source_id, _ = await watching(world)
    samples = feed(SEED)[:30]
    for number, sample in enumerate(samples, 1):
        world.platform.posts[str(number)] = post(number, sample.data)
    for _ in range(2):
        await crawler(world, decoders).crawl(source_id)
    found = await sightings(world)
    assert [row.post_id for row in found] == sorted(str(n) for n, s in enumerate(samples, 1) if s.copy_of == 0)
    assert found
    async with world.database.read() as session:
        source = await session.get_one(Source, source_id)
        assert (source.posts_seen, source.cursor, source.remote_id) == (30, "30", "77")
        recorded = select(func.count()).where(LedgerEntry.case_id == case_id, LedgerEntry.kind == "sighting-found")
        assert await session.scalar(recorded) == len(found)
        evidence = world.context.open_record(SightingRecord, case_id, found[0].id, found[0].evidence)
    assert evidence.url.endswith(found[0].post_id)
    assert len(evidence.media_sha256) == 64


@on_sqlite
async def test_what_cannot_be_inspected_is_recorded_as_such(world: DomainWorld, decoders: DecoderPool) -> None:
    _, source_id, _ = await watching(world)
    world.platform.posts["1"] = post(1, b"", b"not a picture", registered(SEED)[0])
    video = Media("video:9", MediaKind.UNSUPPORTED)
    world.platform.posts["2"] = Post("2", "https://t.me/channel/2", START, (video,))
    await crawler(world, decoders).crawl(source_id)
    async with world.database.read() as session:
        rows = (await session.scalars(select(Inspection).order_by(Inspection.media_id))).all()
    assert [row.outcome for row in rows] == ["empty", "unsupported", "inspected", "unsupported"]
    assert len(await sightings(world)) == 1


@on_sqlite
async def test_failed_read_is_tried_again_then_recorded_and_passed(world: DomainWorld, decoders: DecoderPool) -> None:
    _, source_id, _ = await watching(world)
    world.platform.posts["1"] = post(1, registered(SEED)[0])
    world.platform.posts["2"] = post(2, registered(SEED)[1])
    bad = world.platform.posts["1"].media[0].id
    for crawl in range(3):
        world.platform.calls.clear()
        world.platform.errors = []
        read = world.platform.read

        async def failing(media: Media, *, max_bytes: int) -> bytes:
            if media.id != bad and isinstance(media.token, bytes):
                return media.token
            raise PlatformFault("timeout")

        world.platform.read = failing  # type: ignore[method-assign]  # a fake is changed, nothing of ours
        await crawler(world, decoders).crawl(source_id)
        world.platform.read = read  # type: ignore[method-assign]
        assert crawl < 3
    await crawler(world, decoders).crawl(source_id)
    async with world.database.read() as session:
        row = (await session.scalars(select(Inspection).where(Inspection.media_id == bad))).one()
        assert (row.outcome, row.tries) == ("read-failed", 3)
        source = await session.get_one(Source, source_id)
        assert (source.posts_seen, source.cursor, source.unavailable) == (2, "2", None)


async def test_withdrawn_consent_stops_the_next_read(world: DomainWorld, decoders: DecoderPool) -> None:
    case_id, source_id, consent_id = await watching(world)
    await crawler(world, decoders).crawl(source_id)
    async with world.database.begin() as session:
        await withdraw_consent(session, world.context, await lock_one(session, Case, case_id), consent_id)
    world.platform.calls.clear()
    await crawler(world, decoders).crawl(source_id)
    assert world.platform.calls == []


@pytest.mark.parametrize(
    ("error", "alert"),
    [
        (AccountStopped("session-revoked"), "account-stopped"),
        (SourceUnavailable("private"), "source-unavailable"),
        (RateLimited(900, "page"), None),
        (PlatformFault("http-503"), None),
        (DecoderUnavailable("closed"), None),
    ],
)
@on_sqlite
async def test_source_that_was_not_read_says_why(
    world: DomainWorld, decoders: DecoderPool, error: Exception, alert: str | None
) -> None:
    _, source_id, _ = await watching(world)
    world.platform.errors = [error]
    await crawler(world, decoders).crawl(source_id)
    async with world.database.read() as session:
        source = await session.get_one(Source, source_id)
        assert source.unavailable is not None
        assert source.read_at is None
        assert await session.scalar(select(Alert.kind)) == alert


async def test_known_link_is_read_once_and_joins_the_watch(world: DomainWorld, decoders: DecoderPool) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        link = await enter_link(session, world.context, case, url="https://t.me/channel/5", kind=PictureKind.FAKED)
    world.platform.posts["5"] = post(5, registered(SEED)[1])
    for _ in range(2):
        await link_reader(world, decoders).read_link(link.id)
    async with world.database.read() as session:
        assert (await session.get_one(KnownLink, link.id)).state == "read"
        origins = (await session.scalars(select(Fingerprint.origin))).all()
    assert origins == ["link"]
    (found,) = await sightings(world)
    assert (found.verdict, found.kind, found.state) == ("review", "faked", "open")


@on_sqlite
async def test_flat_picture_behind_a_link_does_not_join_and_says_so(world: DomainWorld, decoders: DecoderPool) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        link = await enter_link(session, world.context, case, url="https://t.me/channel/5", kind=PictureKind.FAKED)
    world.platform.posts["5"] = post(5, encoded(Image.new("RGB", (640, 480))))
    await link_reader(world, decoders).read_link(link.id)
    async with world.database.read() as session:
        row = await session.get_one(KnownLink, link.id)
        assert (row.state, row.reason) == ("read", "too-plain")
        assert (await session.scalars(select(Fingerprint))).all() == []
    assert len(await sightings(world)) == 1
