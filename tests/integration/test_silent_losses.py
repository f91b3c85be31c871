"""No fault of a host, of one post or of our own loses a post or stops a source in silence."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from telethon.tl import types as t

from db.models.sightings import Sighting
from db.models.sources import Alert, Inspection, Source
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.demo.world.pictures import registered
from monitor.demo.x.world import Account
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.crawl import Crawler
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import MediaKind, PlatformName, SourceRef
from monitor.platforms.telegram.parsing import to_post_or_rest as telegram_post
from monitor.platforms.x.adapter import X
from monitor.platforms.x.parsing import to_post_or_rest as x_post
from monitor.sources.accounts import Accounts
from tests.support.databases import on_sqlite
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_case
from tests.support.scenes import jpeg, scene
from tests.support.x_parts import make_x
from tests.support.x_troubles import FaultKind, TroubledXDouble, TroubledXWorld

SEED = 1
COPY = registered(SEED)[0]
ALWAYS = 1_000_000


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


class Watched:
    """One account on a double of X that a case watches, and a worker that reads it."""

    def __init__(self, world: DomainWorld, xs: TroubledXWorld, x: X, account: Account, decoders: DecoderPool) -> None:
        self.world, self.xs, self.account, self.source_id = world, xs, account, ""
        self.x, self._decoders = x, decoders
        self.restart()

    def restart(self) -> None:
        """A new process: nothing is remembered but what the database holds."""
        world, accounts = self.world, Accounts({PlatformName.X: self.x}, self.world.database.url)
        self._crawler = Crawler(
            world.database,
            world.context,
            accounts,
            self._decoders,
            first_look=timedelta(days=7),
            max_media_bytes=20_000_000,
        )

    def post(self, *pictures: bytes, text: str = "text", ago: timedelta = timedelta(hours=1)) -> str:
        """A post with these photos; its id."""
        return self.xs.post(self.account, text, pictures, at=self.world.clock.now() - ago).id

    async def crawl(self, slots: int = 1) -> int:
        """Quarter after quarter of an hour; how many media were asked for."""
        before = len(self.xs.calls)
        for _ in range(slots):
            self.world.clock.move(minutes=15)
            await self._crawler.crawl(self.source_id)
        return sum(call.path.startswith("/media") for call in self.xs.calls[before:])

    async def source(self, session: AsyncSession) -> Source:
        return await session.get_one(Source, self.source_id)


@asynccontextmanager
async def watched(world: DomainWorld, decoders: DecoderPool, *, patience: float = 60.0) -> AsyncIterator[Watched]:
    picture = hash_picture(COPY).whole
    xs = TroubledXWorld(now=world.clock.now)
    async with TroubledXDouble(xs) as double:
        x = make_x(double, clock=world.clock, timeout=patience)  # type: ignore[arg-type]  # a clock that tests move
        made = Watched(world, xs, x, xs.account("someone"), decoders)
        async with world.database.begin() as session:
            case = await make_case(session, world.context, await make_advocate(session))
            await add_fingerprint(
                session, world.context, case, pdq=picture.hex, quality=picture.quality, kind=PictureKind.INTIMATE
            )
            (consent,) = await give_consent(
                session, world.context, case, platform=PlatformName.X, source="someone", purposes=[Purpose.WATCH]
            )
            made.source_id = consent.source_id
        try:
            yield made
        finally:
            await x.close()


async def found(world: DomainWorld) -> set[str]:
    async with world.database.read() as session:
        return set((await session.scalars(select(Sighting.post_id))).all())


async def alerts(world: DomainWorld) -> list[tuple[str, str]]:
    async with world.database.read() as session:
        rows = (await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))).all()
    return sorted((row.kind, row.reason) for row in rows)


@pytest.mark.parametrize("fault", [FaultKind.UNAVAILABLE, FaultKind.CUT])
async def test_media_host_that_is_down_for_an_hour_loses_nothing(
    world: DomainWorld, decoders: DecoderPool, fault: FaultKind
) -> None:
    async with watched(world, decoders) as here:
        copies = {here.post(COPY) for _ in range(5)}
        here.xs.fail("/media", fault, times=ALWAYS)
        await here.crawl()
        assert await alerts(world) == []  # once may be anything
        await here.crawl(3)
        assert await alerts(world) == [("source-unavailable", "MediaHostDown")]
        async with world.database.read() as session:
            source = await here.source(session)
            assert (source.cursor, source.unavailable, source.read_at) == (None, "MediaHostDown", None)
            rows = (await session.scalars(select(Inspection))).all()
        assert {row.tries for row in rows} == {0}
        here.xs.faults.clear()
        await here.crawl()
        assert await found(world) == copies
        assert await alerts(world) == []


@on_sqlite
async def test_silent_host_is_asked_for_few_media_and_not_for_all(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        for number in range(30):
            here.post(jpeg(scene(number)))
        here.xs.fail("/media", FaultKind.UNAVAILABLE, times=ALWAYS)
        assert await here.crawl() == 4


@on_sqlite
async def test_first_look_behind_a_wall_of_five_days_is_whole(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        copies = {here.post(COPY, ago=timedelta(days=6, hours=20 - number)) for number in range(8)}
        here.xs.fail("/media", FaultKind.UNAVAILABLE, times=ALWAYS)
        for day in range(5):
            await here.crawl(2)
            world.clock.move(days=1)
            if day % 2:
                here.restart()
        here.xs.faults.clear()
        await here.crawl(2)
        assert await found(world) == copies


@on_sqlite
async def test_outage_after_media_were_read_costs_no_tries(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        here.post(jpeg(scene(1)))
        await here.crawl()
        copy = here.post(COPY, ago=timedelta())
        here.xs.fail("/media", FaultKind.UNAVAILABLE, times=ALWAYS)
        await here.crawl(12)
        here.restart()
        await here.crawl(12)
        here.xs.faults.clear()
        await here.crawl()
        assert await found(world) == {copy}


@on_sqlite
async def test_bad_files_stop_no_source_and_blame_no_host(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        bad = [here.post(jpeg(scene(number)), ago=timedelta(hours=3)) for number in range(4)]
        for post_id in bad:
            (medium,) = here.xs.posts[post_id].media
            here.xs.fail(f"/media/{medium.name}", FaultKind.UNAVAILABLE, times=ALWAYS)
        copy = here.post(COPY)
        await here.crawl()
        assert await found(world) == {copy}
        await here.crawl(3)
        async with world.database.read() as session:
            source = await here.source(session)
            assert (source.unavailable, source.posts_seen) == (None, 5)
            rows = (await session.scalars(select(Inspection).where(Inspection.post_id.in_(bad)))).all()
        assert {(row.outcome, row.tries) for row in rows} == {("read-failed", 3)}
        assert await alerts(world) == []


@on_sqlite
async def test_host_that_never_comes_back_ends_as_not_inspected(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        here.post(COPY)
        here.xs.fail("/media", FaultKind.UNAVAILABLE, times=ALWAYS)
        for _ in range(9):
            await here.crawl()
            world.clock.move(days=1)
        async with world.database.read() as session:
            row = (await session.scalars(select(Inspection))).one()
            assert (row.outcome, row.tries) == ("read-failed", 3)
            assert (await here.source(session)).unavailable is None
        here.xs.faults.clear()
        copy = here.post(COPY)
        await here.crawl()
        assert await found(world) == {copy}


@on_sqlite
async def test_half_a_character_in_a_text_costs_nothing(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        copies = {here.post(COPY, text="half \ud83d of one"), here.post(COPY)}
        await here.crawl()
        assert await found(world) == copies


@pytest.mark.parametrize("error", [ValueError("a caption"), KeyError("caption"), RecursionError()])
@on_sqlite
async def test_unforeseen_exception_marks_the_source_alerts_and_later_slots_go_on(
    world: DomainWorld, decoders: DecoderPool, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    caplog.set_level(logging.INFO)
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        (consent,) = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=[Purpose.WATCH]
        )
    reader = Crawler(
        world.database, world.context, world.accounts, decoders, first_look=timedelta(days=7), max_media_bytes=1000
    )
    await reader.crawl(consent.source_id)
    world.platform.errors = [error]
    await reader.crawl(consent.source_id)
    async with world.database.read() as session:
        assert (await session.get_one(Source, consent.source_id)).unavailable == type(error).__name__
    assert await alerts(world) == [("source-unavailable", type(error).__name__)]
    assert "caption" not in " ".join(record.getMessage() for record in caplog.records)
    await reader.crawl(consent.source_id)
    async with world.database.read() as session:
        assert (await session.get_one(Source, consent.source_id)).unavailable is None
    assert await alerts(world) == []


@on_sqlite
async def test_medium_that_breaks_the_reader_costs_itself(world: DomainWorld, decoders: DecoderPool) -> None:
    async with watched(world, decoders) as here:
        broken, copy = here.post(jpeg(scene(1))), here.post(COPY)
        read = here.x.read

        async def breaking(media: object, *, max_bytes: int) -> bytes:
            if getattr(media, "id", "") == here.xs.posts[broken].media[0].key:
                raise ValueError("nobody foresaw this")
            return await read(media, max_bytes=max_bytes)  # type: ignore[arg-type]

        here.x.read = breaking  # type: ignore[method-assign]  # what a library may do, no rule of ours
        await here.crawl()
        assert await found(world) == {copy}
        async with world.database.read() as session:
            row = (await session.scalars(select(Inspection).where(Inspection.post_id == broken))).one()
            assert row.outcome == "failed"
            assert (await here.source(session)).unavailable is None


def test_post_that_cannot_be_read_costs_itself() -> None:
    telegram = t.Message(id=7, peer_id=t.PeerChannel(1), date=START, message="half \ud83d")
    ref = SourceRef(PlatformName.TELEGRAM, "channel", "1", "2")
    posts = [
        telegram_post(telegram, ref, username="channel"),
        x_post({"id": "1990000000000000000", "attachments": {"media_keys": ["3_1"]}}, {}, handle="someone"),
    ]
    assert [[medium.kind for medium in post.media] for post in posts] == [[MediaKind.UNSUPPORTED]] * 2
    assert [post.posted_at.year for post in posts] == [2026, 2025]
