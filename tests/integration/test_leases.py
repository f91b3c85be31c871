"""The right to use an account is the database's own: who waits in another one of the same server waits for another."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import URL

from monitor.sources.leases import PostgresLease
from tests.support.postgres import fresh_database
from tests.support.waiting import until


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
