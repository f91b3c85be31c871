"""The right to use an account is the database's own, and kept with the connection until another process asks."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from monitor.platforms.base import PlatformName
from monitor.sources.accounts import Accounts
from monitor.sources.leases import LOOK_SECONDS, PostgresLease
from tests.support.postgres import fresh_database
from tests.support.telegram_adapter import LONG_AGO, PICTURE, ref, stage
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def other_postgres_url(postgres_server: URL) -> Iterator[str]:
    """Another database of the same server."""
    with fresh_database(postgres_server) as url:
        yield url


async def test_who_waits_in_another_database_of_the_server_waits_for_another_account(
    postgres_url: str, other_postgres_url: str
) -> None:
    first, second, elsewhere = (PostgresLease(url) for url in (postgres_url, postgres_url, other_postgres_url))

    async def wait_and_let_go() -> None:
        async with second.hold("telegram"):
            pass

    async with first.hold("telegram"):
        waiting = asyncio.create_task(wait_and_let_go())
        await until(lambda: first.wanted("telegram"))
        # The lock is another one there: it is free, and nobody asks for it.
        async with elsewhere.hold("telegram"):
            assert not await elsewhere.wanted("telegram")
        assert not await first.wanted("x")
    await waiting
    assert not await first.wanted("telegram")


class Line:
    """Stands for a connection to a platform: made at the first use, open until it is closed."""

    name = PlatformName.TELEGRAM
    account = "telegram:one"

    def __init__(self, open_lines: list["Line"]) -> None:
        self.connected, self.made, self._open = False, 0, open_lines

    def connect(self) -> None:
        if not self.connected:
            self.connected, self.made = True, self.made + 1
            self._open.append(self)
            assert self._open == [self], "Telegram revokes a login that is used from two places"

    async def close(self) -> None:
        if self.connected:
            self.connected = False
            self._open.remove(self)


def worker(url: str, line: Line) -> Accounts:
    """As another process has one."""
    return Accounts({PlatformName.TELEGRAM: line}, url)  # type: ignore[dict-item]  # nothing else of it is used


async def use(accounts: Accounts, line: Line) -> None:
    async with accounts.use("telegram"):
        line.connect()
        await asyncio.sleep(0)


@pytest.mark.parametrize("url_of", ["sqlite_url", "postgres_url"])
async def test_connection_is_kept_from_crawl_to_crawl_and_the_login_carried_over_once(
    request: pytest.FixtureRequest, url_of: str
) -> None:
    url = request.getfixturevalue(url_of)
    async with stage() as play:
        channel = play.world.channel("source_one")
        picture = play.world.photo({"y": (1280, 960, PICTURE)}, dc_id=4)
        play.world.post(channel, "x", picture)
        telegram = play.telegram()
        accounts = Accounts({PlatformName.TELEGRAM: telegram}, url)
        for _ in range(5):
            async with accounts.use("telegram") as platform:
                page = await platform.page(ref(channel), "0", since=LONG_AGO)
                assert await platform.read(page.posts[0].media[0], max_bytes=10**6) == PICTURE
        assert telegram.connected
        assert play.world.count("auth.exportAuthorization") == 1
        assert play.world.count("help.getConfig") <= 2
        await accounts.close()
        assert not telegram.connected


async def test_kept_account_is_handed_over_when_another_process_asks_and_at_the_end(postgres_url: str) -> None:
    open_lines: list[Line] = []
    first_line, second_line = Line(open_lines), Line(open_lines)
    first, second = worker(postgres_url, first_line), worker(postgres_url, second_line)
    await use(first, first_line)
    await asyncio.sleep(3 * LOOK_SECONDS)
    assert first_line.connected, "nobody asks"
    await use(second, second_line)
    assert (first_line.connected, second_line.connected) == (False, True)
    await second.close()
    assert not second_line.connected
    await use(first, first_line)
    assert first_line.made == 2
    await first.close()


async def test_two_busy_processes_have_the_account_in_turn(postgres_url: str) -> None:
    open_lines: list[Line] = []
    order: list[int] = []

    async def work(number: int) -> None:
        line = Line(open_lines)
        accounts = worker(postgres_url, line)

        async def one() -> None:
            async with accounts.use("telegram"):
                line.connect()
                order.append(number)
                await asyncio.sleep(0.05)

        await asyncio.gather(*(one() for _ in range(6)))
        await accounts.close()

    await asyncio.gather(work(1), work(2))
    assert sorted(order) == [1] * 6 + [2] * 6
    assert len(set(order[:4])) == 2, "neither waits until the other one has done everything"


def lose_locks(url: str) -> None:
    """Every connection to the database breaks."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


async def test_lock_that_was_lost_closes_the_connection(postgres_url: str) -> None:
    line = Line([])
    accounts = worker(postgres_url, line)
    await use(accounts, line)
    lose_locks(postgres_url)
    await until(lambda: not line.connected)
    await use(accounts, line)
    assert line.made == 2
    await accounts.close()


async def test_lock_that_is_lost_in_the_middle_of_a_crawl_is_noticed_at_the_next_medium(postgres_url: str) -> None:
    """Else two processes would use one login at once, to the crawl's end, and Telegram ends it."""
    line = Line([])
    accounts = worker(postgres_url, line)
    async with accounts.use("telegram") as platform:
        line.connect()
        await accounts.give_way(platform)
        assert line.connected, "nobody asks"
        lose_locks(postgres_url)
        await accounts.give_way(platform)
        assert not line.connected
        other = PostgresLease(postgres_url)
        waiting = asyncio.create_task(_hold_once(other))
        await until(lambda: accounts._lease.wanted("telegram:one"))
        assert not waiting.done(), "it was taken again"
    await waiting
    await accounts.close()
    await other.close()


async def _hold_once(lease: PostgresLease) -> None:
    async with lease.hold("telegram:one"):
        pass


async def test_process_that_dies_leaves_the_account_to_the_next(postgres_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KEEPS, postgres_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"kept\n"
    process.kill()
    await process.wait()
    line = Line([])
    accounts = worker(postgres_url, line)
    async with asyncio.timeout(60):
        await use(accounts, line)
    await accounts.close()


_KEEPS = """
import asyncio, sys, time
from tests.integration.test_leases import Line, use, worker
async def main():
    line = Line([])
    accounts = worker(sys.argv[1], line)
    await use(accounts, line)
    print("kept", flush=True)
    time.sleep(600)  # it does not even look whether somebody asks
asyncio.run(main())
"""


async def test_process_knows_that_another_one_has_the_account(postgres_url: str) -> None:
    open_lines: list[Line] = []
    lines = [Line(open_lines), Line(open_lines)]
    first, second = (worker(postgres_url, line) for line in lines)

    async def elsewhere() -> tuple[bool, bool]:
        return await asyncio.to_thread(first.held_elsewhere), await asyncio.to_thread(second.held_elsewhere)

    assert await elsewhere() == (False, False)
    await use(first, lines[0])
    assert await elsewhere() == (False, True)
    await use(second, lines[1])
    assert await elsewhere() == (True, False)
    await second.close()
    # PostgreSQL lets go when it notices that the connection ended, not when it is ended here.
    async with asyncio.timeout(30):
        while await elsewhere() != (False, False):  # noqa: ASYNC110 - what is asked is a database
            await asyncio.sleep(0.05)
    for one in (first, second):
        await one.close()
