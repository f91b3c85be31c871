"""Fixtures of the tests about what sources showed: the domain without the application."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.domain_world import DomainWorld, domain_world


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    """The domain on a real database: the test runs once on each kind."""
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def sqlite_world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    """The same on SQLite only, for what no database changes."""
    async with domain_world(prepared_sqlite_url, tmp_path) as made:
        yield made
