"""Waits, dead logins and cut connections: what the Telegram adapter makes of them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial

import pytest

from monitor.core.errors import AccountStopped, PlatformFault, RateLimited
from monitor.demo.telegram.double import TelegramDouble
from monitor.demo.telegram.key import TEST_PUBLIC_KEY_PEM
from tests.support.telegram_adapter import LONG_AGO, PICTURE, SetClock, Stage, ref, stage
from tests.support.telegram_troubles import Trouble


@pytest.fixture
async def play() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not happened():  # noqa: ASYNC110 - the double counts calls, it announces none
            await asyncio.sleep(0.01)


async def test_no_call_goes_out_during_a_wait_even_after_a_restart(play: Stage):
    channel = play.world.channel("source_one")
    play.clock = SetClock()
    telegram = play.telegram()
    play.world.fault("messages.getHistory", "FLOOD_WAIT_900", 420)
    with pytest.raises(RateLimited) as caught:
        await telegram.page(ref(channel), "0", since=LONG_AGO)
    assert (caught.value.retry_after, caught.value.method) == (900, "messages.getHistory")
    asked = play.world.count("messages.getHistory")
    later = SetClock(moment=play.clock.moment + timedelta(seconds=890))
    for adapter in (telegram, play.telegram(clock=later)):
        with pytest.raises(RateLimited) as caught:
            await adapter.page(ref(channel), "0", since=LONG_AGO)
    assert caught.value.retry_after == pytest.approx(10)
    assert play.world.count("messages.getHistory") == asked
    over = play.telegram(clock=SetClock(moment=play.clock.moment + timedelta(seconds=901)))
    assert (await over.page(ref(channel), "0", since=LONG_AGO)).posts == ()


async def test_wait_of_one_method_leaves_the_others_free(play: Stage):
    channel = play.world.channel("source_one")
    telegram = play.telegram()
    play.world.fault("contacts.resolveUsername", "FLOOD_WAIT_60000", 420)
    with pytest.raises(RateLimited):
        await telegram.resolve("source_one")
    assert (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts == ()


async def test_wait_during_a_download_is_remembered_too(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x", play.picture())
    telegram = play.telegram()
    media = (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts[0].media[0]
    play.world.fault("upload.getFile", "FLOOD_PREMIUM_WAIT_30", 420)
    for _ in range(2):
        with pytest.raises(RateLimited):
            await telegram.read(media, max_bytes=10**6)
    assert play.world.count("upload.getFile") == 1


async def test_wait_while_connecting_is_kept(play: Stage):
    play.world.fault("users.getUsers", "FLOOD_WAIT_60", 420)
    telegram = play.telegram()
    for _ in range(2):
        with pytest.raises(RateLimited):
            await telegram.check()
    assert play.world.count("users.getUsers") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("AUTH_KEY_UNREGISTERED", 401),
        ("SESSION_REVOKED", 401),
        ("USER_DEACTIVATED_BAN", 401),
        ("AUTH_KEY_DUPLICATED", 406),
        ("FROZEN_METHOD_INVALID", 420),
        ("FROZEN_PARTICIPANT_MISSING", 400),
    ],
)
async def test_dead_login_stops_the_account(play: Stage, error: str, code: int):
    channel = play.world.channel("source_one")
    play.world.fault("messages.getHistory", error, code)
    with pytest.raises(AccountStopped) as caught:
        await play.telegram().page(ref(channel), "0", since=LONG_AGO)
    assert caught.value.reason == error.lower().replace("_", "-")


async def test_login_ended_from_another_device_stops_the_account(play: Stage):
    play.world.revoke_logins()
    with pytest.raises(AccountStopped, match="auth-key-unregistered"):
        await play.telegram().check()


async def test_key_that_the_server_forgot_stops_the_account(play: Stage):
    play.world.auth_keys.clear()
    with pytest.raises(AccountStopped, match="auth-key-not-found"):
        await play.telegram().check()


async def test_cut_connection_is_made_anew_and_the_read_repeated(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x", play.picture())
    telegram = play.telegram()
    media = (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts[0].media[0]
    await play.double.cut_connections()
    assert len((await telegram.page(ref(channel), "0", since=LONG_AGO)).posts) == 1
    play.world.trouble("messages.getHistory", Trouble.CUT_BEFORE)
    assert len((await telegram.page(ref(channel), "0", since=LONG_AGO)).posts) == 1
    play.world.trouble("upload.getFile", Trouble.CUT_AFTER)
    assert await telegram.read(media, max_bytes=10**6) == PICTURE


async def test_download_goes_on_where_the_connection_was_cut(play: Stage):
    channel = play.world.channel("source_one")
    data = os.urandom(1_200_000)
    play.world.post(channel, "x", play.world.document(data, "image/png"))
    telegram = play.telegram()
    media = (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts[0].media[0]
    play.world.trouble("upload.getFile", Trouble.CUT_BEFORE, skip=1)
    assert await telegram.read(media, max_bytes=10**7) == data
    assert play.world.count("upload.getFile") == 4


async def test_connection_that_stays_cut_is_a_passing_fault(play: Stage):
    channel = play.world.channel("source_one")
    play.world.trouble("messages.getHistory", Trouble.CUT_BEFORE, times=2)
    telegram = play.telegram()
    with pytest.raises(PlatformFault):
        await telegram.page(ref(channel), "0", since=LONG_AGO)
    assert (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts == ()


async def test_silence_is_a_passing_fault(play: Stage):
    channel = play.world.channel("source_one")
    play.world.trouble("messages.getHistory", Trouble.SILENT)
    telegram = play.telegram(call_seconds=2)
    with pytest.raises(PlatformFault, match="no-answer"):
        await telegram.page(ref(channel), "0", since=LONG_AGO)
    assert (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts == ()


async def test_server_that_is_down_is_a_passing_fault(play: Stage):
    server = play.server()
    async with stage() as other:
        port = other.double.port
    telegram = play.telegram(server=type(server)("127.0.0.1", port, TEST_PUBLIC_KEY_PEM))
    with pytest.raises(PlatformFault, match="connect"):
        await telegram.check()


async def test_server_error_is_asked_once(play: Stage):
    channel = play.world.channel("source_one")
    play.world.fault("messages.getHistory", "INTERNAL", 500, times=9)
    with pytest.raises(PlatformFault):
        await play.telegram().page(ref(channel), "0", since=LONG_AGO)
    assert play.world.count("messages.getHistory") == 1


async def test_one_account_does_one_thing_at_a_time_for_many_tasks(play: Stage):
    channel = play.world.channel("source_one")
    for _ in range(20):
        play.world.post(channel, "x", play.picture())
    telegram = play.telegram()
    posts = (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts
    read = await asyncio.gather(*(telegram.read(post.media[0], max_bytes=10**6) for post in posts))
    assert read == [PICTURE] * 20
    assert play.world.count("help.getConfig") == 1


async def test_cancelled_task_leaves_the_connection_usable(play: Stage):
    channel = play.world.channel("source_one")
    telegram = play.telegram()
    play.world.trouble("messages.getHistory", Trouble.SILENT)
    task = asyncio.create_task(telegram.page(ref(channel), "0", since=LONG_AGO))
    await until(lambda: play.world.count("messages.getHistory") > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts == ()


CHILD = """
import asyncio, sys
from datetime import datetime, UTC
from monitor.core.clock import Clock
from monitor.platforms.base import MemoryCooldowns, PlatformName, SourceRef
from monitor.platforms.telegram.adapter import Telegram
from monitor.platforms.telegram.client import TelegramServer
from monitor.platforms.telegram.connection import TelegramConnection

async def main():
    port, session, number, access, key = int(sys.argv[1]), *sys.argv[2:]
    line = TelegramConnection(api_id=1, api_hash="x", session=session, cooldowns=MemoryCooldowns(), clock=Clock(),
                              server=TelegramServer("127.0.0.1", port, key))
    telegram = Telegram(line)
    source = SourceRef(PlatformName.TELEGRAM, "source_one", number, access)
    while True:
        page = await telegram.page(source, "0", since=datetime(2020, 1, 1, tzinfo=UTC))
        for post in page.posts:
            await telegram.read(post.media[0], max_bytes=10**7)

asyncio.run(main())
"""


def _more_than(play: Stage, files: int) -> bool:
    return play.world.count("upload.getFile") > files


async def test_session_outlives_a_restart_of_the_double(play: Stage):
    telegram = play.telegram()
    await telegram.check()
    async with TelegramDouble(play.world) as other:
        play.double.port = other.port
        again = play.telegram()
        assert await again.check()
        await again.close()
    assert await telegram.check()


async def test_double_survives_clients_killed_in_mid_sentence(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x", play.world.document(os.urandom(2_000_000), "image/png"))
    arguments = (str(play.double.port), play.session, str(channel.id), str(channel.access_hash), TEST_PUBLIC_KEY_PEM)
    for _ in range(3):
        asked = play.world.count("upload.getFile")
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, *arguments)
        await until(partial(_more_than, play, asked + 2))
        child.send_signal(signal.SIGKILL)
        await child.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", play.double.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n" + bytes(100))
    await writer.drain()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert len((await play.telegram().page(ref(channel), "0", since=LONG_AGO)).posts) == 1
