"""Names are looked up seldom: a dead one with growing pauses, many over days, and none that the account knows."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from db.models.cases import Case, KnownLink
from db.models.sources import Source, SourceAccess
from monitor.cases.links import enter_link
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import PictureKind
from monitor.platforms.base import PlatformName
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from monitor.sources.names import AT_ONCE, AT_ONCE_FOR_PEOPLE, EVERY
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, domain_world
from tests.support.platform_readers import Readers, telegram_readers
from tests.support.x_parts import make_x
from tests.support.x_troubles import TroubledXDouble, TroubledXWorld

RESOLVE = "contacts.resolveUsername"


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def test_dead_name_is_asked_again_with_growing_pauses_and_heals(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        await here.watch(PlatformName.TELEGRAM, ["nobody"])
        for _ in range(2):
            await here.crawl(24)
            here.log_in(here.session)  # the program starts again
        assert here.double.count(RESOLVE) == 6, "at 0, 15, 45 minutes and so on; it was 48 times in twelve hours"
        assert await here.alerts() == [("source-unavailable", here.source_ids[0], "gone")]
        here.double.channel("nobody")
        world.clock.move(days=1)
        await here.crawl(4)
        assert here.double.count(RESOLVE) == 7
        assert await here.alerts() == []
        (source,) = await here.sources()
        assert (source.name_trouble, source.name_tries, source.unavailable) == (None, 0, None)


@on_sqlite
async def test_name_that_another_channel_took_is_asked_again_with_growing_pauses(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        old, new = here.double.channel("channel_one"), here.double.channel("channel_other")
        await here.watch(PlatformName.TELEGRAM, ["channel_one"])
        await here.crawl()
        here.double.hand_username(old, new)
        here.log_in()
        here.double.calls.clear()
        await here.crawl(24)
        assert here.double.count(RESOLVE) == 5
        assert [source.unavailable for source in await here.sources()] == ["renamed"]


@on_sqlite
async def test_person_who_says_yes_to_a_dead_name_or_enters_a_link_has_it_asked_at_once(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        await here.watch(PlatformName.TELEGRAM, ["nobody"])
        await here.crawl(10)
        asked = here.double.count(RESOLVE)
        await here.crawl_for_person(here.source_ids[0])
        assert here.double.count(RESOLVE) == asked + 1
        await here.crawl_for_person(here.source_ids[0])
        assert here.double.count(RESOLVE) == asked + 1, "it was asked this very minute"
        world.clock.move(minutes=5)
        channel = here.double.channel("nobody")
        post = here.double.post(channel, "text", here.play.picture())
        async with world.database.begin() as session:
            case = await session.get_one(Case, here.case_id)
            url = f"https://t.me/nobody/{post.id}"
            link = await enter_link(session, world.context, case, url=url, kind=PictureKind.FAKED)
        accounts = Accounts({here.telegram.name: here.telegram}, world.database.url)
        reader = LinkReader(world.database, world.context, accounts, MediaReader(decoders, 20_000_000))
        await reader.read_link(link.id)
        assert here.double.count(RESOLVE) == asked + 2
        async with world.database.read() as session:
            assert (await session.get_one(KnownLink, link.id)).reason != "SourceUnavailable"
        (source,) = await here.sources()
        assert (source.name_trouble, source.remote_id) == (None, str(channel.id))


@on_sqlite
async def test_new_login_looks_names_up_over_days_and_reads_what_it_knows(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        names = [f"channel_{number}" for number in range(AT_ONCE + 15)]
        for name in names:
            here.double.channel(name)
        await here.watch(PlatformName.TELEGRAM, names)
        await here.crawl()
        assert here.double.count(RESOLVE) == AT_ONCE
        await here.crawl()
        assert here.double.count(RESOLVE) == AT_ONCE + 1
        here.log_in(here.session)  # a restart gives nothing extra
        await here.crawl(4)
        assert here.double.count(RESOLVE) - AT_ONCE == timedelta(minutes=75) // EVERY
        waiting = [source for source in await here.sources() if source.remote_id is None]
        assert {source.unavailable for source in waiting} == {"RateLimited"}
        assert await here.alerts() == []
        for source in waiting:
            await here.crawl_for_person(source.id)  # people who have just said yes go before
        assert [source for source in await here.sources() if source.remote_id is None] == []
    assert AT_ONCE_FOR_PEOPLE + timedelta(days=1) // EVERY < 200


async def test_account_that_comes_back_knows_its_channels(world: DomainWorld, decoders: DecoderPool) -> None:
    async with telegram_readers(world, decoders) as here:
        for name in ("channel_one", "channel_two"):
            here.double.channel(name)
        await here.watch(PlatformName.TELEGRAM, ["channel_one", "channel_two"])
        await here.crawl()
        first = here.session
        here.log_in()
        await here.crawl()
        assert here.double.count(RESOLVE) == 4
        here.log_in(first)
        await here.crawl()
        assert here.double.count(RESOLVE) == 4
        assert {source.unavailable for source in await here.sources()} == {None}


@on_sqlite
async def test_channel_that_the_account_does_not_know_any_more_is_looked_up_once_then_seldom(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        here.double.channel("channel_one")
        await here.watch(PlatformName.TELEGRAM, ["channel_one"])
        await here.crawl()
        here.double.fault("messages.getHistory", "CHANNEL_INVALID")
        await here.crawl(2)
        assert here.double.count(RESOLVE) == 2
        assert [source.unavailable for source in await here.sources()] == [None]
        here.double.fault("messages.getHistory", "CHANNEL_INVALID", times=1_000_000)
        here.double.calls.clear()
        await here.crawl(24)
        assert 3 <= here.double.count(RESOLVE) <= 6


@on_sqlite
async def test_what_the_login_knew_before_this_version_is_kept(world: DomainWorld, decoders: DecoderPool) -> None:
    async with telegram_readers(world, decoders) as here:
        here.double.channel("channel_one")
        await here.watch(PlatformName.TELEGRAM, ["channel_one"])
        await here.crawl()
        async with world.database.begin() as session:
            await session.execute(delete(SourceAccess))
        await here.crawl()
        assert here.double.count(RESOLVE) == 1
        async with world.database.read() as session:
            assert (await session.scalars(select(Source.account))).all() == [here.telegram.account]


@on_sqlite
async def test_renewed_token_of_x_looks_nobody_up_again(world: DomainWorld, decoders: DecoderPool) -> None:
    clock: Any = world.clock
    xs = TroubledXWorld(now=world.clock.now)
    async with TroubledXDouble(xs) as double:
        here = Readers(world, decoders)
        xs.account("someone")
        await here.watch(PlatformName.X, ["someone"])
        for bearer in ("test-bearer", "renewed"):
            xs.bearer = bearer
            x = make_x(double, bearer=bearer, clock=clock)
            here.use(x)
            await here.crawl()
            await x.close()
        assert sum(call.path.startswith("/2/users/by/") for call in xs.calls) == 1, "each costs money"
        assert [source.unavailable for source in await here.sources()] == [None]
