"""Fixtures of the integration tests."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from monitor.fingerprints.decoder.pool import DecoderPool
from tests.support.api_world import ApiWorld, api_world


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The real application on a real database: the test runs once on each kind."""
    async with api_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def sqlite_world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The same on SQLite only, for what no database changes."""
    async with api_world(prepared_sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def decoders() -> Iterator[DecoderPool]:
    """One decoder for the whole run: starting one takes longer than a hundred pictures."""
    pool = DecoderPool(1)
    yield pool
    asyncio.run(pool.close())
