"""Which databases a test of the parametrised worlds runs on; what decides stands in tests/conftest.py."""

import pytest

on_sqlite = pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
"""On SQLite alone: what the test is about stands above the database."""
on_postgresql = pytest.mark.parametrize("prepared_url", ["postgresql"], indirect=True)
"""A test whose subject PostgreSQL alone minds: text that it cannot keep."""
