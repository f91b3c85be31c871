"""A stopped account is a state of the account: few calls, whatever the number of its sources, and healed by the first
that is answered. What it must wait for is its own, not the platform's."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models.sources import Cooldown, Source
from monitor.core.errors import AccountStopped, PlatformFault, RateLimited, WorkStopped
from monitor.core.leave import asking
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.platforms.base import MemoryCooldowns, PlatformName, Stop
from monitor.platforms.stops import FIRST_PAUSE, LONGEST_PAUSE, pause
from monitor.sources.cooldowns import StoredCooldowns
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, domain_world
from tests.support.platform_readers import Readers, TelegramReaders, telegram_readers
from tests.support.telegram_adapter import LONG_AGO, ref, stage
from tests.support.x_parts import make_x
from tests.support.x_troubles import FaultKind, TroubledXDouble, TroubledXWorld

ALWAYS = 1_000_000
SOURCES = 6
HALF_A_DAY = 48


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def watching(here: TelegramReaders, count: int = SOURCES) -> None:
    """So many channels, read once."""
    names = [f"channel_{number}" for number in range(count)]
    for name in names:
        here.double.channel(name)
    await here.watch(PlatformName.TELEGRAM, names)
    await here.crawl()
    here.double.calls.clear()


def test_pauses_double_from_a_quarter_of_an_hour_to_a_day() -> None:
    assert [pause(tries) for tries in (0, 1, 2)] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pause(7) == pause(1000) == LONGEST_PAUSE == timedelta(days=1)


@pytest.mark.parametrize(
    ("error", "code"),
    [("AUTH_KEY_UNREGISTERED", 401), ("USER_DEACTIVATED_BAN", 401), ("FROZEN_PARTICIPANT_MISSING", 400)],
)
@on_sqlite
async def test_stopped_telegram_account_is_asked_seldom_for_all_its_sources(
    world: DomainWorld, decoders: DecoderPool, error: str, code: int
) -> None:
    async with telegram_readers(world, decoders) as here:
        await watching(here)
        here.double.fault("messages.getHistory", error, code, times=ALWAYS)
        for _ in range(2):
            await here.crawl(HALF_A_DAY // 2)
            here.log_in(here.session)  # the program starts again: nothing is forgotten
        asked = here.double.count("messages.getHistory")
        assert asked == 6, "at once, and after 15 minutes, half an hour, one hour, two and four hours"
        reason = error.lower().replace("_", "-")
        assert await here.alerts() == [("account-stopped", "telegram", reason)]
        assert {source.unavailable for source in await here.sources()} == {reason}


async def test_stop_outlives_the_process_and_the_first_answer_heals_it(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        await watching(here, 3)
        here.double.fault("messages.getHistory", "AUTH_KEY_UNREGISTERED", 401, times=2)
        await here.crawl()  # at 0: stopped
        here.log_in(here.session)
        await here.crawl()  # at 15: the probe is refused too
        await here.crawl()  # at 30: nobody asks
        assert here.double.count("messages.getHistory") == 2
        await here.crawl()  # at 45: the probe is answered, and then everybody asks
        assert here.double.count("messages.getHistory") == 2 + 3
        assert await here.alerts() == []
        assert {source.unavailable for source in await here.sources()} == {None}
        here.double.fault("messages.getHistory", "AUTH_KEY_UNREGISTERED", 401)
        await here.crawl(2)  # the pauses begin anew
        assert here.double.count("messages.getHistory") == 5 + 1 + 3


@on_sqlite
async def test_account_that_is_let_in_again_is_healed_by_a_no_to_one_source(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with telegram_readers(world, decoders) as here:
        await watching(here, 3)
        here.double.fault("messages.getHistory", "SESSION_REVOKED", 401)
        await here.crawl()
        first = here.double.named("channel_0")
        here.double.make_private(first)
        await here.crawl()
        assert [source.unavailable for source in await here.sources()] == ["private", None, None]
        assert [kind for kind, _, _ in await here.alerts()] == ["source-unavailable"]


async def test_work_that_is_stopped_uses_up_no_probe() -> None:
    async def no_leave() -> bool:
        return False

    async with stage() as play:
        channel, telegram = play.world.channel("channel_1"), play.telegram()
        due = Stop("auth-key-unregistered", 3, play.clock.now() - timedelta(seconds=1))
        await play.cooldowns.set_stop(due)
        with asking(no_leave), pytest.raises(WorkStopped):
            await telegram.page(ref(channel), None, since=LONG_AGO)
        assert await play.cooldowns.stop() == due
        await telegram.page(ref(channel), None, since=LONG_AGO)
        assert await play.cooldowns.stop() is None


@pytest.mark.parametrize("trouble", [FaultKind.CREDITS, None])
@on_sqlite
async def test_x_without_credit_or_token_is_asked_seldom(
    world: DomainWorld, decoders: DecoderPool, trouble: FaultKind | None
) -> None:
    clock: Any = world.clock
    xs = TroubledXWorld(now=world.clock.now)
    async with TroubledXDouble(xs) as double:
        here, names = Readers(world, decoders), [f"account_{number}" for number in range(SOURCES)]
        for name in names:
            xs.account(name)
        await here.watch(PlatformName.X, names)
        bearer = "test-bearer" if trouble else "renewed elsewhere"
        if trouble:
            xs.fail("/2/", trouble, times=ALWAYS)
        for _ in range(2):
            x = make_x(double, bearer=bearer, clock=clock, cooldowns=StoredCooldowns(world.database, "x:one"))
            here.use(x)
            await here.crawl(8)
            await x.close()
        assert len(xs.calls) == 5, "at 0, 15, 45, 105 and 225 minutes"
        assert [(kind, subject) for kind, subject, _ in await here.alerts()] == [("account-stopped", "x")]
        xs.faults.clear()
        x = make_x(double, clock=clock, cooldowns=StoredCooldowns(world.database, "x:one"))
        here.use(x)
        world.clock.move(days=1)
        await here.crawl()
        assert await here.alerts() == []
        assert {source.unavailable for source in await here.sources()} == {None}
        await x.close()


@on_sqlite
async def test_fresh_account_inherits_no_wait_and_no_stop(world: DomainWorld, decoders: DecoderPool) -> None:
    async with telegram_readers(world, decoders) as here:
        await watching(here, 1)
        channel = ref(here.double.named("channel_0"))
        old = here.session
        here.double.fault("messages.getHistory", "FLOOD_WAIT_50000", 420)
        with pytest.raises(RateLimited):
            await here.telegram.page(channel, "0", since=LONG_AGO)
        for session, api_id in ((None, 1), (old, 2)):
            await here.log_in(session, api_id).page(channel, "0", since=LONG_AGO)
        with pytest.raises(RateLimited):
            await here.log_in(old).page(channel, "0", since=LONG_AGO)
        world.clock.move(days=1)
        here.double.fault("messages.getHistory", "USER_DEACTIVATED", 401)
        with pytest.raises(AccountStopped):
            await here.telegram.page(channel, "0", since=LONG_AGO)
        await here.log_in().page(channel, "0", since=LONG_AGO)
        with pytest.raises(AccountStopped):
            await here.log_in(old).page(channel, "0", since=LONG_AGO)


async def test_wait_that_an_earlier_version_kept_is_the_accounts_that_read(world: DomainWorld) -> None:
    until = world.clock.now() + timedelta(hours=15)
    async with world.database.begin() as session:
        session.add(Cooldown(account="telegram", method="contacts.resolveUsername", until=until))
        session.add(Source(platform="telegram", handle="one", account="telegram:old", posts_seen=0, added_at=until))
    fresh = StoredCooldowns(world.database, "telegram:new/1", login="telegram:new")
    assert await fresh.until("contacts.resolveUsername") is None
    for _ in range(2):
        mine = StoredCooldowns(world.database, "telegram:old/1", login="telegram:old")
        assert await mine.until("contacts.resolveUsername") == until
    async with world.database.read() as session:
        assert (await session.scalars(select(Cooldown.account))).all() == ["telegram:old/1"]


@pytest.mark.parametrize("error", ["USER_MIGRATE_4", "PHONE_MIGRATE_4", "NETWORK_MIGRATE_4"])
async def test_login_that_lives_in_another_data_centre_stops_the_account(error: str) -> None:
    async with stage() as play:
        channel = play.world.channel("source_one")
        telegram = play.telegram()
        await telegram.page(ref(channel), "0", since=LONG_AGO)
        keys = len(play.world.auth_keys)
        play.world.fault("messages.getHistory", error, 303)
        with pytest.raises(AccountStopped, match="login-moved"):
            await telegram.page(ref(channel), "0", since=LONG_AGO)
        assert len(play.world.auth_keys) == keys, "Telethon throws the login away and makes a key that nobody knows"
        # Once it is let in again, with the very login that it had.
        again = play.telegram(cooldowns=MemoryCooldowns())
        assert (await again.page(ref(channel), "0", since=LONG_AGO)).posts == ()


@on_sqlite
async def test_network_that_is_down_stops_no_account(world: DomainWorld, decoders: DecoderPool) -> None:
    async with telegram_readers(world, decoders) as here:
        await watching(here, 1)
        await here.telegram.close()
        port = here.play.double.port
        await here.play.double.__aexit__()
        with pytest.raises(PlatformFault):
            await here.telegram.page(ref(here.double.named("channel_0")), "0", since=LONG_AGO)
        here.play.double.port = port
        assert await here.alerts() == []
