"""Fixtures of the tests about what sources showed: a desk in place of the application."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desk_world import DeskWorld, desk_world


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    """A desk on a real database: the test runs once on each kind."""
    async with desk_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def sqlite_world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    """The same on SQLite only, for what no database changes."""
    async with desk_world(prepared_sqlite_url, tmp_path) as made:
        yield made
